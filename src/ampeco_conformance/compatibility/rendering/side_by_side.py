"""The old and the new schema of a change, line by line beside each other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.specs.walking import at_pointer

_MOST_LINES = 400
_AROUND = 3
"""Equal lines that are shown before and after what differs; further ones are left out."""
_PLACES = frozenset({"fields", "types", "values", "constraints", "structure", "parameters", "body", "headers"})
"""Areas of rules whose changes are in a schema, not in a whole operation or the document."""
_LEFT_OUT = "..."
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class SchemaLine:
    """A line of the old and of the new schema; empty where one has no such line."""

    old: str
    new: str
    is_changed: bool


def side_by_side(change: Change, report: ComparisonReport) -> list[SchemaLine]:
    """The lines of the schema at the place of a change in both documents, else of what it was before and is after.

    None for changes of whole operations, and where both sides are the same.
    """
    if change.definition.area not in _PLACES:
        return []
    old, new = (_at(contract, change.pointer) for contract in report.contracts)
    if old == new:
        old, new = change.before, change.after
    lines = list(_compared(_lines(old), _lines(new)))
    return lines if any(line.is_changed for line in lines) else []


def old_and_new(change: Change) -> str:
    """What a change was before and is after in one line; empty where one of them is missing, or too long."""
    if change.before is None or change.after is None:
        return ""
    sides = [json.dumps(side, ensure_ascii=False, default=str) for side in (change.before, change.after)]
    return f"was {sides[0]}, is {sides[1]}" if max(map(len, sides)) <= _LONGEST_LINE else ""


def _at(contract: ContractDocument, pointer: str) -> Any:
    try:
        return at_pointer(contract.document, pointer) if pointer else None
    except KeyError:
        return None


def _compared(old: list[str], new: list[str]) -> Iterator[SchemaLine]:
    for tag, old_start, old_end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left, right = old[old_start:old_end], new[new_start:new_end]
        if tag == "equal":
            left = right = _shortened(left)
        for number in range(max(len(left), len(right))):
            pair = [lines[number] if number < len(lines) else "" for lines in (left, right)]
            yield SchemaLine(pair[0], pair[1], tag != "equal")


def _shortened(lines: list[str]) -> list[str]:
    return lines if len(lines) <= 2 * _AROUND + 1 else [*lines[:_AROUND], _LEFT_OUT, *lines[-_AROUND:]]


def _lines(side: Any) -> list[str]:
    if side is None:
        return []
    return json.dumps(side, indent=2, ensure_ascii=False, sort_keys=True, default=str).splitlines()[:_MOST_LINES]
