"""One pytest session that tries the suite against many defects: `./conform selftest`.

The session collects once. Then it forks for every defect; the fork is a session of its own from there on, with its own
emulator, order of items and reports, and stops at its first finding.
Loaded with `-p ampeco_conformance.plugin.selftest`.
"""

import os
import re
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from ampeco_conformance.apis import APIS
from ampeco_conformance.emulator_client.process import NamedDefect, listed_defects
from ampeco_conformance.plugin.option_table import SELFTEST
from ampeco_conformance.plugin.options import add_options
from ampeco_conformance.plugin.progress import let_signals_in
from ampeco_conformance.plugin.selection import operation_of
from ampeco_conformance.plugin.verdict import COLLECTOR
from ampeco_conformance.reporting.results import ITEMS, read_results
from ampeco_conformance.reporting.selftest import HEALTHY, DefectResult, defect_result, write_selftest

#: Where each class of defects is likely to be found: parts of node ids. A hint for the order, and nothing else.
_LIKELY = {
    "schema": ("test_acceptance",),
    "status": ("test_operation", "test_unknown_id"),
    "headers": ("test_headers", "test_deprecated", "test_acceptance"),
    "errors": ("test_errors", "test_authentication", "test_unauthenticated"),
    "authentication": ("test_authentication", "test_permissions"),
    "validation": ("test_errors", "test_operation", "test_acceptance"),
    "pagination": ("test_pagination",),
    "filters": ("test_filters", "test_includes", "test_views"),
    "state": ("test_resources",),
    "domain": ("scenarios/",),
    **{api.name: (api.scenario_folder,) for api in APIS.values()},
    "webhooks": ("scenarios/test_webhook",),
    "robustness": ("test_robustness", "test_acceptance"),
}
#: Likely items get this many turns before an unlikely one gets its next.
_TURNS = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a selftest."""
    add_options(parser.getgroup("selftest", "AMPECO conformance: selftest"), SELFTEST)


def pytest_sessionstart() -> None:
    """Let ctrl-C in."""
    let_signals_in()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Try every defect in a fork; in the fork, go on to pytest's own loop."""
    option = session.config.option
    # This process has no run of its own to sum up; the forks have.
    collector = session.config.pluginmanager.unregister(name=COLLECTOR)
    trials = _Selftests(option.reports)
    known = {defect.name: defect for defect in listed_defects()}
    try:
        for name in option.selftest_defect:
            trials.wait_until_fewer_than(option.selftest_workers)
            defect = known.get(name) or NamedDefect(name, "control" if name == HEALTHY else "schema", "")
            reports = trials.folder(name)
            process = os.fork()
            if process == 0:
                session.config.pluginmanager.register(collector, COLLECTOR)
                _become_trial(session, defect, reports)
                return None
            trials.running[process] = (defect, time.monotonic())
        trials.wait_until_fewer_than(1)
    except KeyboardInterrupt:
        for process in trials.running:
            os.kill(process, signal.SIGINT)
        trials.wait_until_fewer_than(1)
        raise
    return True


class _Selftests:
    """The trials that are running, as processes, and what came of the others."""

    def __init__(self, reports: Path) -> None:
        self.running: dict[int, tuple[NamedDefect, float]] = {}
        self._reports = reports
        self._ended: list[DefectResult] = []

    def folder(self, name: str) -> Path:
        """The reports folder of a trial."""
        return self._reports / "selftest" / re.sub(r"[^\w.-]+", "_", name)

    def wait_until_fewer_than(self, number: int) -> None:
        """Take in what ends until fewer trials are running; every result is shown and written at once."""
        while len(self.running) >= number:
            process, _ = os.wait()
            defect, begun = self.running.pop(process)
            folder = self.folder(defect.name)
            results = read_results(folder) if (folder / ITEMS).exists() else []
            trial = defect_result(defect.name, defect.area, defect.meaning, results, time.monotonic() - begun)
            self._ended.append(trial)
            write_selftest(self._ended, self._reports)
            sys.stderr.write(f"{trial.defect}: {trial.outcome}, {trial.requests} requests, {trial.seconds:.1f} s\n")


def _become_trial(session: pytest.Session, defect: NamedDefect, reports: Path) -> None:
    """Make this process the session of one trial."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stderr.fileno())
    option = session.config.option
    option.defect = None if defect.name == HEALTHY else defect.name
    option.reports = reports
    reports.mkdir(parents=True)
    session.items[:] = ordered(session.items, defect)
    session.config.pluginmanager.register(_Limit(session, time.monotonic() + option.selftest_limit))
    # Not an exception: a test may be at a place that swallows it.
    signal.signal(signal.SIGINT, lambda *_: setattr(session, "shouldstop", "interrupted"))


class _Limit:
    """Ends a trial that takes too long."""

    def __init__(self, session: pytest.Session, end: float) -> None:
        self._session = session
        self._end = end

    def pytest_runtest_logfinish(self) -> None:
        if time.monotonic() > self._end:
            self._session.shouldstop = "the time limit of a trial"


def ordered(items: list[pytest.Item], defect: NamedDefect) -> list[pytest.Item]:
    """All items, the likely ones first: tests and methods take turns, and likely ones get more turns."""
    shuffled = list(items)
    Random(defect.name).shuffle(shuffled)
    turns: Counter[tuple[str, str]] = Counter()
    places: dict[str, float] = {}
    for item in shuffled:
        operation = operation_of(item)
        group = ("scenarios", "") if operation is None else (item.nodeid.partition("[")[0], operation.method)
        turns[group] += 1
        is_likely = any(part in item.nodeid for part in _LIKELY.get(defect.area, ()))
        is_named = operation is not None and f":{operation.label}:" in defect.name
        places[item.nodeid] = 0 if is_named else turns[group] / (_TURNS if is_likely else 1)
    return sorted(shuffled, key=lambda item: places[item.nodeid])
