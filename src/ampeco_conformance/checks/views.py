"""Versions of a resource agree: a property that both can express has one value for one id.

Source: the schemas of both reads, and the vendor's notes on how versions differ (active and enabled, spaces and
underscores). Only what both versions can express is compared: the same type, values that are in both enums.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ampeco_conformance.checks.includes import item_properties, properties_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Severity, Violation, declare
from ampeco_conformance.core.exchanges import JsonObject
from ampeco_conformance.specs import Operation

VIEWS_AGREE = declare(
    "views_agree",
    title="Versions of a resource agree",
    severity=Severity.NORMAL,
    claim="A property that two versions of a resource can both express has the same value in both.",
    source="the schemas of both reads",
    aspect="views",
)

_VERSION = re.compile(r"/v\d+\.\d+(?=/|$)")
_PARAMETER = re.compile(r"\{[^}]+\}")
_COMPARED = frozenset({"string", "integer", "number", "boolean"})
#: What decides whether two properties are documented alike; their enums are compared value by value.
_LIKE = ("type", "format")
_SYNONYMS = {"active": "enabled"}


@dataclass(frozen=True, slots=True)
class View:
    """Another version's read of the same resource, and the schemas of what both document alike, newer and older.

    Nested properties are named with a slash.
    """

    operation: Operation
    shared: Mapping[str, tuple[JsonObject, JsonObject]]


def older_views(contract: ApiContract, operation: Operation) -> list[View]:
    """The reads of an item in older versions that share properties with this one."""
    if operation.method != "GET" or not operation.path.endswith("}"):
        return []
    others = (
        other
        for other in contract.specification.operations
        if other.method == "GET"
        and _family(other.path) == _family(operation.path)
        and _version(other.path) < _version(operation.path)
    )
    views = (View(other, _shared(contract, operation, other)) for other in others)
    return [view for view in views if view.shared]


def view_violations(view: View, newer: JsonObject, older: JsonObject) -> Iterator[Violation]:
    """Properties that two versions show differently for one id."""
    for name, schemas in sorted(view.shared.items()):
        values = _value(newer, name), _value(older, name)
        if _can_both_say(schemas, values) and len(_meanings(values, schemas)) > 1:
            message = f"{name} is {values[0]!r} here and {values[1]!r} in {view.operation.path}"
            yield VIEWS_AGREE.violation(message, f"/data/{name}", expected=values[1], actual=values[0])


def _shared(contract: ApiContract, newer: Operation, older: Operation) -> dict[str, tuple[JsonObject, JsonObject]]:
    return dict(_alike(contract, item_properties(contract, newer), item_properties(contract, older), ""))


def _alike(
    contract: ApiContract, newer: JsonObject, older: JsonObject, place: str
) -> Iterator[tuple[str, tuple[JsonObject, JsonObject]]]:
    for name in newer.keys() & older.keys():
        schemas = newer[name], older[name]
        if any(schemas[0].get(key) != schemas[1].get(key) for key in _LIKE):
            continue
        if schemas[0].get("type") in _COMPARED:
            yield f"{place}{name}", schemas
        elif schemas[0].get("type") == "object":
            inner = [properties_of(contract, schema) for schema in schemas]
            yield from _alike(contract, inner[0], inner[1], f"{place}{name}/")


def _value(item: JsonObject, name: str) -> Any:
    """The value of a property; None when there is none, or none that can be compared."""
    value: Any = item
    for part in name.split("/"):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, str | int | float) else None


def _can_both_say(schemas: tuple[JsonObject, JsonObject], values: tuple[Any, Any]) -> bool:
    """Whether each version can express the values of both."""
    vocabularies = [{_meaning(word, schema) for word in schema["enum"]} for schema in schemas if "enum" in schema]
    return None not in values and all(_meanings(values, schemas) <= vocabulary for vocabulary in vocabularies)


def _meanings(values: tuple[Any, Any], schemas: tuple[JsonObject, JsonObject]) -> set[Any]:
    return {_meaning(value, schema) for value, schema in zip(values, schemas, strict=True)}


def _meaning(value: Any, schema: JsonObject) -> Any:
    """What a value means, however a version writes it."""
    if not isinstance(value, str):
        return value
    if "enum" in schema:
        plain = value.casefold().replace("_", " ")
        return _SYNONYMS.get(plain, plain)
    if schema.get("format") == "date-time":
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _version(path: str) -> list[int]:
    return [int(number) for version in _VERSION.findall(path) for number in version.strip("/v").split(".")]


def _family(path: str) -> str:
    return _PARAMETER.sub("{}", _VERSION.sub("", path))
