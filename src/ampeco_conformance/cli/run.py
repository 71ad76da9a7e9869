"""`./conform run`: runs the contract tests and scenarios against one target and generates the reports."""

from argparse import Namespace
from pathlib import Path

import click

from ampeco_conformance.cli.options import with_options
from ampeco_conformance.cli.report import make_reports
from ampeco_conformance.cli.run_session import clear, plan, write_failed
from ampeco_conformance.core.errors import ConformError, ExitCode
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.plugin.option_table import Program, options_of
from ampeco_conformance.reporting.results import ITEMS
from ampeco_conformance.reporting.secret_scan import quarantine_secrets
from ampeco_conformance.reporting.selection import parse_shard
from ampeco_conformance.triage.known_issues import LEDGER_FILE, load_ledger
from ampeco_conformance.triage.migration import advice
from ampeco_conformance.triage.strictness import load_settings

#: The exit code of a run of several versions is the worst of theirs.
_WORST_LAST: list[int] = [
    ExitCode.CONFORM,
    ExitCode.EXPIRED_KNOWN_ISSUE,
    ExitCode.TOO_LITTLE_TESTED,
    ExitCode.INTERRUPTED,
    ExitCode.ENVIRONMENT,
    ExitCode.CONFIGURATION,
    ExitCode.VIOLATION,
]


@click.command(context_settings={"max_content_width": 110})
@with_options(options_of(Program.RUN))
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(options: Namespace, pytest_arguments: tuple[str, ...]) -> int:
    """Test the embedded emulator, or the target that is named, against the contract of an API version.

    Arguments after -- are passed to pytest, such as -- -k reservation --maxfail 3.
    """
    load_settings(options.strictness)
    _load_known_issues(options.known_issues)
    parse_shard(options.shard)
    reports: Path = options.reports
    sessions = plan(options, pytest_arguments)
    for session in sessions:
        if not session.selected:
            click.echo(f"conform: no operation of {session.name} matches {', '.join(options.operation)}", err=True)
            return ExitCode.TOO_LITTLE_TESTED
    if options.last_failed:
        failed = write_failed(reports)
        sessions = [session.with_options(only_items=failed) for session in sessions]
    if options.dry_run:
        return max((session.dry_run() for session in sessions), key=_WORST_LAST.index)

    described = [session.check_target() for session in sessions]
    clear(reports)
    codes: list[int] = []
    for session, where in zip(sessions, described, strict=True):
        codes.append(session.with_options(append=bool(codes)).run(where))
        if codes[-1] == ExitCode.INTERRUPTED:
            break
    token, personal = sessions[0].target.token, sessions[0].target.base_url is not None
    # Also after a test process that was killed before it could scan its own files.
    if (quarantine := quarantine_secrets(reports, Redactor([token], personal=personal))) is not None:
        click.echo(f"conform: {quarantine}", err=True)
    code = max(codes, key=_WORST_LAST.index)
    if (reports / ITEMS).is_file():
        try:
            make_reports(reports, options.history, html=options.html)
        except ConformError as error:
            click.echo(f"conform: {error}", err=True)
            # The result of the run counts, even without its pages.
            code = code or ExitCode.ENVIRONMENT
    return code


def _load_known_issues(given: Path | None) -> None:
    """Check the ledger before anything is tested; one line of advice when it was written by an earlier release."""
    file = given or PROJECT / LEDGER_FILE
    if given or file.exists():
        line = advice(load_ledger(file), file)
        if line is not None:
            click.echo(f"conform: {line}", err=True)
