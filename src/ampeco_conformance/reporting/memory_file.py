"""Files of the history that remember something between runs: JSON, by what runs have in common, and then by a name.

They live in the caches of CI systems: one may be damaged, or of another version. What cannot be used of it is left out.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from ampeco_conformance.core.json_values import write_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Remembered = TypeVar("Remembered", bound="DataclassInstance")
#: Which values of JSON a field may have; true and false are no numbers.
_ACCEPTED: Mapping[Any, tuple[type, ...]] = {float: (int, float), int: (int,), str: (str,), bool: (bool,)}


def read_entries(file: Path, key: str, kind: type[Remembered]) -> dict[str, Remembered]:
    """The entries of runs of this key, by their names; empty when nothing is known."""
    known = _content(file).get(key)
    entries = ((name, _entry(kind, value)) for name, value in (known.items() if isinstance(known, dict) else ()))
    return {name: entry for name, entry in entries if entry is not None}


def write_entries(file: Path, changed: Mapping[str, Mapping[str, Remembered]]) -> None:
    """Replace the entries of these keys, and leave those of others. Raises OSError."""
    new = {key: {name: asdict(entry) for name, entry in entries.items()} for key, entries in changed.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.tmp")
    unfinished.write_bytes(write_json({**_content(file), **new}))
    unfinished.replace(file)


def _entry(kind: type[Remembered], value: Any) -> Remembered | None:
    if not isinstance(value, dict):
        return None
    given = {field.name: (field.type, value[field.name]) for field in fields(kind) if field.name in value}
    are_typed = all(
        isinstance(part, _ACCEPTED[wanted]) and isinstance(part, bool) is (wanted is bool)
        for wanted, part in given.values()
    )
    try:
        return kind(**{name: part for name, (_, part) in given.items()}) if are_typed else None
    except TypeError:
        return None


def _content(file: Path) -> dict[str, Any]:
    try:
        content = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
