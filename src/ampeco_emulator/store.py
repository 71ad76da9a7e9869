"""What the emulated operator has: records by family, each with an id, its fields and its parents."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Record:
    """One record. `parents` are the records it belongs to, such as {"charge-points": "7"}.

    `state` is what the server knows of it beyond its fields, as JSON.
    """

    id: int
    fields: dict[str, Any]
    parents: dict[str, str] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What paths call it."""
        return str(self.fields.get("id", self.id))


class Store:
    """All records. Ids rise and are never given twice."""

    def __init__(self) -> None:
        self._families: dict[str, dict[int, Record]] = {}
        self._ids: dict[str, Iterator[int]] = {}
        self.singles: dict[str, dict[str, Any]] = {}
        # The ids of the charging sessions that run.
        self.running: list[int] = []

    def add(self, family: str, fields: Mapping[str, Any], parents: Mapping[str, str] | None = None) -> Record:
        """Add a record under the next id of its family."""
        number = next(self._ids.setdefault(family, itertools.count(1)))
        record = Record(number, {**fields, "id": number}, dict(parents or {}))
        self._families.setdefault(family, {})[number] = record
        return record

    def all(self, family: str, parents: Mapping[str, str] | None = None) -> list[Record]:
        """The records of a family in order of their ids, only those under the given parents."""
        wanted = (parents or {}).items()
        return [
            record
            for record in self._families.get(family, {}).values()
            if all(record.parents.get(name) == value for name, value in wanted)
        ]

    def find(self, family: str, key: str, parents: Mapping[str, str] | None = None) -> Record | None:
        """The record that paths call `key`; None when there is none."""
        records = self._families.get(family, {})
        wanted = (parents or {}).items()
        if key.isdecimal() and len(key) < 12 and int(key) in records:
            candidates = [records[int(key)]]
        else:
            candidates = [record for record in records.values() if _names(record, key)]
        for record in candidates:
            if all(record.parents.get(name) == value for name, value in wanted):
                return record
        return None

    def get(self, family: str, number: int) -> Record:
        """The record with this id. Raises KeyError."""
        return self._families[family][number]

    def peek(self, family: str, number: Any) -> Record | None:
        """The record with this id, whatever refers to it; None when there is none."""
        return self._families.get(family, {}).get(number)

    def remove(self, family: str, record: Record) -> None:
        """Remove a record; its id is never given again."""
        self._families.get(family, {}).pop(record.id, None)


def _names(record: Record, key: str) -> bool:
    return any(str(record.fields.get(name)) == key for name in ("id", "key", "date", "weekDay"))
