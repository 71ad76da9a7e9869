"""The state of the emulator as JSON: snapshots, and the reset to the seeded state."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.schedule import Schedule
from ampeco_emulator.backend.store import Store
from ampeco_emulator.seed.seeding import seed
from ampeco_emulator.seed.sizes import SMALL, Seed

_FORMAT = 1
_OBJECT, _NUMBER = {"type": "object"}, {"type": "integer", "minimum": 0}
_RECORD = {
    "type": "object",
    "required": ["id", "fields", "parents", "state"],
    "properties": {
        "id": _NUMBER,
        "fields": {"type": "object", "required": ["id"]},
        "parents": {"type": "object", "additionalProperties": {"type": "string"}},
        "state": _OBJECT,
    },
}
_TABLE = {
    "type": "object",
    "required": ["lastId", "records"],
    "properties": {"lastId": _NUMBER, "records": {"type": "array", "items": _RECORD}},
}
_SNAPSHOT = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "required": ["families", "singles", "running", "schedule", "clockOffset"],
        "properties": {
            "families": {"type": "object", "additionalProperties": _TABLE},
            "singles": {"type": "object", "additionalProperties": _OBJECT},
            "running": {"type": "array", "items": _NUMBER},
            "schedule": {
                "type": "array",
                "items": {
                    "type": "array",
                    "prefixItems": [{"type": "string"}, _NUMBER, {"type": "string"}, {"type": "string"}, _NUMBER],
                    "minItems": 5,
                    "maxItems": 5,
                },
            },
            "clockOffset": {"type": "number"},
        },
    }
)


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
            if (error := next(_SNAPSHOT.iter_errors(content), None)) is not None:
                place = "/".join(map(str, error.instance_path))
                raise ConfigurationError(f"this is not a snapshot of the emulator: {place}: {error.message[:200]}")
            store.load(content)
            schedule.load(content["schedule"])
            if unknown := schedule.steps() - self._backend.hooks.steps.keys() - self._backend.hooks.readings.keys():
                raise ConfigurationError(f"the snapshot has a step that this emulator does not know: {min(unknown)}")
            offset = timedelta(seconds=float(content["clockOffset"]))
            self._backend.clock.now() + offset
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
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

    def _replace(self, store: Store, schedule: Schedule, offset: timedelta) -> None:
        self._backend.store, self._backend.schedule, self._backend.clock.offset = store, schedule, offset
        self._backend.filter_cache.clear()
