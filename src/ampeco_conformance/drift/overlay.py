"""Documents drift: an overlay (OpenAPI Overlay 1.0) that adds to a specification what a target answers beyond it."""

from collections.abc import Callable, Iterable
from typing import Any

from ampeco_conformance.core.item_results import DriftEntry
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.specs.walking import unescape_pointer

_LISTS = frozenset({"allOf", "anyOf", "oneOf", "parameters"})

#: Where an update goes (a pointer), and the update.
Addition = tuple[str, dict[str, Any]]


def overlay_of(entries: Iterable[DriftEntry], title: str) -> tuple[dict[str, Any], list[DriftEntry]]:
    """The overlay that documents the entries, and those entries that no addition to the document can document."""
    actions: dict[str, dict[str, Any]] = {}
    left: list[DriftEntry] = []
    for entry in entries:
        addition = _addition(entry)
        if addition is None:
            left.append(entry)
            continue
        pointer, update = addition
        target = json_path(pointer)
        action = actions.setdefault(target, {"target": target, "description": entry.message, "update": {}})
        _merge(action["update"], update)
    return {
        "overlay": "1.0.0",
        "info": {"title": title, "version": "1.0.0"},
        "actions": list(actions.values()),
    }, left


def json_path(pointer: str) -> str:
    """A JSON pointer as the JSONPath that selects the same (RFC 6901, RFC 9535)."""
    path, previous = "$", ""
    for token in pointer.split("/")[1:]:
        name = unescape_pointer(token)
        path += f"[{name}]" if previous in _LISTS and name.isdigit() else f"[{write_json(name).decode()}]"
        previous = name
    return path


def _addition(entry: DriftEntry) -> Addition | None:
    if entry.place.endswith("/enum") and "enum" in entry.schema:
        return entry.place.removesuffix("/enum"), {"enum": entry.schema["enum"]}
    make = _ADDITIONS.get(entry.check)
    return make(entry) if make and entry.place else None


def _field(entry: DriftEntry) -> Addition:
    name = unescape_pointer(entry.location.rpartition("/")[2])
    return entry.place, {"properties": {name: dict(entry.schema)}}


def _header(entry: DriftEntry) -> Addition:
    described = {"description": "Seen, and not documented.", "schema": {"type": "string"}}
    return entry.place.removesuffix("/headers"), {"headers": {entry.location: described}}


def _status(entry: DriftEntry) -> Addition:
    return entry.place, {str(entry.status): {"description": "Seen, and not documented."}}


_ADDITIONS: dict[str, Callable[[DriftEntry], Addition]] = {
    "undocumented_field": _field,
    "undocumented_header": _header,
    "status_code_conformance": _status,
}


def _merge(update: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        present = update.get(name)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            update[name] = [*present, *(item for item in value if item not in present)]
        else:
            update[name] = value
