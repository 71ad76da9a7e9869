"""The end of a run: item results become the run summary, and the summary decides the exit code."""

import shutil
import sys
import time
from dataclasses import replace

import pytest
from rich.console import Console

from ampeco_conformance.core.errors import ExitCode, TargetError, unwritable
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.drift.inventory import keep_drift
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.results import SUITE_FOLDERS, is_suite_run, redactor_of_run, result_of, results_dir
from ampeco_conformance.plugin.selection import configured_specification
from ampeco_conformance.plugin.triage import configured_ledger
from ampeco_conformance.reporting.environment import facts_of_run, write_environment
from ampeco_conformance.reporting.results import ITEMS, append_results, lost_item, read_results
from ampeco_conformance.reporting.secret_scan import quarantine_secrets
from ampeco_conformance.reporting.summary import summarise, verdict, write_summary
from ampeco_conformance.reporting.writers.pages import remove_pages
from ampeco_conformance.reporting.writers.terminal import render
from ampeco_conformance.specs import load_specification
from ampeco_conformance.triage.known_issues import today

#: The name under which pytest knows the collector of a run.
COLLECTOR = "conform-collector"


class Collector:
    """Collects the results of all items, on the controller of a parallel run or in the only process."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._results: list[ItemResult] = []
        #: The results of other versions in the same run.
        self._earlier = read_results(config.option.reports) if config.option.append else []
        self._started = min((result.started_at for result in self._earlier if result.started_at), default=time.time())
        self._trouble: str | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self) -> None:
        """Write the environment of the run, once the target is known to be usable."""
        option = self._config.option
        target = configured_target(self._config)
        facts = facts_of_run(target, configured_specification(self._config), seed=option.seed, defect=option.defect)
        facts["API"] = f"{target.api} {', '.join(self._versions())}"
        write_environment(facts, results_dir(self._config))

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
        self._results.append(result)
        try:
            append_results([result], self._config.option.reports)
        except OSError as error:
            self._trouble = unwritable(error, self._config.option.reports)
            pytest.exit(self._trouble, returncode=ExitCode.ENVIRONMENT)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
        """Write the summary and set the exit code; a failure before the first item keeps its own."""
        if not self._results and exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return
        target = configured_target(self._config)
        results = [*self._earlier, *self._results]
        versions = self._versions()
        summary = summarise(
            results,
            api=target.api,
            api_version=", ".join(versions),
            target=target.name,
            operations=sum(len(load_specification(version, target.api).operations) for version in versions),
            interrupted=exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR),
            seconds=time.time() - self._started,
            known_issues=configured_ledger(self._config).review(results, today()),
            strict=self._config.option.strict_verdict,
            min_reached=self._config.option.min_reached,
        )
        if self._trouble is not None:
            summary = replace(summary, environment=self._trouble)
        try:
            drift = keep_drift(self._results, self._config.option.reports)
            summary = replace(summary, drift=len(drift))
            write_summary(summary, self._config.option.reports)
        except OSError as error:
            sys.stderr.write(f"conform: {unwritable(error, self._config.option.reports)}\n")
            session.exitstatus = ExitCode.ENVIRONMENT
        else:
            session.exitstatus = ExitCode(verdict(summary))
        render(summary, Console(stderr=True, soft_wrap=True))
        self._scan_for_secrets(session)

    def _scan_for_secrets(self, session: pytest.Session) -> None:
        try:
            quarantine = quarantine_secrets(self._config.option.reports, redactor_of_run(self._config))
        except TargetError as error:
            sys.stderr.write(f"conform: {error}\n")
            session.exitstatus = session.exitstatus or ExitCode.ENVIRONMENT
        else:
            if quarantine is not None:
                sys.stderr.write(f"conform: {quarantine}\n")


def pytest_configure(config: pytest.Config) -> None:
    """Start collecting, with an empty results folder, where the run is controlled."""
    if is_suite_run(config) and not hasattr(config, "workerinput") and not config.option.collectonly:
        # A folder that the user named is emptied only when asked: it may hold anything.
        folder = results_dir(config)
        if config.option.append:
            config.pluginmanager.register(Collector(config), COLLECTOR)
            return
        if folder == config.option.reports / "allure-results" or config.option.clean_alluredir:
            shutil.rmtree(folder, ignore_errors=True)
        (config.option.reports / ITEMS).unlink(missing_ok=True)
        remove_pages(config.option.reports)
        config.option.reports.mkdir(parents=True, exist_ok=True)
        config.pluginmanager.register(Collector(config), COLLECTOR)
