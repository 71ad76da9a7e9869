"""`./conform sweep`: remove from a tenant what killed runs left there."""

import re
import time
from pathlib import Path

import click

from ampeco_conformance.cli.options import target_options
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.http.cleanup import sweep
from ampeco_conformance.http.client_factory import connect
from ampeco_conformance.http.journal import FOLDER, JournalRecord, read_journals
from ampeco_conformance.plugin.option_table import TargetOptions
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Target

_SECONDS = {"m": 60, "h": 3600, "d": 86400}


@click.command(context_settings={"max_content_width": 110})
@target_options
@click.option("--older-than", metavar="AGE", help="Only what runs left that began longer ago, such as 30m, 12h or 1d.")
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=PROJECT / "reports",
    metavar="DIR",
    help="The reports folder of the runs; it has their journals (default: reports).",
)
def command(target_options: TargetOptions, older_than: str | None, reports: Path) -> int:
    """Remove from a tenant what runs created there and could not remove: killed ones, or refused removals.

    Only what the journal of a run names is removed, and what carries its name. Runs that still go on are left alone.
    """
    age = 0.0 if older_than is None else _seconds(older_than)
    records = list(read_journals(reports / FOLDER))
    if not target_options.names_a_target:
        targets = ", ".join(sorted({str(record.head.get("target")) for record in records})) or "none"
        raise ConfigurationError(f"name the target by --tenant or --base-url; targets with leftovers: {targets}")
    target = target_options.resolve()
    left: dict[str, str] = {}
    swept = 0
    for record in records:
        begun = float(record.head.get("started_at", 0))
        if record.head.get("base_url") != target.base_url or time.time() - begun < age:
            continue
        if record.is_running:
            click.echo(f"The run {record.head.get('run')} still goes on; what it made is left alone")
            continue
        count = len(record.left)
        remaining = sweep_record(record, target)
        swept += max(0, count - len(remaining))
        left |= remaining
    click.echo(f"Removed from {target.name}: {swept}; left there: {len(left)}")
    for path, reason in left.items():
        click.echo(f"  {path}: {reason}")
    return ExitCode.ENVIRONMENT if left else ExitCode.CONFORM


def sweep_record(record: JournalRecord, target: Target) -> dict[str, str]:
    """Remove what one journal names; what remains, and why. Raises ConfigurationError."""
    version = str(record.head.get("api_version") or target.api_version)
    contract = ApiContract(load_specification(version, target.api))
    with connect(target) as client:
        return sweep(record, client, contract)


def _seconds(age: str) -> float:
    match = re.fullmatch(r"(\d+)([mhd])", age)
    if match is None:
        raise ConfigurationError(f"--older-than {age}: must be a number with m, h or d, such as 30m, 12h or 1d")
    return int(match[1]) * _SECONDS[match[2]]
