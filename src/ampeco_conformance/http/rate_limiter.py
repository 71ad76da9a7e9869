"""Limits the rate of requests of all processes that send under the same quota."""

import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.http.limit_headers import MAXIMUM_PAUSE, RequestLimit, limits_of
from ampeco_conformance.http.shared_pace import PaceState, SharedPace

#: Slots and pauses that end further ahead, in seconds, were written before the clock was set back.
FURTHEST_SLOT = 600.0
FURTHEST_PAUSE = 2 * MAXIMUM_PAUSE
#: Seconds after which a target counts anew, where it does not say so.
_WINDOW = 60.0
#: Answers to concurrent requests may come in another order: the share of the limit that is no new window.
_OUT_OF_ORDER = 0.05
#: The share of a limit that is not used up between two answers: what falls further has to be told twice.
_SUDDEN = 0.25
#: Seconds that a request may wait before a line says so.
_UNNOTICED = 10.0


class RateLimiter:
    """Spaces requests evenly, `requests_per_minute` at most, and pauses when the server asks for it.

    `key` names the quota, such as address and token; all processes with the same key share the pace. Without a key it
    is for this object alone. Of the limits that the server tells, `keep_free` per cent are left for others. Safe to
    share between threads.
    """

    def __init__(
        self, requests_per_minute: int | None = None, key: str | None = None, keep_free: float | None = None
    ) -> None:
        self._interval = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._keep_free = keep_free
        self._lock = threading.Lock()
        self._shared = None if key is None else SharedPace(key)
        self._own = PaceState()
        #: The share that the last answer said is left, by limit; None before the first answer.
        self._shares: Mapping[int, float] | None = None

    def wait(self) -> None:
        """Sleep until the next free slot, and through the pauses that the server asks for meanwhile."""
        seconds = self.reserve(time.time())
        if seconds > _UNNOTICED and sys.__stderr__ is not None:
            sys.__stderr__.write(f"conform: waiting {seconds:.0f} s: the target, or another run, asked for a pause\n")
        while seconds > 0:
            time.sleep(seconds)
            now = time.time()
            with self._state() as state:
                seconds = _not_beyond(state.paused_until, now, FURTHEST_PAUSE) - now

    def reserve(self, now: float) -> float:
        """Reserve the next free slot at or after `now`; returns how many seconds away it is."""
        with self._state() as state:
            next_slot = _not_beyond(state.next_slot, now, FURTHEST_SLOT)
            slot = max(now, next_slot, _not_beyond(state.paused_until, now, FURTHEST_PAUSE))
            if self._interval:
                state.next_slot = slot + self._interval
        return slot - now

    def pause_until(self, until: float) -> None:
        """Let no request leave before a time (seconds since 1970), for MAXIMUM_PAUSE seconds at most."""
        now = time.time()
        with self._state() as state:
            paused_until = _not_beyond(state.paused_until, now, FURTHEST_PAUSE)
            state.paused_until = max(paused_until, min(until, now + MAXIMUM_PAUSE))

    def leaves_enough(self, response: Response) -> bool:
        """Pause when a response says that what is left of a limit is for others; False when it is one of a day."""
        if self._keep_free is None:
            return True
        limits = self._believed(sorted(limits_of(response), key=lambda limit: limit.share))
        if tightest := next((limit for limit in limits if not limit.is_long), None):
            self._heed(tightest)
        return not any(limit.is_long and self._is_for_others(limit) for limit in limits)

    def _is_for_others(self, limit: RequestLimit) -> bool:
        return limit.share <= (self._keep_free or 0.0) / 100

    def _believed(self, limits: Sequence[RequestLimit]) -> list[RequestLimit]:
        """The limits, without those that a single answer claims to be used up at once, and not until when."""
        with self._lock:
            before, self._shares = self._shares, {limit.limit: limit.share for limit in limits}
        return [
            limit
            for limit in limits
            if before is None
            or limit.reset is not None
            or not self._is_for_others(limit)
            or before.get(limit.limit, 1.0) - limit.share <= _SUDDEN
        ]

    def _heed(self, limit: RequestLimit) -> None:
        now, window = time.time(), limit.window or _WINDOW
        with self._state() as state:
            is_new = limit.remaining > state.remaining + _OUT_OF_ORDER * limit.limit
            if is_new or not now - window < state.window_began <= now:
                state.window_began = now
            state.remaining = limit.remaining
            if self._is_for_others(limit):
                until = state.window_began + window
                if limit.reset is not None and now < limit.reset <= now + window:
                    until = limit.reset
                state.paused_until = max(_not_beyond(state.paused_until, now, FURTHEST_PAUSE), until)

    @contextmanager
    def _state(self) -> Iterator[PaceState]:
        """The state, for this thread alone."""
        with self._lock:
            if self._shared is None:
                yield self._own
            else:
                with self._shared.state() as state:
                    yield state


def _not_beyond(moment: float, now: float, furthest: float) -> float:
    """A time that lies at most `furthest` seconds ahead; `now` in place of any other."""
    return moment if moment <= now + furthest else now
