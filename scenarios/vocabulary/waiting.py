"""Waits for a state, and looks again at what may be behind.

Where the facts state no time, a state may take a day. A target whose patience is shorter leaves that open: the scenario
is skipped, as not settled. Otherwise a state that does not come is a violation, proven by the last response.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, TypeVar

import pytest

from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.emulator_client.clock import TargetClock
from ampeco_conformance.emulator_client.polling import Observation, Overdue, WaitingFailed, wait_until
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse

#: Seconds between two looks.
GLANCE = 5.0
AN_HOUR = 3600.0
A_DAY = 24 * AN_HOUR
#: How much longer each interval is than the one before, where time is virtual.
GROWTH = 1.3

Awaited = TypeVar("Awaited")


def wait_for_answer(
    rule: str,
    awaited: str,
    look: Callable[[], ScenarioResponse],
    is_reached: Callable[[ScenarioResponse], bool],
    **how: Any,
) -> list[Observation[ScenarioResponse]]:
    """As `wait_until` (which `how` is passed to). Raises ContractViolation with everything that was seen."""
    answers: list[ScenarioResponse] = []

    def look_and_keep() -> ScenarioResponse:
        answers.append(look())
        return answers[-1]

    try:
        return _wait(awaited, look_and_keep, is_reached, **how)
    except WaitingFailed as failure:
        answers[-1].violates(rule, str(failure))


def wait_for_entries(
    rule: str,
    awaited: str,
    listing: tuple[ScenarioApi, str, Mapping[str, Any]],
    is_awaited: Callable[[dict[str, Any]], bool],
    **how: Any,
) -> list[dict[str, Any]]:
    """The entries of a listing (its path and filter) that were awaited, as soon as there are some; else as above."""
    api, path, filter = listing
    pages: list[ScenarioResponse] = []

    def look() -> list[dict[str, Any]]:
        pages[:] = api.pages(path, filter=filter)
        return [entry for page in pages for entry in page.items if is_awaited(entry)]

    def describe(found: list[dict[str, Any]]) -> str:
        return counted(len(found), "such entry") if found else "no such entry"

    try:
        found: list[dict[str, Any]] = _wait(awaited, look, bool, clock=api.clock, describe=describe, **how)[-1].state
    except WaitingFailed as failure:
        pages[-1].violates(rule, str(failure))
    return found


def _wait(
    awaited: str,
    look: Callable[[], Awaited],
    is_reached: Callable[[Awaited], bool],
    *,
    clock: TargetClock,
    deadline: float = A_DAY,
    interval: float = GLANCE,
    **how: Any,
) -> list[Observation[Awaited]]:
    growth = GROWTH if clock.patience > A_DAY == deadline else 1.0
    try:
        return wait_until(
            awaited, look, is_reached, clock=clock, deadline=deadline, interval=interval, growth=growth, **how
        )
    except Overdue as overdue:
        if clock.patience < deadline:
            pytest.skip(f"not settled: {overdue}; raise `patience` of the tenant")
        raise


class PatientLook(AbstractContextManager[None]):
    """One look: a rule that does not hold is not a violation yet, unless it is the last one."""

    def __init__(self, *, is_last: bool) -> None:
        self._is_last = is_last
        self.holds = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self.holds = error is None
        is_rule = isinstance(error, ContractViolation) and all(found.check not in CHECKS for found in error.findings)
        return is_rule and not self._is_last


def looks(clock: TargetClock) -> Iterator[PatientLook]:
    """Looks at what may be behind what is read by id, such as a listing, until the rules of a look hold.

    for look in looks(api.clock):
        with look:
            check_listed(...)
    """
    passed, pause = 0.0, GLANCE
    while True:
        look = PatientLook(is_last=passed >= min(clock.deadline, clock.patience))
        yield look
        if look.holds:
            return
        clock.let_pass(pause)
        passed += pause
        pause *= 2
