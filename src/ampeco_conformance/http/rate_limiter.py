"""Limits the rate of requests of all processes that send under the same quota."""

import math
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ampeco_conformance.core.exchanges import Response, header
from ampeco_conformance.core.moments import http_date
from ampeco_conformance.http.shared_pace import PaceState, SharedPace

#: The longest pause that a server may ask for, in seconds.
MAXIMUM_PAUSE = 120.0
#: Slots and pauses that end further ahead, in seconds, were written before the clock was set back.
FURTHEST_SLOT = 600.0
FURTHEST_PAUSE = 2 * MAXIMUM_PAUSE
#: Seconds after which a target counts anew, where it does not say so.
_WINDOW = 60.0
#: A limit of so many requests is one of a day: those of a minute are of about a thousand.
_LEAST_DAILY = 10_000
#: Answers to concurrent requests may come in another order: the share of the limit that is no new window.
_OUT_OF_ORDER = 0.05
#: Seconds that a request may wait before a line says so.
_UNNOTICED = 10.0
#: Numbers below are seconds from now, above they are a time (seconds since 1970).
_LEAST_TIME = 1e9
#: A number of more digits is no number of requests.
_MOST_DIGITS = 15


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
        """Pause when a response says that what is left of the limit is for others; False when it is that of a day."""
        limit, remaining = (_number(header(response.headers, f"X-RateLimit-{name}")) for name in ("Limit", "Remaining"))
        if self._keep_free is None or limit is None or remaining is None:
            return True
        is_enough = remaining > limit * self._keep_free / 100
        if limit >= _LEAST_DAILY:
            return is_enough
        now = time.time()
        reset = _time(header(response.headers, "X-RateLimit-Reset"))
        with self._state() as state:
            is_new = remaining > state.remaining + _OUT_OF_ORDER * limit
            if is_new or not now - _WINDOW < state.window_began <= now:
                state.window_began = now
            state.remaining = remaining
            if not is_enough:
                until = state.window_began + _WINDOW
                if reset is not None and now < reset <= now + _WINDOW:
                    until = reset
                state.paused_until = max(_not_beyond(state.paused_until, now, FURTHEST_PAUSE), until)
        return True

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


def pause_asked_for(response: Response) -> float | None:
    """Until when (seconds since 1970) a server asks for no more requests; None when it does not.

    Source: `Retry-After` of a 429; `X-RateLimit-Remaining` 0 with `X-RateLimit-Reset` (unix seconds).
    """
    reset = _time(header(response.headers, "X-RateLimit-Reset"))
    if reset is not None and reset > time.time() + MAXIMUM_PAUSE:
        # The clocks differ.
        reset = None
    if response.status_code == 429:
        asked = _time(header(response.headers, "Retry-After"))
        return reset if asked is None else asked
    return reset if header(response.headers, "X-RateLimit-Remaining") == "0" else None


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) <= _MOST_DIGITS else None


def _time(text: str | None) -> float | None:
    """A time or a number of seconds, as a time."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        at = http_date(text)
        return None if at is None else at.timestamp()
    if not math.isfinite(number):
        return None
    return number if number >= _LEAST_TIME else time.time() + number
