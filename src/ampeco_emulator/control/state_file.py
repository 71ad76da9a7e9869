"""The state file: locked for one emulator, loaded and checked at start, saved by itself while the emulator runs."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_emulator.control.saved_state import SavedState

# Where the system has no such locks (Windows), the file is not locked.
fcntl: ModuleType | None
try:
    import fcntl
except ImportError:
    fcntl = None

# Seconds between two looks for changes; a save may take a tenth of the time.
_EVERY, _PAUSES = 1.0, 10


class StateFile:
    """Keeps a state in a file. `changes` gives a value that differs once there is something to save."""

    def __init__(self, path: Path, state: SavedState) -> None:
        self._path = path
        self._state = state
        self._lock: int | None = None
        self._writing = threading.Lock()
        self._taken = 0
        self.changes: Callable[[], object] = object

    def open(self) -> None:
        """Lock the file, load it, or seed the state if it does not exist, and save it.

        Raises ConfigurationError when another emulator uses it, or it cannot be read, used or written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            if fcntl is not None:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                f"another emulator uses the state file {self._path}; stop it or choose another --state"
            ) from None
        except OSError as error:
            raise ConfigurationError(f"cannot write the state file {self._path}: {error}") from None
        if self._path.exists():
            self._state.load(self._path)
        else:
            self._state.reset()
        try:
            self._write(orjson.dumps(self._state.snapshot()))
        except OSError as error:
            raise ConfigurationError(f"cannot write the state file {self._path}: {error}") from None

    def save(self) -> None:
        """Save the state; a failure is one line on stderr."""
        self._save(*self._content())

    def _content(self) -> tuple[int, bytes]:
        """The state as it is now, and the number of times that it was taken."""
        self._taken += 1
        return self._taken, orjson.dumps(self._state.snapshot())

    def _save(self, number: int, content: bytes) -> None:
        try:
            with self._writing:
                # A thread may come late, when a newer state has been written at exit.
                if number == self._taken:
                    self._write(content)
        except OSError as error:
            sys.stderr.write(f"ampeco_emulator: cannot write the state file {self._path}: {error}\n")

    async def keep(self) -> None:
        """Save the state whenever it has changed, until cancelled."""
        saved, pause = self.changes(), _EVERY
        while True:
            await asyncio.sleep(pause)
            present = self.changes()
            if present != saved:
                begun = time.monotonic()
                # The disk may be slow: requests are answered meanwhile.
                await asyncio.to_thread(self._save, *self._content())
                saved, pause = present, max(_EVERY, _PAUSES * (time.monotonic() - begun))

    def _write(self, content: bytes) -> None:
        """Write a file beside the state file, which then replaces it: a reader sees the old content or the new."""
        part = self._path.with_name(f".{self._path.name}.part")
        with open(part, "wb", opener=_private) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner can read: the state has personal data."""
    return os.open(path, flags, 0o600)
