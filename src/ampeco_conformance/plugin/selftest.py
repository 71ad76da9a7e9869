"""One pytest session that runs the suite against many defects or variants: `./conform selftest`.

The session collects once, then forks for every defect. Each fork is a separate session from there on, with its own
emulator, order of items and reports, and stops at its first finding.
Loaded with `-p ampeco_conformance.plugin.selftest`.
"""

import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ampeco_conformance.apis import APIS
from ampeco_conformance.core.counting import counted
from ampeco_conformance.emulator_client.mutations import changed_responses, mutated_operation
from ampeco_conformance.emulator_client.process import NamedBehaviour, listed_defects
from ampeco_conformance.plugin.mutated_items import items_touching
from ampeco_conformance.plugin.options import add_options, run_options
from ampeco_conformance.plugin.progress import unblock_signals
from ampeco_conformance.plugin.selection import configured_contract, operation_of
from ampeco_conformance.plugin.selftest_options import SELFTEST
from ampeco_conformance.plugin.verdict import COLLECTOR
from ampeco_conformance.reporting.results import ITEMS, read_results
from ampeco_conformance.reporting.selftest import (
    CHANGED_FILE,
    CONTROL,
    HEALTHY,
    VARIANT,
    DefectResult,
    defect_result,
    folder_of,
    write_selftest,
)
from ampeco_conformance.target.configuration import Target

#: Parts of the node ids that are likely to find each class of defects. Only a hint for the order.
_LIKELY = {
    "schema": ("test_acceptance",),
    "status": ("test_operation", "test_unknown_id", "test_reads", "test_acceptance"),
    "headers": ("test_headers", "test_deprecated", "test_acceptance"),
    "errors": ("test_errors", "test_authentication", "test_unauthenticated"),
    "authentication": ("test_authentication", "test_permissions", "test_write"),
    "validation": ("test_errors", "test_operation", "test_acceptance", "test_write"),
    "pagination": ("test_pagination",),
    "filters": ("test_filters", "test_includes", "test_views"),
    "state": ("test_resources", "test_reads", "test_children"),
    "domain": ("scenarios/",),
    **{api.name: (api.scenario_folder,) for api in APIS.values()},
    "webhooks": ("scenarios/test_webhook",),
    "disclosure": ("test_acceptance", "test_errors"),
    "robustness": ("test_robustness", "test_acceptance"),
}
#: This many likely items are run for each unlikely one, and of those that need few requests for each other one.
_TURNS = 100
_QUICK, _QUICK_TURNS = ("test_acceptance", "test_reads", "test_children", "test_headers"), 4
#: The shortest word of a defect that counts when an item has it.
_WORD = re.compile(r"[a-z]{4,}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a selftest."""
    add_options(parser.getgroup("selftest", "AMPECO conformance: selftest"), SELFTEST)


def pytest_sessionstart() -> None:
    """Unblock ctrl-C."""
    unblock_signals()


@pytest.fixture(scope="session", autouse=True)
def count_of_mutated_responses(pytestconfig: pytest.Config, target: Target) -> Iterator[None]:
    """Write how many responses the emulator has mutated, before it stops."""
    yield
    if target.base_url is not None and mutated_operation(run_options(pytestconfig).defect or "") is not None:
        (run_options(pytestconfig).reports / CHANGED_FILE).write_text(str(changed_responses(target.base_url)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the items against every defect in a fork; in the fork, continue with pytest's own loop."""
    option = run_options(session.config)
    # Only the forks have a run to summarise.
    collector = session.config.pluginmanager.unregister(name=COLLECTOR)
    forks = _Forks(option.reports)
    known = {defect.name: defect for defect in listed_defects()}
    configured_contract(session.config).prepare()
    try:
        tried = [
            known.get(name) or NamedBehaviour(name, CONTROL if name == HEALTHY else "schema", "")
            for name in option.selftest_defect
        ]
        tried += [NamedBehaviour(name, VARIANT, "") for name in option.selftest_variant]
        for defect in tried:
            forks.wait_until_fewer_than(option.selftest_workers)
            reports = folder_of(option.reports, defect.name)
            process = os.fork()
            if process == 0:
                session.config.pluginmanager.register(collector, COLLECTOR)
                _become_fork(session, defect, reports)
                return None
            forks.running[process] = (defect, time.monotonic())
        forks.wait_until_fewer_than(1)
    except KeyboardInterrupt:
        for process in forks.running:
            os.kill(process, signal.SIGINT)
        forks.wait_until_fewer_than(1)
        raise
    return True


class _Forks:
    """The forks that are running, and the results of those that ended."""

    def __init__(self, reports: Path) -> None:
        self.running: dict[int, tuple[NamedBehaviour, float]] = {}
        self._reports = reports
        self._ended: list[DefectResult] = []

    def wait_until_fewer_than(self, number: int) -> None:
        """Wait until fewer forks are running; every result is shown and written at once."""
        while len(self.running) >= number:
            process, _ = os.wait()
            defect, begun = self.running.pop(process)
            folder = folder_of(self._reports, defect.name)
            results = read_results(folder) if (folder / ITEMS).exists() else []
            changed = int((folder / CHANGED_FILE).read_text()) if (folder / CHANGED_FILE).exists() else None
            seconds = time.monotonic() - begun
            ended = defect_result(defect.name, defect.area, defect.meaning, results, seconds, changed)
            self._ended.append(ended)
            write_selftest(self._ended, self._reports)
            sys.stderr.write(
                f"{ended.defect}: {ended.outcome}, {counted(ended.requests, 'request')}, {ended.seconds:.1f} s\n"
            )


def _items(session: pytest.Session, defect: NamedBehaviour) -> list[pytest.Item]:
    """The items that a defect is tried with, in order: all of them, for a mutation those that may notice it.

    Variants are tried in the order of the suite.
    """
    if defect.area == VARIANT or run_options(session.config).selftest_variant:
        return session.items
    mutated = mutated_operation(defect.name)
    return ordered(session.items, defect) if mutated is None else items_touching(session.config, session.items, mutated)


def _become_fork(session: pytest.Session, defect: NamedBehaviour, reports: Path) -> None:
    """Make this process the session for one defect."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stderr.fileno())
    option = run_options(session.config)
    option.defect = None if defect.area in (CONTROL, VARIANT) else defect.name
    option.variant = [defect.name] if defect.area == VARIANT else []
    option.reports = reports
    reports.mkdir(parents=True)
    session.items[:] = _items(session, defect)
    session.config.pluginmanager.register(_Limit(session, time.monotonic() + option.selftest_limit))
    # Not an exception: a test might catch it.
    signal.signal(signal.SIGINT, lambda *_: setattr(session, "shouldstop", "interrupted"))


class _Limit:
    """Ends a session that takes too long."""

    def __init__(self, session: pytest.Session, end: float) -> None:
        self._session = session
        self._end = end

    def pytest_runtest_logfinish(self) -> None:
        if time.monotonic() > self._end:
            self._session.shouldstop = "the time limit for one defect"


def ordered(items: list[pytest.Item], defect: NamedBehaviour) -> list[pytest.Item]:
    """All items, the likely ones first: tests and methods alternate, and likely ones come more often.

    So do those that have a word of the defect which few items have.
    """
    shuffled = list(items)
    Random(defect.name).shuffle(shuffled)
    rarity = _rarity(shuffled, defect)
    turns: Counter[tuple[str, str]] = Counter()
    places: dict[str, float] = {}
    for item in shuffled:
        operation = operation_of(item)
        group = ("scenarios", "") if operation is None else (item.nodeid.partition("[")[0], operation.method)
        turns[group] += 1
        is_likely = any(part in item.nodeid for part in _LIKELY.get(defect.area, ()))
        is_named = operation is not None and f":{operation.label}:" in defect.name
        is_quick = any(part in item.nodeid for part in _QUICK)
        often = (_TURNS if is_likely else 1) * (_QUICK_TURNS if is_quick else 1) * (1 + _TURNS * rarity[item.nodeid])
        places[item.nodeid] = 0 if is_named else turns[group] / often
    return sorted(shuffled, key=lambda item: places[item.nodeid])


def _rarity(items: list[pytest.Item], defect: NamedBehaviour) -> dict[str, float]:
    """By node id, one divided by the number of items that have the rarest word of the defect that it has."""
    names = [item.nodeid.partition("[")[0].lower() for item in items]
    words = {*_WORD.findall(defect.name), *_WORD.findall(defect.meaning.lower())}
    shares = {word: 1 / count for word in words if (count := sum(word in name for name in names))}
    return {
        item.nodeid: max((share for word, share in shares.items() if word in name), default=0.0)
        for item, name in zip(items, names, strict=True)
    }
