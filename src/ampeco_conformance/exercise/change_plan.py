"""Which fields to send together, so that each is accepted once, with few requests although some are refused."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import Any


class ChangePlan:
    """Sends all values in one body; when that is refused, without what the refusal names, or in halves.

    `values` holds the candidates for each field, the first of which are sent together; the others are tried alone.
    After `limit` bodies the rest is not tried. `accepted` are the fields that were, `refused` those that never were
    with the reason; fields that are in neither were not tried.
    """

    def __init__(self, values: Mapping[str, list[Any]], limit: int) -> None:
        self._values = values
        self._left = limit
        self._groups = deque([dict.fromkeys(values, 0)] if values else [])
        self._group: dict[str, int] = {}
        self.accepted: set[str] = set()
        self.refused: dict[str, str] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The values of the next body; call `accept`, `refuse` or `doubt` before the one after it."""
        while self._groups and self._left:
            self._left -= 1
            self._group = self._groups.popleft()
            yield {name: self._values[name][turn] for name, turn in self._group.items()}

    def accept(self) -> None:
        """The body was accepted."""
        self.accepted |= self._group.keys()

    def doubt(self, names: Collection[str]) -> None:
        """The body was accepted, and these of its fields are to be tried alone."""
        self.accepted -= {*names}
        self._groups.extend({name: self._group[name]} for name in names)

    def refuse(self, named: Collection[str], reason: str) -> None:
        """The body was refused; `named` are the fields that the refusal names."""
        group = self._group
        if len(group) == 1:
            ((name, turn),) = group.items()
            self.refused[name] = reason
            if turn + 1 < len(self._values[name]):
                self._groups.append({name: turn + 1})
            return
        singles = [name for name in group if name in named]
        if singles and len(singles) < len(group):
            self._groups.appendleft({name: turn for name, turn in group.items() if name not in singles})
            self._groups.extend({name: group[name]} for name in singles)
            return
        names = list(group)
        middle = len(names) // 2
        for half in (names[middle:], names[:middle]):
            self._groups.appendleft({name: group[name] for name in half})

    def outcome(self) -> dict[str, str]:
        """Why each field that was not accepted was not."""
        return {
            name: self.refused.get(name, "not tried in this run") for name in self._values if name not in self.accepted
        }
