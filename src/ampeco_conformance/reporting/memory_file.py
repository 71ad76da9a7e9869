"""Files of the history that remember something between runs: JSON, by what runs have in common, and then by a name.

They live in the caches of CI systems: one may be damaged, or of another version. What cannot be used of it is left out.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

import orjson

from ampeco_conformance.core.json_values import write_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Remembered = TypeVar("Remembered", bound="DataclassInstance")


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


def typed(entry: Remembered) -> Remembered:
    """The entry, when its fields have values of their types. Raises TypeError for one that was read and has not."""
    for field in fields(entry):
        if not _has_type(getattr(entry, field.name), field.type):
            raise TypeError(f"{field.name} is not of its type")
    return entry


def _has_type(value: Any, wanted: Any) -> bool:
    """Whether a value of JSON has a type; true and false are no numbers, and an integer is a float."""
    kind, parts = get_origin(wanted) or wanted, get_args(wanted)
    if kind is UnionType:
        return any(_has_type(value, part) for part in parts)
    if kind is list:
        return isinstance(value, list) and all(_has_type(inner, parts[0]) for inner in value)
    if kind in (dict, Mapping):
        return isinstance(value, dict) and all(_has_type(inner, parts[1]) for inner in value.values())
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _entry(kind: type[Remembered], value: Any) -> Remembered | None:
    if not isinstance(value, dict):
        return None
    names = [field.name for field in fields(kind)]
    try:
        return typed(kind(**{name: value[name] for name in names if name in value}))
    except TypeError:
        return None


def _content(file: Path) -> dict[str, Any]:
    try:
        content = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
