"""The end of a run: item results become the run summary, and the summary decides the exit code."""

import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from ampeco_conformance.core.errors import ConformError, ExitCode, TargetError, unwritable
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.output import lasting_stream
from ampeco_conformance.drift.inventory import keep_drift
from ampeco_conformance.plugin.masking import redactor_of_run
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.parent import PROGRESS
from ampeco_conformance.plugin.results import SUITE_FOLDERS, is_suite_run, result_of, results_dir
from ampeco_conformance.plugin.selection import configured_specification
from ampeco_conformance.plugin.sharding import bare_plan, runs_nothing
from ampeco_conformance.plugin.target import PROBE
from ampeco_conformance.plugin.triage import configured_ledger
from ampeco_conformance.reporting.decision import Event
from ampeco_conformance.reporting.environment import facts_of_run, write_environment
from ampeco_conformance.reporting.plan import PLAN, Plan, read_plan
from ampeco_conformance.reporting.reports_folder import clear, reserved
from ampeco_conformance.reporting.results import append_results, lost_item, read_results, replayable
from ampeco_conformance.reporting.secret_scan import quarantine_secrets
from ampeco_conformance.reporting.summary import summarise, write_summary
from ampeco_conformance.reporting.writers.terminal import render
from ampeco_conformance.triage.known_issues import today

#: The name under which pytest knows the collector of a run.
COLLECTOR = "conform-collector"


class Collector:
    """Collects the results of all items, on the controller of a parallel run or in the only process."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._results: list[ItemResult] = []
        #: The results of other versions in the same run.
        self._earlier = read_results(run_options(config).reports) if run_options(config).append else []
        self._started = min((result.started_at for result in self._earlier if result.started_at), default=time.time())
        self._events: list[Event] = []
        self._notes: list[str] = []
        #: Whether the run ended itself with an exit code of its own, such as for a target that cannot be used.
        self._has_given_up = False

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Write the environment of the run, once the target is known to be usable."""
        option = run_options(self._config)
        target = configured_target(self._config)
        specification = configured_specification(self._config)
        facts = facts_of_run(target, specification, seed=option.seed, defect=option.defect, variants=option.variant)
        self._note_version()
        facts["API"] = f"{target.api} {', '.join(self._versions())}"
        write_environment(facts, results_dir(self._config))

    def _note_version(self) -> None:
        """Note what the target says its version is: an older one than the tested version cannot keep its contract."""
        probe, version = self._config.stash.get(PROBE, None), configured_target(self._config).api_version
        if probe is None or probe.app_version is None:
            return
        said = f"the target says it is version {probe.app_version}"
        self._notes.append(said)
        if probe.is_older_than(version):
            self._note(ExitCode.TOO_LITTLE_TESTED, f"{said}, older than the tested {version}")

    def _versions(self) -> list[str]:
        """The versions that the run has tested, the current one last."""
        earlier = (result.api_version for result in self._earlier if result.api_version)
        return list(dict.fromkeys([*earlier, configured_target(self._config).api_version]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write the result that the last report of an item carries at once."""
        result = result_of(report)
        if report.when not in ("setup", "call", "teardown"):
            # The worker that ran the item is gone, and pytest-xdist reports in its place.
            result = lost_item(report.nodeid, SUITE_FOLDERS.get(report.nodeid.partition("/")[0], "scenario"))
        if result is None:
            return
        result = replayable(result, run_options(self._config).reports)
        self._results.append(result)
        try:
            append_results([result], run_options(self._config).reports)
        except OSError as error:
            pytest.exit(unwritable(error, run_options(self._config).reports), returncode=ExitCode.ENVIRONMENT)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that could not be collected; in a parallel run every worker reports it."""
        if report.failed:
            last = report.longreprtext.strip().splitlines()[-1:]
            self._note(ExitCode.CONFIGURATION, ": ".join([f"{report.nodeid} cannot be collected", *last]))

    def pytest_internalerror(self, excrepr: object) -> None:
        """Note an error in pytest or a plugin."""
        self._note(ExitCode.ENVIRONMENT, f"this is a bug: {str(excrepr).strip().splitlines()[-1]}")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the run was interrupted, or ended itself."""
        code = getattr(excinfo.value, "returncode", None)
        if code in (ExitCode.CONFIGURATION, ExitCode.ENVIRONMENT):
            self._has_given_up = True
            self._note(ExitCode(code), str(excinfo.value))
        else:
            self._note(ExitCode.INTERRUPTED, str(excinfo.value) or "it was interrupted")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Note a worker that died."""
        if error:
            self._note(ExitCode.TOO_LITTLE_TESTED, f"worker {node.gateway.id} died: {error}")

    def _note(self, code: ExitCode, message: str) -> None:
        event = Event(code, redactor_of_run(self._config).text(message))
        if event not in self._events:
            self._events.append(event)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
        """Write the summary and set the exit code; a run that gave up before its first item keeps its own."""
        if not self._results and (self._has_given_up or exitstatus == pytest.ExitCode.USAGE_ERROR):
            return
        reports: Path = run_options(self._config).reports
        results = [*self._earlier, *self._results]
        if exitstatus != pytest.ExitCode.OK and not self._events and not any(result.is_failure for result in results):
            # Neither an item nor anything else explains it, so nothing can be relied on.
            is_empty = exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED
            why = "the arguments leave no item to run" if is_empty else f"pytest ended with status {int(exitstatus)}"
            self._note(ExitCode.TOO_LITTLE_TESTED, why)
        summary = summarise(
            results,
            self._plan(),
            events=self._events,
            seconds=time.time() - self._started,
            known_issues=configured_ledger(self._config).review(results, today()),
        )
        try:
            drift = keep_drift(self._results, reports)
            summary = replace(summary, drift=len(drift), notes=(*summary.notes, *self._notes))
            write_summary(summary, reports)
        except OSError as error:
            sys.stderr.write(f"conform: {unwritable(error, reports)}\n")
            session.exitstatus = ExitCode.ENVIRONMENT
        else:
            session.exitstatus = summary.exit_code
        verbosity = self._config.option.verbose if self._config.pluginmanager.hasplugin(PROGRESS) else 0
        render(summary, reports, Console(file=lasting_stream(sys.stderr, is_read=True), soft_wrap=True), verbosity)
        self._scan_for_secrets(session)

    def _scan_for_secrets(self, session: pytest.Session) -> None:
        try:
            quarantine = quarantine_secrets(run_options(self._config).reports, redactor_of_run(self._config))
        except TargetError as error:
            sys.stderr.write(f"conform: {error}\n")
            session.exitstatus = session.exitstatus or ExitCode.ENVIRONMENT
        else:
            if quarantine is not None:
                sys.stderr.write(f"conform: {quarantine}\n")

    def _plan(self) -> Plan:
        """The plan, which is written once the items are known; before that, one without items."""
        reports = run_options(self._config).reports
        if (reports / PLAN).exists():
            return read_plan(reports)
        return bare_plan(configured_target(self._config), run_options(self._config))


def pytest_configure(config: pytest.Config) -> None:
    """Start collecting, with an empty results folder, where the run is controlled."""
    if not is_suite_run(config) or hasattr(config, "workerinput") or runs_nothing(config):
        return
    folder = results_dir(config)
    if not config.pluginmanager.hasplugin(PROGRESS):
        _reserve_reports(config)
    if not run_options(config).append:
        clear(run_options(config).reports)
        # A folder that the user named is emptied only when asked: it may hold anything.
        if config.option.clean_alluredir:
            shutil.rmtree(folder, ignore_errors=True)
    config.pluginmanager.register(Collector(config), COLLECTOR)


def _reserve_reports(config: pytest.Config) -> None:
    """Keep other runs out of the folder until the end; `./conform run` does so itself."""
    stack = ExitStack()
    try:
        stack.enter_context(reserved(run_options(config).reports))
    except ConformError as error:
        pytest.exit(str(error), returncode=error.exit_code)
    config.add_cleanup(stack.close)
