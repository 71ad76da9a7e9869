"""Waiting for a state, on a clock that only counts."""

from collections.abc import Iterator

import pytest

from ampeco_conformance.emulator_client.polling import Observation, Overdue, WaitingFailed, timeline, wait_until
from tests.support.counting_clock import CountingClock


def states(*states: str) -> Iterator[str]:
    yield from states
    while True:
        yield states[-1]


def wait_for_active(seen: Iterator[str]) -> list[Observation[str]]:
    return wait_until(
        "the session is active",
        lambda: next(seen),
        lambda state: state == "active",
        has_failed=lambda state: state == "failed",
        clock=CountingClock(),
        deadline=12.0,
        interval=5.0,
    )


def test_every_observation_is_kept_up_to_the_awaited_one() -> None:
    seen = wait_for_active(states("pending", "pending", "active", "failed"))
    assert seen == [Observation(0.0, "pending"), Observation(5.0, "pending"), Observation(10.0, "active")]


def test_a_terminal_failure_ends_the_wait_at_once() -> None:
    with pytest.raises(WaitingFailed, match=r"can no longer happen; seen pending \(0 s\), failed \(5 s\)"):
        wait_for_active(states("pending", "failed", "active"))


def test_the_last_look_is_taken_at_the_deadline() -> None:
    assert wait_for_active(states("pending", "pending", "pending", "active"))[-1].after == 12.0


def test_nothing_is_awaited_longer_than_the_patience_of_the_clock() -> None:
    clock = CountingClock()
    clock.patience = 7.0
    with pytest.raises(WaitingFailed, match=r"not within 7 s"):
        wait_until("anything", lambda: 0, bool, clock=clock, deadline=12.0, interval=5.0)


def test_an_overdue_state_fails_with_all_that_was_seen() -> None:
    with pytest.raises(Overdue, match=r"not within 12 s; seen pending \(0-12 s\)"):
        wait_for_active(states("pending"))


def test_the_timeline_tells_runs_of_one_state_once() -> None:
    seen = [Observation(0.0, "pending"), Observation(5.0, "pending"), Observation(10.0, "active")]
    assert timeline(seen) == "pending (0-5 s), active (10 s)"


def test_the_timeline_tells_long_times_in_hours() -> None:
    seen = [Observation(0.0, "pending"), Observation(5400.0, "pending"), Observation(86400.0, "failed")]
    assert timeline(seen) == "pending (0-5400 s), failed (24 h)"
    assert timeline([seen[0], Observation(86400.0, "pending")]) == "pending (0-24 h)"


def test_intervals_grow() -> None:
    clock, looks = CountingClock(), iter(range(9))
    seen = wait_until("3", lambda: next(looks), lambda seen: seen == 3, clock=clock, deadline=99, interval=5, growth=2)
    assert [observation.after for observation in seen] == [0, 5, 15, 35]
