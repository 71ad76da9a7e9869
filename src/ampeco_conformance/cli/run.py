"""`./conform run`: the contract tests and scenarios against one target, its report and its exit code."""

from pathlib import Path

import click

from ampeco_conformance.cli.report import make_reports, page_options
from ampeco_conformance.cli.run_session import clear, plan, write_failed
from ampeco_conformance.cli.target_options import TargetOptions, target_options
from ampeco_conformance.core.errors import ConformError, ExitCode
from ampeco_conformance.core.profiles import PROFILES, STANDARD
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.reporting.results import ITEMS
from ampeco_conformance.reporting.secret_scan import refuse_leaks
from ampeco_conformance.reporting.selection import parse_shard
from ampeco_conformance.specs import DEFAULT_VERSIONS
from ampeco_conformance.triage.known_issues import load_ledger
from ampeco_conformance.triage.strictness import load_settings


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


#: The code of a run of several versions is the worst of theirs.
_WORST_LAST: list[int] = [
    ExitCode.CONFORM,
    ExitCode.EXPIRED_KNOWN_ISSUE,
    ExitCode.TOO_LITTLE_TESTED,
    ExitCode.INTERRUPTED,
    ExitCode.ENVIRONMENT,
    ExitCode.CONFIGURATION,
    ExitCode.VIOLATION,
]
_DEFAULTS = ", ".join(f"{api} {version}" for api, version in DEFAULT_VERSIONS.items())
_API_VERSION_HELP = f"API version whose contract is tested; repeatable (default: the tenant's, else {_DEFAULTS})."


@click.command(context_settings={"max_content_width": 110})
@target_options
@click.option("--api-version", "api_versions", multiple=True, metavar="VERSION", help=_API_VERSION_HELP)
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
    api_versions: tuple[str, ...],
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
    load_settings(strictness)
    load_ledger(known_issues)
    sessions = plan(target_options, api_versions, list(patterns), defect)
    for session in sessions:
        if not session.selected:
            click.echo(f"conform: no operation of {session.name} matches {', '.join(patterns)}", err=True)
            return ExitCode.TOO_LITTLE_TESTED
    arguments = ["contract_tests", "scenarios", "--reports", str(reports.resolve())]
    arguments += ["--profile", profile, "--seed", str(seed)]
    if shard is not None:
        parse_shard(shard)
    given = {
        "--only-items": write_failed(reports) if last_failed else None,
        "--min-reached": min_reached,
        "--json-events": json_events and json_events.resolve(),
        "--shard": shard,
        "--strictness": strictness and strictness.resolve(),
        "--known-issues": known_issues and known_issues.resolve(),
    }
    arguments += [word for name, value in given.items() if value is not None for word in (name, str(value))]
    arguments += ["--strict-verdict"] if strict else []
    arguments += [word for pattern in patterns for word in ("--operation", pattern)]
    arguments += pytest_arguments
    if dry_run:
        codes = [session.dry_run([*arguments, *session.arguments(target_options)], reports) for session in sessions]
        return max(codes, key=_WORST_LAST.index)

    described = [session.look() for session in sessions]
    clear(reports)
    codes = []
    for session, where in zip(sessions, described, strict=True):
        added = [*session.arguments(target_options), *(["--append"] if codes else [])]
        codes.append(session.run([*arguments, *added], reports, workers, where))
        if codes[-1] == ExitCode.INTERRUPTED:
            break
    token, personal = sessions[0].target.token, sessions[0].target.base_url is not None
    refuse_leaks(reports, Redactor([token], personal=personal))
    code = max(codes, key=_WORST_LAST.index)
    if (reports / ITEMS).is_file():
        try:
            make_reports(reports, history, html=html)
        except ConformError as error:
            click.echo(f"conform: {error}", err=True)
            # What the run found stands, also without its pages.
            code = code or ExitCode.ENVIRONMENT
    return code
