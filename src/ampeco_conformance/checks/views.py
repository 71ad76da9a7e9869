"""Versions of a resource agree: a property that both can express has one value for one id.

Source: the schemas of both reads, and the vendor's notes on how versions differ (active and enabled, spaces and
underscores). Only what both versions can express is compared: the same type, values that are in both enums.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks.resource_fields import shows_list
from ampeco_conformance.checks.values import agree
from ampeco_conformance.contract.item_shape import item_properties, properties_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.checks import Severity, Strictness, Violation, declare
from ampeco_conformance.core.counting import counted
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

LISTED_IN_EVERY_VERSION = declare(
    "listed_in_every_version",
    title="Older listings show items, too",
    severity=Severity.NORMAL,
    claim="A listing is not empty in one version of the resource while a newer version lists items.",
    source="the versions of a resource; the backward compatibility guide: deprecated operations go on working",
    aspect="views",
    on_tenants=Strictness.ADVISORY,
)

_VERSION = re.compile(r"/v\d+\.\d+(?=/|$)")
_PARAMETER = re.compile(r"\{[^}]+\}")
_COMPARED = frozenset({"string", "integer", "number", "boolean"})
_ABSENT = object()
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
    """The reads of an item, in older versions or on its own where this one is of a child, that share properties."""
    if operation.method != "GET" or not operation.path.endswith("}"):
        return []
    others = (
        other
        for other in contract.specification.operations
        if other.method == "GET" and _is_another_view(other.path, operation.path)
    )
    views = (View(other, _shared(contract, operation, other)) for other in others)
    return [view for view in views if view.shared]


def newer_listing(contract: ApiContract, operation: Operation) -> Operation | None:
    """The listing of the same resource in the newest version, for one in an older version; None for all others."""
    if operation.method != "GET" or "{" in operation.path or not shows_list(contract, operation):
        return None
    newer = [
        other
        for other in contract.specification.operations
        if other.method == "GET"
        and _family(other.path) == _family(operation.path)
        and _version(other.path) > _version(operation.path)
    ]
    return max(newer, key=lambda other: _version(other.path), default=None)


def view_of(contract: ApiContract, newer: Operation, older: Operation) -> View:
    """The older version of a listing as a view of its items."""
    return View(older, _shared(contract, newer, older))


def unlisted_violation(newer: Operation, count: int) -> Violation:
    """The violation of a listing that is empty while a newer version lists items."""
    message = f"lists nothing, and {newer.path} lists {counted(count, 'item')}"
    return LISTED_IN_EVERY_VERSION.violation(message, expected=counted(count, "item"), actual="none")


def view_violations(view: View, newer: JsonObject, older: JsonObject) -> Iterator[Violation]:
    """Properties that two versions show differently for one id; what either leaves out is not judged."""
    for name, schemas in sorted(view.shared.items()):
        shown = _value(newer, name), _value(older, name)
        if _ABSENT not in shown and not _is_same(shown, schemas):
            message = f"{name} is {shown[0]!r} here and {shown[1]!r} in {view.operation.path}"
            yield VIEWS_AGREE.violation(message, f"/data/{name}", expected=shown[1], actual=shown[0])


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
        elif schemas[0].get("type") == "array":
            items = [contract.schemas.resolve(schema.get("items", {}), "")[0] for schema in schemas]
            if all(items[0].get(key) == items[1].get(key) for key in _LIKE):
                inner = [properties_of(contract, item) for item in items]
                alike = dict(_alike(contract, inner[0], inner[1], ""))
                if alike or items[0].get("type") in _COMPARED:
                    newer_list, older_list = (
                        {**schema, "items": {**item, "properties": {name: pair[side] for name, pair in alike.items()}}}
                        for side, (schema, item) in enumerate(zip(schemas, items, strict=True))
                    )
                    yield f"{place}{name}", (newer_list, older_list)
        elif schemas[0].get("type") == "object":
            yield f"{place}{name}", schemas
            inner = [properties_of(contract, schema) for schema in schemas]
            yield from _alike(contract, inner[0], inner[1], f"{place}{name}/")


def _value(item: JsonObject, name: str) -> Any:
    """The value of a property, null included."""
    value: Any = item
    for part in name.split("/"):
        value = value.get(part, _ABSENT) if isinstance(value, Mapping) else _ABSENT
    return value


def _is_same(values: tuple[Any, Any], schemas: tuple[JsonObject, JsonObject]) -> bool:
    """Whether two versions mean the same, or one of them cannot express what the other shows."""
    if all(isinstance(value, Mapping) for value in values):
        return True  # Their properties are compared one by one.
    if all(isinstance(value, list) for value in values):
        items = schemas[0].get("items", {}), schemas[1].get("items", {})
        # What one version has no word for may be missing from its list, or stand there as another.
        if not all(_can_express(items, item) for value in values for item in value):
            return True
        return agree(*([_element(item, items) for item in value] for value in values))
    return agree(*(_plain(value, schemas) for value in values)) or not all(
        _can_express(schemas, value) for value in values
    )


def _element(value: Any, schemas: tuple[JsonObject, JsonObject]) -> Any:
    """An element of a list as it is compared: an object by the properties that both versions document alike."""
    if not isinstance(value, Mapping):
        return _plain(value, schemas)
    newer, older = (schema.get("properties", {}) for schema in schemas)
    pairs = {name: (newer[name], older[name]) for name in newer if name in value}
    return {name: _plain(value[name], pair) for name, pair in pairs.items() if _can_express(pair, value[name])}


def _can_express(schemas: tuple[JsonObject, JsonObject], value: Any) -> bool:
    """Whether both versions have a word for a value, and room for it."""
    if value is None:
        return all(schema.get("nullable") for schema in schemas)
    if not all(_has_room(schema, value) for schema in schemas):
        return False
    vocabularies = [{_meaning(word) for word in schema["enum"]} for schema in schemas if "enum" in schema]
    return all(_meaning(value) in vocabulary for vocabulary in vocabularies)


def _has_room(schema: JsonObject, value: Any) -> bool:
    """Whether a text is short enough, or a number between the bounds."""
    if isinstance(value, str):
        return len(value) <= int(schema.get("maxLength", len(value)))
    if isinstance(value, int | float):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def _plain(value: Any, schemas: tuple[JsonObject, JsonObject]) -> Any:
    """A value as it is compared: a member of an enum by its meaning."""
    return _meaning(value) if any("enum" in schema for schema in schemas) else value


def _meaning(word: Any) -> Any:
    """What a member of an enum means, however a version writes it."""
    if not isinstance(word, str):
        return word
    plain = word.casefold().replace("_", " ")
    return _SYNONYMS.get(plain, plain)


def _version(path: str) -> list[int]:
    return [int(number) for version in _VERSION.findall(path) for number in version.strip("/v").split(".")]


def _is_another_view(path: str, of: str) -> bool:
    """Whether a path is that of an item in an older version, or on its own where the other one is that of a child."""
    if _family(path) == _family(of):
        return _version(path) < _version(of)
    own, child = _family(path).split("/"), _family(of).split("/")
    return path.count("{") == 1 < of.count("{") and own[-2:] == child[-2:] and own[:-2] == child[: len(own) - 2]


def _family(path: str) -> str:
    return _PARAMETER.sub("{}", _VERSION.sub("", path))
