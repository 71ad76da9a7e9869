"""The schedule of future steps: a heap, so that nothing is done before something falls due."""

import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import Any

Entry = tuple[str, int, str, str, int]


class Schedule:
    """Steps to run on records at times of the virtual clock."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._count = 0

    def add(self, due: datetime, step: str, resource_type: str, record_id: int) -> None:
        """Schedule a step on a record; steps of the same time run in the order in which they were added."""
        self._count += 1
        heapq.heappush(
            self._entries, (due.isoformat(timespec="microseconds"), self._count, step, resource_type, record_id)
        )

    @property
    def marks(self) -> tuple[int, int]:
        """A value that differs once a step has been added or has run."""
        return self._count, len(self._entries)

    def has(self, step: str, record_id: int) -> bool:
        """Whether a step on a record is scheduled."""
        return any(entry[2] == step and entry[4] == record_id for entry in self._entries)

    def steps(self) -> set[str]:
        """The names of the steps that are scheduled."""
        return {entry[2] for entry in self._entries}

    def due(self, now: datetime) -> Iterator[tuple[datetime, str, str, int]]:
        """Remove and give the steps that have fallen due, the earliest first, including those added meanwhile."""
        limit = now.isoformat(timespec="microseconds")
        while self._entries and self._entries[0][0] <= limit:
            due, _, step, resource_type, record_id = heapq.heappop(self._entries)
            yield datetime.fromisoformat(due), step, resource_type, record_id

    def dump(self) -> list[Any]:
        """The entries as JSON."""
        return [list(entry) for entry in sorted(self._entries)]

    def load(self, entries: list[Any]) -> None:
        """Replace the entries by those of a dump."""
        self._entries = [
            (_moment(due), int(count), str(step), str(resource_type), int(key))
            for due, count, step, resource_type, key in entries
        ]
        heapq.heapify(self._entries)
        self._count = max((entry[1] for entry in self._entries), default=0)


def _moment(text: Any) -> str:
    """A time as the entries have it. Raises ValueError for another text."""
    return datetime.fromisoformat(str(text)).isoformat(timespec="microseconds")
