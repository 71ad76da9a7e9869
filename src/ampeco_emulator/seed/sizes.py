"""Seeds: small, large, or read from a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_emulator.seed.data import COUNTS

_DEFAULT_COUNT = 3
_LARGE: Mapping[str, int] = {
    "partners": 20,
    "user-groups": 10,
    "users": 1000,
    "locations": 120,
    "charge-points": 300,
    "evses": 600,
    "connectors": 600,
    "id-tags": 1000,
    "sessions": 1000,
    "reservations": 100,
}


@dataclass(frozen=True)
class Seed:
    """The number of records to create by resource type, and the explicit fields of some, in order."""

    counts: Mapping[str, int] = field(default_factory=dict)
    records: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def count(self, resource_type: str) -> int:
        """The number of records to create of a resource type."""
        return len(self.records.get(resource_type, ())) or self.counts.get(
            resource_type, COUNTS.get(resource_type, _DEFAULT_COUNT)
        )

    def fields(self, resource_type: str, number: int) -> dict[str, Any]:
        """The explicit fields of a record, counted from 0."""
        given = self.records.get(resource_type, [])
        return given[number] if number < len(given) else {}


SMALL, LARGE = Seed(), Seed(_LARGE)
SEEDS = {"small": SMALL, "large": LARGE}


def seed_named(name: str) -> Seed:
    """The seed `small` or `large`, or a JSON file that maps a resource type to a count or a list of records.

    Raises ConfigurationError when it is neither.
    """
    if name in SEEDS:
        return SEEDS[name]
    try:
        content = orjson.loads(Path(name).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ConfigurationError(f"--seed {name}: neither {' nor '.join(SEEDS)}, nor a JSON file: {error}") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f'--seed {name}: the file must be an object, such as {{"users": 5}}')
    for resource_type, given in content.items():
        is_count = isinstance(given, int) and not isinstance(given, bool) and given > 0
        is_list = isinstance(given, list) and given and all(isinstance(item, dict) for item in given)
        if resource_type not in COUNTS or not (is_count or is_list):
            known = ", ".join(sorted(COUNTS))
            raise ConfigurationError(
                f"--seed {name}: {resource_type!r} must be one of {known}, with a count of 1 or more or with records"
            )
    counts = {resource_type: given for resource_type, given in content.items() if isinstance(given, int)}
    return Seed(counts, {resource_type: given for resource_type, given in content.items() if isinstance(given, list)})
