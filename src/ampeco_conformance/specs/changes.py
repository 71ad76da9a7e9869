"""A summary of the changes between two documents; `conform diff` shows them in full."""

import hashlib
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.specs.model import Operation, read_operations
from ampeco_conformance.specs.walking import look_up

_WORDS = frozenset({"description", "summary", "title", "example", "examples", "operationId", "tags", "externalDocs"})
"""Keys for readers, which change nothing on the wire."""


@dataclass(frozen=True, slots=True)
class OperationChanges:
    """Labels of operations that differ between two documents."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    deprecated: tuple[str, ...]
    changed: tuple[str, ...]


def operation_changes(old: dict[str, Any], new: dict[str, Any]) -> OperationChanges:
    """Which operations were added, removed, newly deprecated, or changed in anything but descriptions."""
    before = {operation.label: operation for operation in read_operations(old)}
    after = {operation.label: operation for operation in read_operations(new)}
    both = [label for label in after if label in before]
    old_meaning, new_meaning = _OperationDigests(old), _OperationDigests(new)
    return OperationChanges(
        added=tuple(label for label in after if label not in before),
        removed=tuple(label for label in before if label not in after),
        deprecated=tuple(label for label in both if after[label].deprecated and not before[label].deprecated),
        changed=tuple(label for label in both if old_meaning.of(before[label]) != new_meaning.of(after[label])),
    )


class _OperationDigests:
    """Digests of operations with their references followed, whatever the components are called."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._targets: dict[str, str] = {}

    def of(self, operation: Operation) -> str:
        definition = {key: value for key, value in operation.definition.items() if key != "deprecated"}
        shared = self._document["paths"][operation.path].get("parameters", [])
        definition["parameters"] = [*shared, *definition.get("parameters", [])]
        return self._digest(definition)

    def _digest(self, node: Any, *, names: bool = False) -> str:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                return self._target(node["$ref"])
            parts = sorted(
                f"{key}:{self._digest(value, names=key == 'properties')}"
                for key, value in node.items()
                if names or (key not in _WORDS and not key.startswith("x-"))
            )
        elif isinstance(node, list):
            parts = sorted(self._digest(item) for item in node)
        else:
            return repr(node)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _target(self, reference: str) -> str:
        if reference not in self._targets:
            self._targets[reference] = "recursive"
            self._targets[reference] = self._digest(look_up(self._document, reference))
        return self._targets[reference]
