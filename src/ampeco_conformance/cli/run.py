"""`./conform run`: the contract tests and scenarios against one target, its report and its exit code."""

import os
import secrets
import shutil
import signal
from pathlib import Path

import click
import pytest

from ampeco_conformance.cli.pytest_process import run_quietly
from ampeco_conformance.cli.report import make_reports, page_options
from ampeco_conformance.cli.sweep import sweep_record
from ampeco_conformance.cli.target_options import TargetOptions, target_options
from ampeco_conformance.errors import ConfigurationError, ExitCode, unwritable
from ampeco_conformance.generation.profiles import PROFILES, STANDARD
from ampeco_conformance.judgement.cases import CASES
from ampeco_conformance.judgement.known_issues import load_ledger
from ampeco_conformance.judgement.strictness import load_settings
from ampeco_conformance.plugin.selection import is_selected
from ampeco_conformance.redaction import Redactor
from ampeco_conformance.reporting.leaks import refuse_leaks
from ampeco_conformance.reporting.pages import remove_pages
from ampeco_conformance.reporting.rows import ITEMS, read_rows
from ampeco_conformance.reporting.selection import SELECTION, parse_shard
from ampeco_conformance.specs import DEFAULT_VERSIONS, Specification, load_specification
from ampeco_conformance.tenants.configuration import Target
from ampeco_conformance.tenants.emulator import running_emulator
from ampeco_conformance.tenants.journal import FOLDER, read_journals
from ampeco_conformance.tenants.probe import probe


class _Percent(click.ParamType[float]):
    """A number from 0 to 100, with or without the sign."""

    name = "percent"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(str(value).removesuffix("%"))
        except ValueError:
            number = -1.0
        if not 0 <= number <= 100:
            self.fail(f"{value} is no percentage, such as 95%", param, ctx)
        return number


_MOST_WORKERS = 8
#: What pytest's own statuses mean when the run did not even begin.
_WITHOUT_A_RUN: dict[int, ExitCode] = {
    pytest.ExitCode.USAGE_ERROR: ExitCode.CONFIGURATION,
    pytest.ExitCode.NO_TESTS_COLLECTED: ExitCode.TOO_LITTLE_TESTED,
}
_DEFAULTS = ", ".join(f"{api} {version}" for api, version in DEFAULT_VERSIONS.items())
_API_VERSION_HELP = f"API version whose contract is tested (default: the tenant's, else {_DEFAULTS})."


@click.command(context_settings={"max_content_width": 110})
@target_options
@click.option("--api-version", metavar="VERSION", help=_API_VERSION_HELP)
@click.option(
    "--operation",
    "patterns",
    multiple=True,
    metavar="PATTERN",
    help="Only operations whose 'METHOD /path', operationId or tag matches, such as '*/sessions/*'; repeatable.",
)
@click.option("--defect", metavar="NAME", help="Let the embedded emulator misbehave in one named way.")
@click.option(
    "--strictness",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="How strict each check is (default: strictness.yaml).",
)
@click.option(
    "--known-issues",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What is known and does not fail the run (default: known_issues.yaml).",
)
@click.option("--strict", is_flag=True, help="Let drift fail the run, and known issues that are due (exit 5).")
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default=STANDARD,
    show_default=True,
    help="How much is run: " + "; ".join(f"{name}: {profile.meaning}" for name, profile in PROFILES.items()) + ".",
)
@click.option(
    "--seed", type=int, default=0, metavar="N", help="Seed of the generated data; the same gives the same run."
)
@click.option("--last-failed", is_flag=True, help="Only the items that failed in the run whose reports are there.")
@click.option("--dry-run", is_flag=True, help="List what would be sent, and what would not and why; send nothing.")
@click.option(
    "--min-reached", type=_Percent(), metavar="PERCENT", help="Exit 4 when fewer operations were seen succeeding: 95%."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Parallel processes (default: one per core on the embedded emulator, 1 on a target they would share).",
)
@click.option(
    "--json-events",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a line of JSON for each event of the run, for tools.",
)
@click.option("--shard", metavar="I/N", help="Run the I-th of N parts; `conform report merge` joins their reports.")
@page_options
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    target_options: TargetOptions,
    api_version: str | None,
    patterns: tuple[str, ...],
    defect: str | None,
    strictness: Path | None,
    known_issues: Path | None,
    strict: bool,
    profile: str,
    seed: int,
    last_failed: bool,
    dry_run: bool,
    min_reached: float | None,
    workers: int | None,
    json_events: Path | None,
    shard: str | None,
    reports: Path,
    history: Path | None,
    html: bool,
    pytest_arguments: tuple[str, ...],
) -> int:
    """Test the embedded emulator, or the target that is named, against the contract of an API version.

    Arguments after -- go to pytest, such as -- -k reservation --maxfail 3.
    """
    target = target_options.resolve(api_version)
    if defect is not None and target.base_url is not None:
        raise ConfigurationError("--defect is for the embedded emulator; leave out --tenant and --base-url")
    load_settings(strictness)
    load_ledger(known_issues)
    specification = load_specification(target.api_version, target.api)
    selected = [operation for operation in specification.operations if is_selected(operation, list(patterns))]
    if not selected:
        click.echo(
            f"conform: no operation of {target.api} {target.api_version} matches {', '.join(patterns)}", err=True
        )
        return ExitCode.TOO_LITTLE_TESTED
    arguments = ["contract_tests", "scenarios", "--reports", str(reports.resolve())]
    run_id = secrets.token_hex(4)
    arguments += [
        "--run-id",
        run_id,
        *target_options.arguments(),
        "--api",
        target.api,
        "--api-version",
        target.api_version,
    ]
    if defect is not None:
        arguments += ["--defect", defect]
    arguments += ["--profile", profile, "--seed", str(seed)]
    if last_failed:
        arguments += ["--only-items", str(_write_failed(reports))]
    if min_reached is not None:
        arguments += ["--min-reached", str(min_reached)]
    if json_events is not None:
        arguments += ["--json-events", str(json_events.resolve())]
    if shard is not None:
        parse_shard(shard)
        arguments += ["--shard", shard]
    if strictness is not None:
        arguments += ["--strictness", str(strictness.resolve())]
    if known_issues is not None:
        arguments += ["--known-issues", str(known_issues.resolve())]
    arguments += ["--strict-verdict"] if strict else []
    for pattern in patterns:
        arguments += ["--operation", pattern]
    if dry_run:
        return _dry_run([*arguments, *pytest_arguments], reports)
    where = _look_at(target, specification, defect)
    # Each worker has an embedded emulator of its own; on a shared target their stories would get in each other's way.
    workers = workers or (min(os.cpu_count() or 1, _MOST_WORKERS) if target.base_url is None else 1)
    count = "1 worker" if workers == 1 else f"{workers} workers"
    click.echo(f"Testing {target.api} {target.api_version}, {len(selected)} operations, on {where}, {count}")

    if workers > 1:
        arguments += ["--numprocesses", str(workers), "--dist", "worksteal"]
    _clear(reports)
    status, interrupted = run_quietly([*arguments, *pytest_arguments])

    refuse_leaks(reports, Redactor([target.token], personal=target.base_url is not None))
    if target.base_url is not None:
        _clean_up(run_id, target, reports)
    code = ExitCode.INTERRUPTED if interrupted else _exit_code(status, reports)
    if (reports / ITEMS).is_file():
        make_reports(reports, history, html=html)
    return code


def _write_failed(reports: Path) -> Path:
    """Write down which items of the last run failed. Raises ConfigurationError when there are none."""
    failed = [row["node_id"] for row in read_rows(reports) if row["status"] in ("failed", "broken")]
    if not failed:
        raise ConfigurationError(f"--last-failed: nothing failed in the run that {reports} holds")
    file = reports.resolve() / "last-failed.txt"
    file.write_text("".join(f"{node_id}\n" for node_id in failed), encoding="utf-8")
    return file


def _dry_run(arguments: list[str], reports: Path) -> int:
    """List what would be sent. Raises ConfigurationError when the reports folder cannot be written."""
    file = reports / "dry-run.txt"
    try:
        reports.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(unwritable(error, reports)) from None
    status, interrupted = run_quietly([*arguments, "--dry-run", str(file.resolve())])
    if not file.exists():
        return ExitCode.INTERRUPTED if interrupted else _WITHOUT_A_RUN.get(status, status)
    click.echo(file.read_text(encoding="utf-8"), nl=False)
    return ExitCode.CONFORM


def _look_at(target: Target, specification: Specification, defect: str | None) -> str:
    """Make sure that the target can be used, and say what it is. Raises TargetError."""
    if target.base_url is None:
        with running_emulator(target.api, target.api_version, target.token, defect):
            return "the embedded emulator" if defect is None else f"the embedded emulator with defect {defect}"
    click.echo(f"Asking {target.base_url} ...", err=True)
    found = probe(target, specification)
    kind = "emulator" if found.is_emulator else f"application version {found.app_version or 'unknown'}"
    return f"{target.name} ({target.base_url}, {kind}), {target.safety}"


def _clean_up(run_id: str, target: Target, reports: Path) -> None:
    """Remove what the processes of this run could not: they were killed, or something was still in use."""
    records = [record for record in read_journals(reports / FOLDER) if record.head.get("run") == run_id]
    left = {path: reason for record in records for path, reason in sweep_record(record, target).items()}
    for path, reason in left.items():
        click.echo(f"Left behind on {target.name}: {path} ({reason})", err=True)
    if left:
        click.echo("./conform sweep tries again to remove it", err=True)


def _clear(reports: Path) -> None:
    """Take away what an earlier run left, so that nothing of it is taken for this one's. Raises ConfigurationError."""
    try:
        reports.mkdir(parents=True, exist_ok=True)
        for name in ("run.json", ITEMS, SELECTION):
            (reports / name).unlink(missing_ok=True)
        remove_pages(reports)
        for folder in ("allure-results", CASES):
            shutil.rmtree(reports / folder, ignore_errors=True)
    except OSError as error:
        raise ConfigurationError(f"--reports {reports} cannot be written: {error.strerror}") from None


def _exit_code(status: int, reports: Path) -> int:
    """Our exit code for pytest's status; the plugin has decided it whenever the run came to its end."""
    if status < 0:
        ended_by = signal.Signals(-status).name
        click.echo(f"conform: the test process was ended by {ended_by}; was the memory used up?", err=True)
        return ExitCode.ENVIRONMENT
    if (reports / "run.json").exists():
        return status
    return _WITHOUT_A_RUN.get(status, status)
