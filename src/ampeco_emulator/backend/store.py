"""The store of records by resource type, each with an id, its fields and its parents."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any


@dataclass
class Record:
    """One record. `parents` are the records it belongs to, such as {"charge-points": "7"}.

    `state` is internal state, as JSON. Parents are changed through the store only.
    """

    id: int
    fields: dict[str, Any]
    parents: dict[str, str] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    resource_type: str = ""
    # What was made of the fields last, such as a representation, by its view: what it was made of, and the result.
    shown: dict[Any, tuple[Any, Any]] = field(default_factory=dict, repr=False, compare=False)
    # The times that no field holds and a representation must have are of this moment, in all views.
    shown_since: datetime | None = field(default=None, repr=False, compare=False)


# The latest changes of a resource type that are kept, by which the results of earlier filters are brought up to date.
_KEPT_CHANGES = 5000
# Addressed by a day that the caller chooses, not by a number, which may be the id of another record.
_WITH_CHOSEN_KEYS = frozenset({"price-periods-date", "price-periods-week-day"})


class _Table:
    """The records of one resource type, indexed by parent; `version` rises with every change."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self.below: dict[tuple[str, str], dict[int, Record]] = {}
        self.last_id = 0
        self.version = 0
        self.listed: list[Record] | None = None
        self.changes: deque[int] = deque(maxlen=_KEPT_CHANGES)

    def changed(self, record: Record) -> None:
        self.version += 1
        self.changes.append(record.id)

    def put(self, record: Record) -> None:
        self.records[record.id] = record
        for parent in record.parents.items():
            self.below.setdefault(parent, {})[record.id] = record
        self.last_id = max(self.last_id, record.id)
        self.changed(record)
        self.listed = None

    def drop(self, record: Record) -> None:
        self.records.pop(record.id, None)
        for parent in record.parents.items():
            self.below.get(parent, {}).pop(record.id, None)
        self.changed(record)
        self.listed = None


class Store:
    """All records. Ids rise and are never reused."""

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = {}
        self.singles: dict[str, dict[str, Any]] = {}
        # The ids of the running charging sessions.
        self.running: list[int] = []

    def add(self, resource_type: str, fields: Mapping[str, Any], parents: Mapping[str, str] | None = None) -> Record:
        """Add a record under the next id of its resource type."""
        number = self._table(resource_type).last_id + 1
        record = Record(number, {**fields, "id": number}, dict(parents or {}), resource_type=resource_type)
        self._table(resource_type).put(record)
        return record

    def all(self, resource_type: str, parents: Mapping[str, str] | None = None) -> list[Record]:
        """The records of a resource type by id, only those under the given parents. Do not modify the list."""
        known = self._table(resource_type)
        if not parents:
            if known.listed is None:
                known.listed = list(known.records.values())
            return known.listed
        wanted = list(parents.items())
        candidates = known.below.get(wanted[-1], {})
        found = [item for item in candidates.values() if all(item.parents.get(name) == value for name, value in wanted)]
        return sorted(found, key=lambda record: record.id)

    def find(self, resource_type: str, key: str, parents: Mapping[str, str] | None = None) -> Record | None:
        """The record that a path addresses by this key; None when there is none."""
        records = self._table(resource_type).records
        wanted = (parents or {}).items()
        is_number = key.isdecimal() and len(key) < 12 and resource_type not in _WITH_CHOSEN_KEYS
        if is_number and int(key) in records:
            candidates = [records[int(key)]]
        else:
            candidates = [record for record in self.all(resource_type, parents) if _names(record, key)]
        for record in candidates:
            if all(record.parents.get(name) == value for name, value in wanted):
                return record
        return None

    def peek(self, resource_type: str, number: Any) -> Record | None:
        """The record with this id; None when there is none, or the id is not an integer."""
        return self._table(resource_type).records.get(number) if isinstance(number, int) else None

    def running_sessions(self) -> list[Record]:
        """The running charging sessions."""
        found = (self.peek("sessions", number) for number in self.running)
        return [record for record in found if record is not None]

    def attach(self, record: Record, resource_type: str, key: str) -> None:
        """Give a record another parent of a resource type."""
        known = self._table(record.resource_type)
        known.drop(record)
        record.parents[resource_type] = key
        known.put(record)
        if next(reversed(known.records)) != max(known.records):
            known.records = dict(sorted(known.records.items()))
            known.listed = None

    def touch(self, record: Record) -> None:
        """Record that the fields of a record have changed."""
        self._table(record.resource_type).changed(record)

    def version(self, resource_type: str) -> int:
        """The version of a resource type, which rises with every change to its records."""
        return self._table(resource_type).version

    def changed_since(self, resource_type: str, version: int) -> set[int] | None:
        """The ids of the records that have changed since a version; None when that is no longer known."""
        known = self._table(resource_type)
        count = known.version - version
        return set(islice(reversed(known.changes), count)) if count <= len(known.changes) else None

    def remove(self, resource_type: str, record: Record) -> None:
        """Remove a record with its children; its id is not reused."""
        for other in self._tables.values():
            for child in list(other.below.get((resource_type, str(record.id)), {}).values()):
                other.drop(child)
        self._table(resource_type).drop(record)

    def reuse_id(self, record: Record) -> None:
        """Make the id of a removed record available again, if it was the latest."""
        resource_type = self._table(record.resource_type)
        resource_type.last_id = min(resource_type.last_id, max(record.id - 1, *resource_type.records, 0))

    def skip_ids(self, number: int) -> None:
        """Let the ids of new records begin above a number."""
        for resource_type in self._tables.values():
            resource_type.last_id = max(resource_type.last_id, number)

    def dump(self) -> dict[str, Any]:
        """The content as JSON."""
        resource_types = {
            name: {
                "lastId": resource_type.last_id,
                "records": [
                    {"id": item.id, "fields": item.fields, "parents": item.parents, "state": item.state}
                    for item in resource_type.records.values()
                ],
            }
            for name, resource_type in self._tables.items()
        }
        return {"families": resource_types, "singles": self.singles, "running": self.running}

    def load(self, content: Mapping[str, Any]) -> None:
        """Replace the content by a dump. Raises KeyError or TypeError when it is not a dump."""
        resource_types: dict[str, _Table] = {}
        for name, dumped in content["families"].items():
            resource_type = resource_types[str(name)] = _Table()
            for item in dumped["records"]:
                resource_type.put(Record(item["id"], item["fields"], item["parents"], item["state"], str(name)))
            resource_type.last_id = int(dumped["lastId"])
        self.singles, self.running = dict(content["singles"]), list(content["running"])
        self._tables = resource_types

    def _table(self, name: str) -> _Table:
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = _Table()
        return table


def _names(record: Record, key: str) -> bool:
    return any(str(record.fields.get(name)) == key for name in ("id", "key", "date", "weekDay", "phase"))
