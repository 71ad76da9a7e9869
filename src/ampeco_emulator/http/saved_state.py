"""The whole state as one JSON file: loaded at start, saved at the end, never half written."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_emulator.backend.backend import World
from ampeco_emulator.backend.schedule import Schedule
from ampeco_emulator.backend.store import Store
from ampeco_emulator.seed.seeding import seed

_FORMAT = 1


def snapshot(world: World) -> dict[str, Any]:
    """Everything a world knows, as JSON."""
    return {
        "format": _FORMAT,
        "apiVersion": world.specification.version,
        "clockOffset": world.clock.offset.total_seconds(),
        "schedule": world.schedule.dump(),
        **world.store.dump(),
    }


def restore(world: World, content: Any) -> None:
    """Take a snapshot in place of the present state. Raises ConfigurationError for anything else."""
    store, schedule = Store(), Schedule()
    try:
        if content["format"] != _FORMAT:
            raise ConfigurationError(f"the snapshot has format {content['format']}, this emulator reads {_FORMAT}")
        if content["apiVersion"] != world.specification.version:
            version = world.specification.version
            raise ConfigurationError(f"the snapshot is of version {content['apiVersion']}, served is {version}")
        store.load(content)
        schedule.load(content["schedule"])
        offset = timedelta(seconds=float(content["clockOffset"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ConfigurationError("this is no snapshot of the emulator") from None
    world.store, world.schedule, world.clock.offset = store, schedule, offset
    world.answers.clear()


def reset(world: World) -> None:
    """Back to the seed, at the time of the start. While the clock stands it is always the same, and made only once."""
    if world.seeded is not None:
        restore(world, orjson.loads(world.seeded))
        return
    world.store, world.schedule, world.clock.offset = Store(), Schedule(), timedelta()
    world.answers.clear()
    seed(world, world.plan)
    if world.clock.stands:
        world.seeded = orjson.dumps(snapshot(world))


def load(world: World, path: Path) -> None:
    """Restore a state file. Raises ConfigurationError when it cannot be read."""
    try:
        content = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ConfigurationError(f"cannot read the state file {path}: {error}") from None
    try:
        restore(world, content)
    except ConfigurationError as error:
        raise ConfigurationError(f"cannot use the state file {path}: {error}") from None


def save(world: World, path: Path) -> None:
    """Write a state file: to a file beside it first, so that the old one is there until the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(orjson.dumps(snapshot(world)))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
