"""The sessions of `./conform run`: one pytest process per version, all writing to one reports folder."""

import os
import secrets
import signal
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest

from ampeco_conformance.cli.detect import warning
from ampeco_conformance.cli.pytest_process import run_quietly
from ampeco_conformance.cli.sweep import left_behind, sweep_record
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError, ExitCode, unwritable
from ampeco_conformance.core.project import COMMAND, run_arguments
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.http.journal import read_journals
from ampeco_conformance.plugin.option_arguments import pytest_arguments, secret_environment
from ampeco_conformance.plugin.selection import matches, no_match, selected_operations
from ampeco_conformance.plugin.target_options import TargetOptions
from ampeco_conformance.probe.probe import probe
from ampeco_conformance.reporting.decision import Event
from ampeco_conformance.reporting.plan import read_plan
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.reporting.summary import SUMMARY, read_summary
from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.specs.provenance import unknown_fields
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import Safety

_MOST_WORKERS = 8
#: A worker costs two CPU seconds before its first item.
_OPERATIONS_PER_WORKER = 8
#: The exit codes for the statuses of a test process that left no summary: pytest's own ones, and those of the plugin.
_WITHOUT_A_SUMMARY: dict[int, ExitCode] = {
    pytest.ExitCode.INTERRUPTED: ExitCode.CONFIGURATION,
    pytest.ExitCode.USAGE_ERROR: ExitCode.CONFIGURATION,
    pytest.ExitCode.NO_TESTS_COLLECTED: ExitCode.TOO_LITTLE_TESTED,
}
INTERRUPTED = Event(ExitCode.INTERRUPTED, "it was interrupted")


@dataclass(frozen=True, slots=True)
class RunSession:
    """One version on one target; `selected` operations are tested, `options` are those of the run.

    `pytest_arguments` are passed on to pytest.
    """

    target: Target
    specification: Specification
    selected: int
    options: Namespace
    pytest_arguments: tuple[str, ...]

    @property
    def name(self) -> str:
        """The API and version."""
        return f"{self.target.api} {self.target.api_version}"

    def with_options(self, **values: object) -> "RunSession":
        """The session with other values of some options."""
        return replace(self, options=Namespace(**{**vars(self.options), **values}))

    def _arguments(self, **values: object) -> list[str]:
        """The arguments of the pytest process; `values` are of options that only pytest has."""
        target = {"api": self.target.api, "api_version": self.target.api_version}
        options = self.with_options(**target, **values).options
        return [*run_arguments(), *pytest_arguments(options), *self._pytests_own(), *self.pytest_arguments]

    def _pytests_own(self) -> list[str]:
        """What pytest has options for itself."""
        given = self.options
        most = ["--maxfail", str(given.max_failures)] if given.max_failures else []
        return [*(["-q"] if given.quiet else []), *(["-v"] if given.verbose else []), *most]

    def nothing_selected(self) -> str:
        """That no operation matches, with the ones whose names are near."""
        wanted = self.options.operation
        if not wanted or self._matches(wanted):
            return f"--exclude-operation leaves no operation of {self.name} to test; exclude less"
        return no_match(self.specification, wanted)

    def unmatched_exclusion(self) -> str | None:
        """That an `--exclude-operation` names nothing, and would leave nothing out; None when each does."""
        unmatched = [pattern for pattern in self.options.exclude_operation if not self._matches([pattern])]
        return no_match(self.specification, unmatched) if unmatched else None

    def _matches(self, patterns: Sequence[str]) -> bool:
        return any(matches(operation, patterns) for operation in self.specification.operations)

    def check_target(self) -> str:
        """Check that the target can be used; returns its description. Raises TargetError."""
        target, defect, variants = self.target, self.options.defect, self.options.variant
        if target.base_url is None:
            taste = [f"variant {name}" for name in variants] + ([f"defect {defect}"] if defect is not None else [])
            level = "" if target.safety is Safety.FULL else f", {target.safety}"
            if not taste:
                return f"the embedded emulator{level}"
            # Only a start says whether the emulator has a defect or a variant of this name.
            with running_emulator(target.api, target.api_version, target.token, defect, variants):
                return f"the embedded emulator with {', '.join(taste)}{level}"
        click.echo(f"Asking {target.base_url} ...", err=True)
        found = probe(target, self.specification)
        if (doubt := warning(target, self.specification)) is not None:
            click.echo(f"conform: {doubt}", err=True)
        kind = "emulator" if found.is_emulator else f"application version {found.app_version or 'unknown'}"
        return f"{target.name} ({target.base_url}, {kind}), {target.safety}"

    def run(self, where: str) -> list[Event]:
        """Test, then delete what was created; returns what the summary does not say. `where` describes the target."""
        reports: Path = self.options.reports
        # Each worker has its own embedded emulator; on a shared target their scenarios would interfere.
        shared = self.target.base_url is not None
        useful = 1 if shared else min(os.cpu_count() or 1, _MOST_WORKERS, -(-self.selected // _OPERATIONS_PER_WORKER))
        workers = self.options.workers or useful
        click.echo(
            f"Testing {self.name}, {counted(self.selected, 'operation')}, on {where}, {counted(workers, 'worker')}"
        )
        unknown = unknown_fields(self.target.api_version, self.specification.document) if shared else None
        if unknown is not None:
            click.echo(f"conform: {unknown}", err=True)
        parallel = ["--numprocesses", str(workers), "--dist", "worksteal"] if workers > 1 else []
        run_id = secrets.token_hex(4)
        earlier = read_summary(reports)
        (reports / SUMMARY).unlink(missing_ok=True)
        status, interrupted = run_quietly(
            [*self._arguments(run_id=run_id), *parallel], variables=secret_environment(self.options)
        )
        if shared:
            _clean_up(run_id, self.target, reports)
        events = list(earlier.events) if earlier else []
        if interrupted:
            return [*events, INTERRUPTED]
        return events if (reports / SUMMARY).exists() else [*events, _without_a_summary(status, reports)]

    def dry_run(self) -> int:
        """List what would be tested. Raises ConfigurationError when the reports folder cannot be written."""
        reports: Path = self.options.reports
        file = reports / "dry-run.txt"
        try:
            reports.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigurationError(unwritable(error, reports)) from None
        status, interrupted = run_quietly(self._arguments(dry_run=file), variables=secret_environment(self.options))
        if not file.exists():
            return ExitCode.INTERRUPTED if interrupted else _WITHOUT_A_SUMMARY.get(status, status)
        click.echo(file.read_text(encoding="utf-8"), nl=False)
        return ExitCode.CONFORM


def plan(options: Namespace, pytest_arguments: tuple[str, ...]) -> list[RunSession]:
    """A session for every version, or for the target's own; those without a selected operation have `selected` 0.

    Raises ConfigurationError.
    """
    sessions = []
    for version in dict.fromkeys(options.api_version or (None,)):
        target = TargetOptions.of(options).resolve(version)
        for option in ("defect", "variant"):
            if getattr(options, option) and target.base_url is not None:
                raise ConfigurationError(f"--{option} is for the embedded emulator; leave out --tenant and --base-url")
        if options.yes_really and target.base_url is None:
            raise ConfigurationError("--yes-really allows everything on a tenant; name it with --tenant")
        has_budget = target.base_url is not None or options.max_requests or options.time_limit
        if options.rolling and not has_budget:
            raise ConfigurationError(
                "--rolling divides a budget over nights, and the embedded emulator has none; add --max-requests N"
            )
        specification = load_specification(target.api_version, target.api)
        selected = len(selected_operations(specification, options))
        sessions.append(RunSession(target, specification, selected, options, pytest_arguments))
    return sessions


def write_failed(reports: Path) -> Path:
    """Write the node ids of the failed items of the last run. Raises ConfigurationError when there are none."""
    failed = [result.node_id for result in read_results(reports) if result.is_failure]
    if not failed:
        raise ConfigurationError(f"--last-failed: nothing failed in the run in {reports}")
    file = reports.resolve() / "last-failed.txt"
    file.write_text("".join(f"{node_id}\n" for node_id in failed), encoding="utf-8")
    return file


def _clean_up(run_id: str, target: Target, reports: Path) -> None:
    """Delete what the processes of this run left: they were killed, or something was still in use."""
    records = [record for record in read_journals(reports) if record.head.get("run") == run_id]
    left = {path: reason for record in records for path, reason in sweep_record(record, target).items()}
    for line in left_behind(left):
        click.echo(f"Left behind on {target.name}: {line}", err=True)
    if left:
        click.echo(f"{COMMAND} sweep tries again to delete it", err=True)


def _without_a_summary(status: int, reports: Path) -> Event:
    """What happened to a test process that left no summary."""
    if status < 0:
        ended_by = signal.Signals(-status).name
        return Event(ExitCode.ENVIRONMENT, f"the test process was ended by {ended_by}; was the machine out of memory?")
    if status == pytest.ExitCode.OK and not read_plan(reports).own:
        return Event(ExitCode.CONFIGURATION, "with these arguments pytest runs nothing; leave them out")
    code = _WITHOUT_A_SUMMARY.get(status, ExitCode.ENVIRONMENT)
    return Event(code, f"the test process ended with status {status} before the run did")
