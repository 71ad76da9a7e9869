"""The old and the new schema of a change, line by line beside each other."""

import json
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ampeco_conformance.compatibility.changes import Change

_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class SchemaRow:
    """A line of the old and of the new schema; empty where one has no such line."""

    old: str
    new: str
    is_changed: bool


def side_by_side(change: Change) -> list[SchemaRow]:
    """The lines of what a change was before and is after; none where it has neither."""
    if change.before is None and change.after is None:
        return []
    old, new = (_lines(side) for side in (change.before, change.after))
    rows = []
    for tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left, right = old[old_start:old_end], new[new_start:new_end]
        for number in range(max(len(left), len(right))):
            pair = [lines[number] if number < len(lines) else "" for lines in (left, right)]
            rows.append(SchemaRow(pair[0], pair[1], tag != "equal"))
    return rows


def _lines(side: Any) -> list[str]:
    if side is None:
        return []
    return json.dumps(side, indent=2, ensure_ascii=False, sort_keys=True, default=str).splitlines()[:_MOST_LINES]
