"""The state file: locked for one emulator, loaded and checked at start, saved by itself while the emulator runs."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_emulator.control.forked_writer import write_forked
from ampeco_emulator.control.saved_state import SavedState

# Where the system has no such locks (Windows), the file is not locked.
fcntl: ModuleType | None
try:
    import fcntl
except ImportError:
    fcntl = None

# Seconds between two looks for changes; a save may take a quarter of the time.
_EVERY, _PAUSES = 1.0, 3


class StateFile:
    """Keeps a state in a file. `changes` gives a value that differs once there is something to save."""

    def __init__(self, path: Path, state: SavedState) -> None:
        # What a link leads to, which must not be replaced itself.
        self._path = path = path.resolve()
        self._part = path.with_name(f".{path.name}.part")
        self._state = state
        self._lock: int | None = None
        self.changes: Callable[[], object] = object

    def open(self) -> None:
        """Lock the file, load it, or seed the state if it does not exist, and save it.

        Raises ConfigurationError when another emulator uses it, or it cannot be read, used or written.
        """
        if self._path.exists() and not self._path.is_file():
            # A pipe or a device would never end.
            raise ConfigurationError(
                f"cannot use the state file {self._path}: it is not a file; choose another --state"
            )
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
            self._write()
        except OSError as error:
            raise ConfigurationError(f"cannot write the state file {self._path}: {error}") from None

    def save(self) -> None:
        """Save the state; a failure is one line on stderr."""
        try:
            self._write()
        except OSError as error:
            self._report(error)

    async def keep(self) -> None:
        """Save the state whenever it has changed, until cancelled."""
        saved, pause = self.changes(), _EVERY
        while True:
            await asyncio.sleep(pause)
            present = self.changes()
            if present != saved:
                begun = time.monotonic()
                await self._save_aside()
                saved, pause = present, max(_EVERY, _PAUSES * (time.monotonic() - begun))

    async def _save_aside(self) -> None:
        """Save the present state while requests are answered, where the system can fork."""
        if not hasattr(os, "fork"):
            self.save()
            return
        try:
            part = self._new_part()
            try:
                await write_forked(part, self._content)
            finally:
                os.close(part)
            self._part.replace(self._path)
        except OSError as error:
            self._report(error)

    def _write(self) -> None:
        """Write a file beside the state file, which then replaces it: a reader sees the old content or the new."""
        with os.fdopen(self._new_part(), "wb") as file:
            file.write(self._content())
            file.flush()
            os.fsync(file.fileno())
        self._part.replace(self._path)

    def _content(self) -> bytes:
        return orjson.dumps(self._state.snapshot())

    def _new_part(self) -> int:
        """A new file, which a process that still writes an earlier one does not have.

        Only its owner can read it: the state has personal data.
        """
        self._part.unlink(missing_ok=True)
        return os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def _report(self, error: OSError) -> None:
        sys.stderr.write(f"ampeco_emulator: cannot write the state file {self._path}: {error}\n")
