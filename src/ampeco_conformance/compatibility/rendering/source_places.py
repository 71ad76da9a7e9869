"""Where the nodes of documents stand: file, line and column."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from ampeco_conformance.compatibility.contracts import SourceFile
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.core.errors import ConformError
from ampeco_conformance.specs.walking import escape_pointer

LineAndColumn = tuple[int, int]
"""A line and a column, from 1."""


_STARTS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_A_KEY = "?"
"""In place of the pointer of a key."""


class SourcePlace(NamedTuple):
    """Where a node begins."""

    file: str
    line: int
    column: int


@dataclass(slots=True)
class _OpenNode:
    """A mapping or a list that has begun: its pointer, and the key (with its line) or the index of the next value."""

    pointer: str
    is_mapping: bool
    key: str | None = None
    place: LineAndColumn = (0, 0)
    index: int = 0


def source_places(report: ComparisonReport) -> dict[int, SourcePlace]:
    """The places of changes by their `id()`; none for those in documents that were not read from files."""
    wanted: dict[tuple[int, str], dict[str, list[int]]] = {}
    files = {}
    for change in report.changes:
        contract = change.origin[0] if change.origin else report.contracts[0 if change.rule.endswith("-removed") else 1]
        pointer = change.pointer
        root = max((root for root in contract.files if pointer.startswith(f"{root}/")), key=len, default=None)
        if root is not None:
            files[id(contract), root] = contract.files[root]
            inner = pointer.removeprefix(root)
            wanted.setdefault((id(contract), root), {}).setdefault(inner, []).append(id(change))
    found = {}
    for key, changes in wanted.items():
        for pointer, place in _places(files[key], changes.keys()).items():
            made = SourcePlace(files[key].name, *place)
            found.update(dict.fromkeys(changes[pointer], made))
    return found


def _places(file: SourceFile, wanted: Set[str]) -> dict[str, LineAndColumn]:
    """JSON pointer -> line and column, of the wanted pointers that a file has; none when it cannot be read as YAML."""
    found: dict[str, LineAndColumn] = {}
    leading = {pointer[:end] for pointer in wanted for end in range(len(pointer)) if pointer[end] == "/"}
    stack: list[_OpenNode] = []
    beyond = 0
    """Levels of nesting in something that leads to nothing wanted."""
    event: Any
    try:
        for event in iter(yaml.CSafeLoader(file.read()).get_event, None):
            kind = type(event)
            if kind in _ENDS:
                if beyond:
                    beyond -= 1
                else:
                    stack.pop()
            elif beyond:
                beyond += kind in _STARTS
            elif isinstance(event, yaml.NodeEvent):
                pointer = _enter(event, stack, wanted, found)
                if kind in _STARTS and pointer in leading:
                    stack.append(_OpenNode(pointer, kind is yaml.MappingStartEvent))
                else:
                    beyond += kind in _STARTS
    except (OSError, ConformError, yaml.YAMLError):
        return {}
    return found


def _enter(event: Any, stack: list[_OpenNode], wanted: Set[str], found: dict[str, LineAndColumn]) -> str:
    """Note where the node of an event begins when it is wanted; gives its pointer, which a key has not."""
    place = event.start_mark.line + 1, event.start_mark.column + 1
    pointer = ""
    if stack:
        around = stack[-1]
        if around.is_mapping and around.key is None:
            around.key, around.place = str(getattr(event, "value", "")), place
            return _A_KEY
        token = around.key if around.key is not None else str(around.index)
        pointer, place = f"{around.pointer}/{escape_pointer(token)}", place if around.key is None else around.place
        around.key, around.index = None, around.index + 1
    if pointer in wanted:
        found[pointer] = place
    return pointer
