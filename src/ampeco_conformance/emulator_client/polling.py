"""Polls for asynchronous results: an accepted action is followed until it is done, failed or overdue."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ampeco_conformance.emulator_client.clock import TargetClock

_AN_HOUR = 3600

Observed = TypeVar("Observed")


@dataclass(frozen=True, slots=True)
class Observation(Generic[Observed]):
    """A state that was seen `after` so many seconds of the clock."""

    after: float
    state: Observed


class WaitingFailed(AssertionError):
    """The awaited state was not reached; the message has every state that was seen."""


class Overdue(WaitingFailed):
    """The awaited state was not reached in time; it may come yet."""


def wait_until(
    awaited: str,
    look: Callable[[], Observed],
    is_reached: Callable[[Observed], bool],
    *,
    clock: TargetClock,
    deadline: float,
    interval: float,
    growth: float = 1.0,
    has_failed: Callable[[Observed], bool] = lambda _: False,
    describe: Callable[[Observed], str] = str,
) -> list[Observation[Observed]]:
    """Poll every `interval` seconds of `clock` until the state is reached; returns all observations.

    Each interval is `growth` times the one before. Raises WaitingFailed on a terminal failure, and Overdue when
    `deadline` seconds or the patience of the clock have passed; the state is read once more at that moment.
    """
    deadline = min(deadline, clock.patience)
    started = clock.now()
    seen: list[Observation[Observed]] = []
    while True:
        seen.append(Observation(clock.now() - started, look()))
        latest = seen[-1]
        if is_reached(latest.state):
            return seen
        if has_failed(latest.state):
            raise WaitingFailed(f"{awaited}: can no longer happen; seen {timeline(seen, describe)}")
        if latest.after >= deadline:
            raise Overdue(f"{awaited}: not within {_duration(latest.after)}; seen {timeline(seen, describe)}")
        clock.let_pass(min(interval, deadline - latest.after))
        interval *= growth


def timeline(seen: list[Observation[Observed]], describe: Callable[[Observed], str] = str) -> str:
    """The observations in one line, with repeated states joined: `pending (0-10 s), active (15 s)`."""
    runs: list[tuple[str, float, float]] = []
    for observation in seen:
        said = describe(observation.state)
        if runs and runs[-1][0] == said:
            runs[-1] = (said, runs[-1][1], observation.after)
        else:
            runs.append((said, observation.after, observation.after))
    return ", ".join(
        f"{said} ({_duration(last)})" if first == last else f"{said} ({_duration(first, last)})"
        for said, first, last in runs
    )


def _duration(*seconds: float) -> str:
    """One duration, or the first and the last: `15 s`, `0-24 h`."""
    size, unit = (_AN_HOUR, "h") if seconds[-1] >= 2 * _AN_HOUR else (1, "s")
    return f"{'-'.join(f'{round(duration / size, 1):g}' for duration in seconds)} {unit}"
