"""Which items can notice that the responses of one operation are mutated, those that are likely to do so first."""

from collections.abc import Iterable

import pytest

from ampeco_conformance.emulator_client.mutations import resource_in
from ampeco_conformance.plugin.selection import operation_of, scenarios_touching
from ampeco_conformance.specs import Operation

#: Parts of node ids by what it costs to try them: the first cost a few requests each, the last hundreds.
_TURNS = (
    ("test_acceptance", "test_reads.py", "test_views", "test_children", "test_includes"),
    ("test_resources", "test_filters", "test_pagination"),
    ("scenarios/",),
    ("test_errors", "test_headers", "test_deprecation", "test_permissions", "test_authentication"),
    ("test_operations", "test_robustness", "test_sequences"),
)
#: The turns whose items compare the responses of several operations.
_COMPARING = (0, 1)


def items_touching(config: pytest.Config, items: Iterable[pytest.Item], label: str) -> list[pytest.Item]:
    """The items of an operation, those of its resource that compare operations, and the scenarios that use it."""
    items = list(items)
    operations = {operation.label: operation for operation in map(operation_of, items) if operation is not None}
    mutated = operations[label]
    touching = [item for item in items if _touches(config, item, mutated)]
    return sorted(touching, key=lambda item: (_turn(item), _is_other(item, mutated)))


def _touches(config: pytest.Config, item: pytest.Item, mutated: Operation) -> bool:
    operation = operation_of(item)
    if operation is None:
        return bool(scenarios_touching(config, [item], [mutated]))
    if operation.label == mutated.label:
        return True
    # What reads and writes a resource does not call its actions.
    is_related = "/actions/" not in mutated.path and resource_in(operation.path) == resource_in(mutated.path)
    return is_related and _turn(item) in _COMPARING


def _turn(item: pytest.Item) -> int:
    return next((turn for turn, parts in enumerate(_TURNS) if any(part in item.nodeid for part in parts)), len(_TURNS))


def _is_other(item: pytest.Item, mutated: Operation) -> bool:
    operation = operation_of(item)
    return operation is not None and operation.label != mutated.label
