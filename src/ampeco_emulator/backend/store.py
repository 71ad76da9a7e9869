"""What the emulated operator has: records by family, each with an id, its fields and its parents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Record:
    """One record. `parents` are the records it belongs to, such as {"charge-points": "7"}.

    `state` is what the server knows of it beyond its fields, as JSON. Parents are changed through the store only.
    """

    id: int
    fields: dict[str, Any]
    parents: dict[str, str] = field(default_factory=dict)
    state: dict[str, Any] = field(default_factory=dict)
    family: str = ""
    # How it was shown last, by view: the fields it had then, and what they looked like.
    shown: dict[Any, tuple[dict[str, Any], Any]] = field(default_factory=dict, repr=False, compare=False)


class _Family:
    """The records of one family, and where those of a parent are; `version` rises with every change."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self.below: dict[tuple[str, str], dict[int, Record]] = {}
        self.last_id = 0
        self.version = 0
        self.listed: list[Record] | None = None

    def put(self, record: Record) -> None:
        self.records[record.id] = record
        for parent in record.parents.items():
            self.below.setdefault(parent, {})[record.id] = record
        self.last_id = max(self.last_id, record.id)
        self.version += 1
        self.listed = None

    def drop(self, record: Record) -> None:
        self.records.pop(record.id, None)
        for parent in record.parents.items():
            self.below.get(parent, {}).pop(record.id, None)
        self.version += 1
        self.listed = None


class Store:
    """All records. Ids rise and are never given twice."""

    def __init__(self) -> None:
        self._families: dict[str, _Family] = {}
        self.singles: dict[str, dict[str, Any]] = {}
        # The ids of the charging sessions that run.
        self.running: list[int] = []

    def add(self, family: str, fields: Mapping[str, Any], parents: Mapping[str, str] | None = None) -> Record:
        """Add a record under the next id of its family."""
        number = self._family(family).last_id + 1
        record = Record(number, {**fields, "id": number}, dict(parents or {}), family=family)
        self._family(family).put(record)
        return record

    def all(self, family: str, parents: Mapping[str, str] | None = None) -> list[Record]:
        """The records of a family in order of their ids, only those under the given parents. Do not change the list."""
        known = self._family(family)
        if not parents:
            if known.listed is None:
                known.listed = list(known.records.values())
            return known.listed
        wanted = list(parents.items())
        candidates = known.below.get(wanted[-1], {})
        found = [item for item in candidates.values() if all(item.parents.get(name) == value for name, value in wanted)]
        return sorted(found, key=lambda record: record.id)

    def find(self, family: str, key: str, parents: Mapping[str, str] | None = None) -> Record | None:
        """The record that paths call `key`; None when there is none."""
        records = self._family(family).records
        wanted = (parents or {}).items()
        if key.isdecimal() and len(key) < 12 and int(key) in records:
            candidates = [records[int(key)]]
        else:
            candidates = [record for record in self.all(family, parents) if _names(record, key)]
        for record in candidates:
            if all(record.parents.get(name) == value for name, value in wanted):
                return record
        return None

    def peek(self, family: str, number: Any) -> Record | None:
        """The record with this id, whatever refers to it; None when there is none."""
        return self._family(family).records.get(number) if isinstance(number, int) else None

    def attach(self, record: Record, family: str, key: str) -> None:
        """Put a record under another parent of a family."""
        known = self._family(record.family)
        known.drop(record)
        record.parents[family] = key
        known.put(record)
        if next(reversed(known.records)) != max(known.records):
            known.records = dict(sorted(known.records.items()))
            known.listed = None

    def touch(self, record: Record) -> None:
        """Note that the fields of a record have changed."""
        self._family(record.family).version += 1

    def version(self, family: str) -> int:
        """Rises with every change to a family."""
        return self._family(family).version

    def remove(self, family: str, record: Record) -> None:
        """Remove a record with all that is below it; its id is never given again."""
        for other in self._families.values():
            for child in list(other.below.get((family, str(record.id)), {}).values()):
                other.drop(child)
        self._family(family).drop(record)

    def give_again(self, record: Record) -> None:
        """Let the id of a removed record be given again, when it is the latest: a defect."""
        family = self._family(record.family)
        family.last_id = min(family.last_id, max(record.id - 1, *family.records, 0))

    def dump(self) -> dict[str, Any]:
        """Everything as JSON."""
        families = {
            name: {
                "lastId": family.last_id,
                "records": [
                    {"id": item.id, "fields": item.fields, "parents": item.parents, "state": item.state}
                    for item in family.records.values()
                ],
            }
            for name, family in self._families.items()
        }
        return {"families": families, "singles": self.singles, "running": self.running}

    def load(self, content: Mapping[str, Any]) -> None:
        """Take the content of a dump in place of this. Raises KeyError and TypeError when it is none."""
        families: dict[str, _Family] = {}
        for name, dumped in content["families"].items():
            family = families[str(name)] = _Family()
            for item in dumped["records"]:
                family.put(Record(item["id"], item["fields"], item["parents"], item["state"], str(name)))
            family.last_id = int(dumped["lastId"])
        self.singles, self.running = dict(content["singles"]), list(content["running"])
        self._families = families

    def _family(self, name: str) -> _Family:
        return self._families.setdefault(name, _Family())


def _names(record: Record, key: str) -> bool:
    return any(str(record.fields.get(name)) == key for name in ("id", "key", "date", "weekDay", "phase"))
