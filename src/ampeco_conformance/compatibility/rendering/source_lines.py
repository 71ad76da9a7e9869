"""The lines of a YAML or JSON file at which the nodes of its document begin."""

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ampeco_conformance.specs.walking import escape_pointer


@dataclass(slots=True)
class _Open:
    """A mapping or a list that has begun: its pointer, and the key (with its line) or the index of the next value."""

    pointer: str
    is_mapping: bool
    key: str | None = None
    line: int = 0
    index: int = 0


def source_lines(file: Path, wanted: Set[str]) -> dict[str, int]:
    """JSON pointer -> line, of the wanted pointers that the file has; none when it cannot be read as YAML."""
    found: dict[str, int] = {}
    stack: list[_Open] = []
    event: Any
    try:
        for event in yaml.parse(file.read_bytes(), Loader=yaml.CSafeLoader):
            if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                stack.pop()
            elif isinstance(event, yaml.NodeEvent):
                _enter(event, stack, wanted, found)
    except (OSError, yaml.YAMLError):
        return {}
    return found


def _enter(event: Any, stack: list[_Open], wanted: Set[str], found: dict[str, int]) -> None:
    line = event.start_mark.line + 1
    pointer = ""
    if stack:
        around = stack[-1]
        if around.is_mapping and around.key is None:
            around.key, around.line = str(getattr(event, "value", "")), line
            return
        token = around.key if around.key is not None else str(around.index)
        pointer, line = f"{around.pointer}/{escape_pointer(token)}", around.line or line
        around.key, around.line, around.index = None, 0, around.index + 1
    if pointer in wanted:
        found[pointer] = line
    if not isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
        stack.append(_Open(pointer, isinstance(event, yaml.MappingStartEvent)))
