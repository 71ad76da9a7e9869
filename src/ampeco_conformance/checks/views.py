"""Two versions of a resource show the same thing: what both document alike has one value for one id.

Source: the schemas of both reads, and the vendor's notes on how versions differ (active and enabled, spaces and
underscores). Properties that the two document differently are not compared.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.checks.includes import item_properties
from ampeco_conformance.checks.pagination import Violation
from ampeco_conformance.specs import Operation

Item = Mapping[str, Any]

_VERSION = re.compile(r"/v\d+\.\d+(?=/|$)")
_PARAMETER = re.compile(r"\{[^}]+\}")
_COMPARED = frozenset({"string", "integer", "number", "boolean"})
#: What decides whether two properties are documented alike.
_LIKE = ("type", "format", "enum")


@dataclass(frozen=True, slots=True)
class View:
    """Another version's read of the same resource, and the properties that both document alike."""

    operation: Operation
    shared: frozenset[str]


def older_views(contract: Contract, operation: Operation) -> list[View]:
    """The reads of an item in older versions that share properties with this one."""
    if operation.method != "GET" or not operation.path.endswith("}"):
        return []
    others = (
        other
        for other in contract.specification.operations
        if other.method == "GET" and _family(other.path) == _family(operation.path) and other.path < operation.path
    )
    views = (View(other, _shared(contract, operation, other)) for other in others)
    return [view for view in views if view.shared]


def view_violations(view: View, newer: Item, older: Item) -> Iterator[Violation]:
    """Properties that two versions show differently for one id."""
    for name in sorted(view.shared):
        values = newer.get(name), older.get(name)
        if None not in values and _plain(values[0]) != _plain(values[1]):
            sentence = f"{name} is {values[0]!r} here and {values[1]!r} in {view.operation.path}"
            yield ("views_agree", sentence, f"/data/{name}", values[1], values[0])


def _shared(contract: Contract, newer: Operation, older: Operation) -> frozenset[str]:
    first, second = item_properties(contract, newer), item_properties(contract, older)
    return frozenset(
        name
        for name in first.keys() & second.keys()
        if first[name].get("type") in _COMPARED and all(first[name].get(key) == second[name].get(key) for key in _LIKE)
    )


def _family(path: str) -> str:
    return _PARAMETER.sub("{}", _VERSION.sub("", path))


def _plain(value: Any) -> Any:
    return value.casefold().replace("_", " ") if isinstance(value, str) else value
