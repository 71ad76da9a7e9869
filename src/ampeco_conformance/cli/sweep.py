"""`./conform sweep`: deletes data left by aborted runs."""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from ampeco_conformance.cli.options import declared, target_options
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.http.cleanup import sweep
from ampeco_conformance.http.client_factory import connect
from ampeco_conformance.http.journal import JournalRecord, read_journals
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.plugin.option_table import REPORTS
from ampeco_conformance.plugin.target_options import TargetOptions
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Safety, Target
from ampeco_conformance.target.safety import SafetyPolicy

_SECONDS = {"m": 60, "h": 3600, "d": 86400}


@click.command(context_settings={"max_content_width": 110})
@target_options
@click.option("--older-than", metavar="AGE", help="Only data of runs older than this: 30m, 12h or 1d.")
@declared(replace(REPORTS, help="The reports folder of the runs, which has their journals."))
def command(target_options: TargetOptions, older_than: str | None, reports: Path) -> int:
    """Delete data that runs created on a tenant and could not delete: aborted runs, or refused deletions.

    Deletes only what the journal of a run lists and what has the run's name, and restores what a run changed and did
    not create, at safety level full. Runs that are in progress are skipped.
    """
    age = 0.0 if older_than is None else _seconds(older_than)
    # A pipeline sweeps after a run that did not begin, too.
    if not reports.is_dir() and reports != REPORTS.project_default:
        raise ConfigurationError(f"{reports} does not exist; name the reports folder of the runs with --reports")
    records = list(read_journals(reports))
    if not target_options.names_a_target:
        targets = ", ".join(sorted({str(record.head.get("target")) for record in records})) or "none"
        raise ConfigurationError(f"name the target with --tenant or --base-url; targets with leftovers: {targets}")
    target = target_options.resolve()
    left: dict[str, str] = {}
    elsewhere: set[str] = set()
    swept = 0
    for record in records:
        if record.torn:
            click.echo(f"{record.path}: {record.torn} incomplete lines were skipped", err=True)
        address = record.head.get("base_url")
        if address is None:
            left |= dict.fromkeys(record.contents, f"{record.path} has lost its first line, which names the target")
        elif address != target.base_url and record.contents:
            elsewhere.add(str(address))
        if address != target.base_url or time.time() - float(record.head.get("started_at", 0)) < age:
            continue
        if record.is_running:
            click.echo(f"Run {record.head.get('run')} is still in progress; skipped")
            continue
        if target.safety is Safety.READ_ONLY and (record.left or record.unknown or record.sought or record.shared):
            raise ConfigurationError(f"{target.name} is read-only; to delete what runs left, it needs safety own-data")
        count = len(record.left) + len(record.shared)
        remaining = sweep_record(record, target)
        swept += max(0, count - len(remaining))
        left |= remaining
    click.echo(f"Deleted or restored on {target.name}: {swept}; remaining: {len(left)}")
    for line in left_behind(left):
        click.echo(f"  {line}")
    if elsewhere:
        click.echo(f"Other journals are of {', '.join(sorted(elsewhere))}: name these targets to sweep them")
    return ExitCode.ENVIRONMENT if left else ExitCode.CONFORM


def left_behind(left: Mapping[str, str]) -> Iterator[str]:
    """What remains, by path, and why: a line for each collection and reason, such as `/taxes/3, 5 (in use)`."""
    alike: dict[tuple[str, str], list[str]] = {}
    for path, reason in left.items():
        collection, _, own = path.rpartition("/")
        alike.setdefault((collection, reason), []).append(own)
    for (collection, reason), names in alike.items():
        yield f"{collection}/{', '.join(names)} ({reason})"


def sweep_record(record: JournalRecord, target: Target) -> dict[str, str]:
    """Delete what one journal lists; returns what remains and why. Raises ConfigurationError."""
    version = str(record.head.get("api_version") or target.api_version)
    contract = ApiContract(load_specification(version, target.api))
    policy = SafetyPolicy(target.safety, target.permissions, contract.specification.operations)
    guard = Guard(policy, contract, own_hosts=target.own_hosts, test_equipment=target.test_equipment)
    with connect(target, guard) as client:
        return sweep(record, client, guard, contract)


def _seconds(age: str) -> float:
    match = re.fullmatch(r"(\d+)([mhd])", age)
    if match is None:
        raise ConfigurationError(f"--older-than {age}: must be a number with m, h or d, such as 30m, 12h or 1d")
    return int(match[1]) * _SECONDS[match[2]]
