"""`./conform run`: runs the contract tests and scenarios against one target and generates the reports."""

import secrets
from argparse import Namespace
from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import click

from ampeco_conformance.cli.interruption import release_signals
from ampeco_conformance.cli.options import with_options
from ampeco_conformance.cli.pytest_arguments import refuse_arguments_that_run_nothing
from ampeco_conformance.cli.report import make_reports, show_report
from ampeco_conformance.cli.run_session import INTERRUPTED, RunSession, plan, write_failed
from ampeco_conformance.cli.typed import times_typed, typed_command
from ampeco_conformance.core.errors import ConfigurationError, ConformError, ExitCode, TargetError
from ampeco_conformance.core.project import COMMAND, WORKSPACE
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.http.access_tokens import access_tokens
from ampeco_conformance.plugin.budget import limits_for
from ampeco_conformance.plugin.option_table import options_of
from ampeco_conformance.plugin.option_values import Program
from ampeco_conformance.plugin.sharding import bare_plan
from ampeco_conformance.reporting.decision import Event
from ampeco_conformance.reporting.finished_run import end_run, read_run
from ampeco_conformance.reporting.plan import PLAN, Plan, parse_shard, write_plan
from ampeco_conformance.reporting.reports_folder import clear, reserved
from ampeco_conformance.reporting.secret_scan import quarantine_secrets
from ampeco_conformance.reporting.writers.pages import HISTORY, write_pages
from ampeco_conformance.reporting.writers.tenants_page import WORST_FIRST, write_tenants_page
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.triage.known_issues import LEDGER_FILE, checked_ledger
from ampeco_conformance.triage.migration import advice
from ampeco_conformance.triage.strictness import checked_settings

#: Options of which the last would count, where whoever gives two means both; and how to name several.
_GIVEN_ONCE = {"--defect": "join their names with +", "--base-url": "name tenants of tenants.yaml with --tenant"}


@click.command(context_settings={"max_content_width": 110})
@with_options(options_of(Program.RUN))
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(options: Namespace, pytest_arguments: tuple[str, ...]) -> int:
    """Test the embedded emulator, or the target that is named, against the contract of an API version.

    Arguments after -- are passed to pytest, such as -- -k reservation --maxfail 3.
    """
    refuse_arguments_that_run_nothing(pytest_arguments)
    tenants = list(dict.fromkeys(options.tenant)) or [None]
    if len(tenants) > 1:
        return _run_tenants(tenants, options, pytest_arguments)
    return _run_target(Namespace(**{**vars(options), "tenant": tenants[0]}), pytest_arguments)


def _run_tenants(tenants: Sequence[str], options: Namespace, pytest_arguments: tuple[str, ...]) -> int:
    """A run of each tenant, one after another, in a folder of its own; returns the worst exit code."""
    reports: Path = options.reports
    runs = {
        tenant: Namespace(**{**vars(options), "tenant": tenant, "reports": reports / tenant, "open": False})
        for tenant in tenants
    }
    for run in runs.values():
        _checked(run, pytest_arguments)
    codes: dict[str, int] = {}
    for tenant, run in runs.items():
        click.echo(f"Tenant {tenant}")
        try:
            codes[tenant] = _run_target(run, pytest_arguments)
        except TargetError as error:
            click.echo(f"conform: {error}", err=True)
            codes[tenant] = error.exit_code
        if codes[tenant] == ExitCode.INTERRUPTED:
            break
    if not options.dry_run:
        clear(reports)
        done = {tenant: runs[tenant].reports for tenant in codes if (runs[tenant].reports / PLAN).exists()}
        histories = {tenant: options.history or folder / HISTORY for tenant, folder in done.items()}
        found = {tenant: read_run(folder, histories[tenant]) for tenant, folder in done.items()}
        if found:
            write_tenants_page(found, reports)
            show_report(reports / "index.html", in_browser=options.open)
    return min(map(ExitCode, codes.values()), key=WORST_FIRST.index)


def _run_target(options: Namespace, pytest_arguments: tuple[str, ...]) -> int:
    """A run of one target."""
    reports: Path = options.reports
    with reserved(reports):
        sessions = _checked(options, pytest_arguments)
        try:
            release_signals()
            return max(session.dry_run() for session in sessions) if options.dry_run else _run(sessions, options)
        except KeyboardInterrupt:
            if options.dry_run:
                raise
            return _end_interrupted(sessions, options)


def _checked(options: Namespace, pytest_arguments: tuple[str, ...]) -> list[RunSession]:
    """The sessions of a run. Raises ConfigurationError for a wrong input; the reports of an earlier run stay then."""
    for option, instead in _GIVEN_ONCE.items():
        if times_typed(option) > 1:
            raise ConfigurationError(f"{option} is given more than once; for several {instead}")
    parse_shard(options.shard)
    if options.quiet and options.verbose:
        raise ConfigurationError("give either --quiet or --verbose, not both")
    for name, file in (("--json-events", options.json_events), ("--export-har", options.export_har)):
        if file is not None and not file.resolve().parent.is_dir():
            raise ConfigurationError(f"{name} {file} cannot be written: there is no folder {file.resolve().parent}")
    checked_settings(options.strictness)
    _load_known_issues(options.known_issues)
    options.run_group = options.run_group or secrets.token_hex(4)
    sessions = plan(options, pytest_arguments)
    for session in sessions:
        limits_for(options, session.target)
        if not session.selected:
            raise ConfigurationError(session.nothing_selected())
        if unmatched := session.unmatched_exclusion():
            raise ConfigurationError(unmatched)
    redactor = _redactor(sessions[0].target, show_values=options.show_values)
    options.command = redactor.text(typed_command())
    if options.last_failed:
        failed = write_failed(options.reports)
        return [session.with_options(only_items=failed) for session in sessions]
    return sessions


def _run(sessions: Sequence[RunSession], options: Namespace) -> int:
    reports: Path = options.reports
    try:
        described = [session.check_target() for session in sessions]
    except TargetError as error:
        # The pages say so too: a CI job that publishes them must not publish those of yesterday.
        _begin(sessions, options)
        _end_early(options, Event(error.exit_code, str(error)))
        raise
    except KeyboardInterrupt:
        _begin(sessions, options)
        raise
    _begin(sessions, options)
    events: list[Event] = []
    for number, (session, where) in enumerate(zip(sessions, described, strict=True)):
        events += session.with_options(append=number > 0).run(where)
        if any(event.code == ExitCode.INTERRUPTED for event in events):
            break
    if not (reports / PLAN).exists():
        # The test process empties the folder, and was ended before it knew its items.
        _write_plan(sessions, options)
    if events:
        end_run(reports, events)
    _scan_for_secrets(reports, _redactor(sessions[0].target, show_values=options.show_values))
    try:
        return make_reports(options)
    except ConformError as error:
        click.echo(f"conform: {error}", err=True)
        # The result of the run counts, even without its pages.
        return read_run(reports, reports / HISTORY).verdict.run.exit_code or ExitCode.ENVIRONMENT


def _scan_for_secrets(reports: Path, redactor: Redactor) -> None:
    """Also after a test process that was killed before it could scan its own files."""
    if (quarantine := quarantine_secrets(reports, redactor)) is not None:
        click.echo(f"conform: {quarantine}", err=True)


def _begin(sessions: Sequence[RunSession], options: Namespace) -> None:
    """Delete what an earlier run left, and write the plan of this one."""
    clear(options.reports)
    _write_plan(sessions, options)


def _write_plan(sessions: Sequence[RunSession], options: Namespace) -> None:
    """Write the plan of all versions, without items."""
    write_plan(reduce(Plan.joined, (bare_plan(session.target, options) for session in sessions)), options.reports)


def _end_early(options: Namespace, event: Event) -> None:
    """Write the pages of a run that tested nothing or not all: they must not be those of an earlier run."""
    reports: Path = options.reports
    end_run(reports, [event])
    history = options.history or reports / HISTORY
    write_pages(read_run(reports, history), reports, history)


def _end_interrupted(sessions: Sequence[RunSession], options: Namespace) -> int:
    """End a run that was interrupted while it did not test: before its first item, or after its last."""
    if not (options.reports / PLAN).exists():
        _begin(sessions, options)
    _end_early(options, INTERRUPTED)
    click.echo(f"conform: interrupted; {COMMAND} sweep deletes what may be left on a tenant", err=True)
    return ExitCode.INTERRUPTED


def _redactor(target: Target, *, show_values: bool) -> Redactor:
    is_tenant = target.base_url is not None
    redactor = Redactor(
        target.secrets, tenant=TenantData() if is_tenant and not show_values else None, disguised=is_tenant
    )
    access_tokens(target).tell(redactor.learn)
    return redactor


def _load_known_issues(given: Path | None) -> None:
    """Check the ledger before anything is tested; one line of advice when it was written by an earlier release."""
    file = given or WORKSPACE / LEDGER_FILE
    if given or file.exists():
        line = advice(checked_ledger(file), file)
        if line is not None:
            click.echo(f"conform: {line}", err=True)
