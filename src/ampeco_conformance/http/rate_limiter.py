"""When requests may leave: one pace for all processes that use the same token, kept in a file they share."""

import fcntl
import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Self

from ampeco_conformance.core.exchanges import Response, header

#: The longest that a server may make us wait, in seconds.
MAXIMUM_WAIT = 120.0
#: A slot that lies further ahead, in seconds, was not written by a run that still goes on.
_FURTHEST_SLOT = 600.0
#: Numbers below are seconds from now, above they are a time (seconds since 1970).
_LEAST_TIME = 1e9


class Pace:
    """Spaces requests evenly, `requests_per_minute` at most, and holds all back when the server asks for it.

    `key` names the quota, such as address and token; whoever has the same key shares the pace, also other processes.
    Without a key it is for this object alone. Safe to share between threads.
    """

    def __init__(self, requests_per_minute: int | None = None, key: str | None = None) -> None:
        self._interval = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._lock = threading.Lock()
        self._file = None if key is None else _shared_file(key)
        self._own = _State()

    def wait(self) -> None:
        """Sleep until the next free slot, and through the pauses that the server has asked for meanwhile."""
        seconds = self.reserve(time.time())
        while seconds > 0:
            time.sleep(seconds)
            with self._state() as state:
                seconds = state.paused_until - time.time()

    def reserve(self, now: float) -> float:
        """Take the next free slot at or after `now` and return how many seconds away it is."""
        with self._state() as state:
            slot = max(now, state.next_slot if state.next_slot < now + _FURTHEST_SLOT else now, state.paused_until)
            state.next_slot = slot + self._interval
        return slot - now

    def hold(self, until: float) -> None:
        """Let nothing leave before a time (seconds since 1970), but no longer than servers may make us wait."""
        with self._state() as state:
            state.paused_until = max(state.paused_until, min(until, time.time() + MAXIMUM_WAIT))

    @contextmanager
    def _state(self) -> Iterator["_State"]:
        """The state, for us alone among all threads and processes."""
        with self._lock:
            if self._file is None:
                yield self._own
                return
            with self._file.open("a+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                state = _State.read(file.read())
                yield state
                file.truncate(0)
                file.write(state.written())


@dataclass(slots=True)
class _State:
    """Times in seconds since 1970."""

    next_slot: float = 0.0
    paused_until: float = 0.0

    @classmethod
    def read(cls, content: bytes) -> Self:
        """The state that was written; a new one for anything else."""
        try:
            next_slot, paused_until = map(float, content.split())
        except ValueError:
            return cls()
        return cls(next_slot, paused_until)

    def written(self) -> bytes:
        """The state as text."""
        return f"{self.next_slot:.6f} {self.paused_until:.6f}".encode()


def pause_asked_for(response: Response) -> float | None:
    """Until when (seconds since 1970) a server wants no more requests; None when it does not say so.

    Source: `Retry-After` of a 429; `X-RateLimit-Remaining` 0 with `X-RateLimit-Reset` (unix seconds).
    """
    reset = _time(header(response.headers, "X-RateLimit-Reset"))
    if response.status_code == 429:
        asked = [at for at in (_time(header(response.headers, "Retry-After")), reset) if at is not None]
        return max(asked, default=None)
    return reset if header(response.headers, "X-RateLimit-Remaining") == "0" else None


def _time(text: str | None) -> float | None:
    """A time or a number of seconds, as a time."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        try:
            return parsedate_to_datetime(text).timestamp()
        except ValueError:
            return None
    return number if number >= _LEAST_TIME else time.time() + number


def _shared_file(key: str) -> Path:
    """The file of a quota; its name tells nothing of the key."""
    folder = Path(tempfile.gettempdir()) / f"ampeco-conformance-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"pace-{hashlib.sha256(key.encode()).hexdigest()[:24]}"
