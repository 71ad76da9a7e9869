"""Valid bodies with one fault each: a required field missing, a value outside its enum, bounds or type.

Source: the schema of the request body. Only faults that no reading of the schema lets pass are made: each body is
validated again before it is sent. Formats are left out: a server may treat them as annotations.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks.errors import InvalidRequest, required_fields
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.generate.places import ABSENT, BodyPlace, replaced
from ampeco_conformance.specs import Operation

_TEXT = "conform-none"
_NESTED_FAULTS = 6


@dataclass(frozen=True, slots=True)
class InvalidBody:
    """A body with one fault: the field (of a nested one, the outermost), what is wrong with it, and the body."""

    field: str
    request: InvalidRequest
    body: Mapping[str, Any]


def invalid_bodies(
    contract: ApiContract, operation: Operation, body: Mapping[str, Any], fuller: Mapping[str, Any], seed: int
) -> Iterator[InvalidBody]:
    """Every single fault of the top-level fields of a body, and some of those of nested ones, by the seed.

    Nested objects that the body lacks are taken from a fuller one. Every other fault in an item of a list is in a
    second item: a server may look at the first one only.
    """
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return
    validator = contract.schemas.validator(pointer, Direction.REQUEST)
    schema, _ = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
    required = required_fields(contract, operation)
    faults = [*_faults(contract, schema, required)]
    nested = [*_nested_faults(contract, schema, {**fuller, **body})]
    start = seed * _NESTED_FAULTS % max(len(nested), 1)
    for number, fault in enumerate(faults + (nested[start:] + nested[:start])[:_NESTED_FAULTS], start=seed):
        outermost, place = str(fault.place[0]), fault.place
        whole = body if len(place) == 1 else {**body, outermost: {**fuller, **body}[outermost]}
        if number % 2:
            whole, place = _in_second_item(whole, place)
        invalid = replaced(whole, place, fault.value)
        if not validator.is_valid(invalid):
            yield InvalidBody(outermost, fault.request, invalid)


def _in_second_item(body: Mapping[str, Any], place: BodyPlace) -> tuple[Mapping[str, Any], BodyPlace]:
    """A body with a second item in the innermost list that a place leads into, and the same place in that item."""
    depth = max((depth for depth, part in enumerate(place) if part == 0), default=None)
    if depth is None:
        return body, place
    items: Any = body
    for part in place[:depth]:
        items = items[part]
    return replaced(body, place[:depth], [items[0], *items]), (*place[:depth], 1, *place[depth + 1 :])


@dataclass(frozen=True, slots=True)
class _WrongValue:
    """A wrong value and its place in a body."""

    place: BodyPlace
    request: InvalidRequest
    value: Any


def _faults(
    contract: ApiContract, schema: Mapping[str, Any], required: Iterable[str], outer: BodyPlace = ()
) -> Iterator[_WrongValue]:
    """Every single fault of the properties of an object."""
    prefix = "".join(f"{part}." for part in outer if isinstance(part, str))
    for name in required:
        request = InvalidRequest(f"a body without {prefix}{name}", f"{prefix}{name} required")
        yield _WrongValue((*outer, name), request, ABSENT)
    for name, definition in schema.get("properties", {}).items():
        resolved, _ = contract.schemas.resolve(definition, "")
        if not resolved.get("readOnly"):
            for keyword, what, value in _wrong_values(resolved):
                request = InvalidRequest(f"{prefix}{name} {what}", f"{prefix}{name} {keyword}")
                yield _WrongValue((*outer, name), request, value)


def _nested_faults(
    contract: ApiContract, schema: Mapping[str, Any], value: Any, outer: BodyPlace = ()
) -> Iterator[_WrongValue]:
    """Every single fault of the objects, and of the first objects of the lists, that a body has."""
    for name, definition in schema.get("properties", {}).items() if isinstance(value, dict) else ():
        inner, _ = contract.schemas.resolve(definition, "")
        place, item = (*outer, name), value.get(name)
        if isinstance(item, list):
            inner, _ = contract.schemas.resolve(inner.get("items", {}), "")
            place, item = (*place, 0), next(iter(item), None)
        if isinstance(item, dict) and not inner.get("readOnly"):
            has_choice = any(keyword in inner for keyword in ("allOf", "anyOf", "oneOf"))
            yield from _faults(contract, inner, () if has_choice else inner.get("required", ()), place)
            yield from _nested_faults(contract, inner, item, place)


def _wrong_values(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Values that break a schema, each with the keyword it breaks and a description."""
    kind, enum = schema.get("type"), schema.get("enum")
    if enum is not None:
        if kind == "string":
            yield "enum", "outside its enum", _TEXT
        return
    if kind in ("integer", "number"):
        yield "type", "as text", _TEXT
        # With `exclusiveMinimum` the bound itself would do; beyond it is wrong either way.
        if "minimum" in schema:
            yield "minimum", "below its minimum", schema["minimum"] - 1
        if "maximum" in schema:
            yield "maximum", "above its maximum", schema["maximum"] + 1
    elif kind == "string":
        yield "type", "as an object", {"conform": "none"}
        if schema.get("minLength", 0) > 1:
            yield "minLength", "shorter than its minLength", "c" * (schema["minLength"] - 1)
        if "maxLength" in schema:
            yield "maxLength", "longer than its maxLength", "c" * (schema["maxLength"] + 1)
    elif kind in ("boolean", "array", "object"):
        yield "type", "as text", _TEXT
