"""The state of the emulator as JSON: snapshots, the reset to the seeded state, and the state file."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.schedule import Schedule
from ampeco_emulator.backend.store import Store
from ampeco_emulator.seed.seeding import seed
from ampeco_emulator.seed.sizes import SMALL, Seed

_FORMAT = 1


class SavedState:
    """Takes and restores snapshots of a backend; `plan` describes the state that a reset returns to."""

    def __init__(self, backend: Backend, plan: Seed = SMALL) -> None:
        self._backend = backend
        self._plan = plan
        # The seeded state as JSON, kept once the clock is fixed: then every reset gives the same state.
        self._seeded: bytes | None = None

    def snapshot(self) -> dict[str, Any]:
        """The whole state as JSON."""
        backend = self._backend
        return {
            "format": _FORMAT,
            "apiVersion": backend.specification.version,
            "clockOffset": backend.clock.offset.total_seconds(),
            "schedule": backend.schedule.dump(),
            **backend.store.dump(),
        }

    def restore(self, content: Any) -> None:
        """Replace the present state with a snapshot. Raises ConfigurationError for anything else."""
        store, schedule = Store(), Schedule()
        version = self._backend.specification.version
        try:
            if content["format"] != _FORMAT:
                raise ConfigurationError(f"the snapshot has format {content['format']}, this emulator reads {_FORMAT}")
            if content["apiVersion"] != version:
                raise ConfigurationError(
                    f"the snapshot is of version {content['apiVersion']}, this emulator serves {version}"
                )
            store.load(content)
            schedule.load(content["schedule"])
            offset = timedelta(seconds=float(content["clockOffset"]))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ConfigurationError("this is not a snapshot of the emulator") from None
        self._replace(store, schedule, offset)
        for resume in self._backend.hooks.restored:
            resume(self._backend)

    def reset(self) -> None:
        """Return to the seeded state, at the start time."""
        if self._seeded is not None:
            self.restore(orjson.loads(self._seeded))
            return
        self._replace(Store(), Schedule(), timedelta())
        seed(self._backend, self._plan)
        if self._backend.clock.is_fixed:
            self._seeded = orjson.dumps(self.snapshot())

    def load(self, path: Path) -> None:
        """Restore a state file. Raises ConfigurationError when it cannot be read."""
        try:
            content = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError) as error:
            raise ConfigurationError(f"cannot read the state file {path}: {error}") from None
        try:
            self.restore(content)
        except ConfigurationError as error:
            raise ConfigurationError(f"cannot use the state file {path}: {error}") from None

    def save(self, path: Path) -> None:
        """Write a state file atomically: to a temporary file beside it, which then replaces it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as file:
            file.write(orjson.dumps(self.snapshot()))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def _replace(self, store: Store, schedule: Schedule, offset: timedelta) -> None:
        self._backend.store, self._backend.schedule, self._backend.clock.offset = store, schedule, offset
        self._backend.filter_cache.clear()
