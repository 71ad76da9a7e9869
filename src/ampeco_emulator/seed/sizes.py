"""How much the seeded operator has: small, large, or as a file says."""

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
    """How many records of each family to make, and what some of them shall be, by family and in order."""

    counts: Mapping[str, int] = field(default_factory=dict)
    records: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)

    def count(self, family: str) -> int:
        """How many records of a family to make."""
        return len(self.records.get(family, ())) or self.counts.get(family, COUNTS.get(family, _DEFAULT_COUNT))

    def fields(self, family: str, number: int) -> dict[str, Any]:
        """What is told of a record, counted from 0."""
        told = self.records.get(family, [])
        return told[number] if number < len(told) else {}


SMALL, LARGE = Seed(), Seed(_LARGE)
SEEDS = {"small": SMALL, "large": LARGE}


def seed_named(name: str) -> Seed:
    """The seed `small` or `large`, or that of a JSON file: family -> a number, or a list of records with their fields.

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
    for family, told in content.items():
        is_count = isinstance(told, int) and not isinstance(told, bool) and told > 0
        is_list = isinstance(told, list) and told and all(isinstance(item, dict) for item in told)
        if family not in COUNTS or not (is_count or is_list):
            known = ", ".join(sorted(COUNTS))
            raise ConfigurationError(
                f"--seed {name}: {family!r} must be one of {known}, and say how many records (1 or more), or which"
            )
    counts = {family: told for family, told in content.items() if isinstance(told, int)}
    return Seed(counts, {family: told for family, told in content.items() if isinstance(told, list)})
