"""Valid bodies with one fault each: a required field missing, a value outside its enum, bounds or type.

Source: the schema of the request body. Only faults that no reading of the schema lets pass are made: each body is
validated again before it is sent. Formats are left out: a server may treat them as annotations.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks.errors import InvalidRequest, required_fields
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation

_TEXT = "conform-none"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class InvalidBody:
    """A body with one fault: the field, what is wrong with it, and the body."""

    field: str
    request: InvalidRequest
    body: Mapping[str, Any]


def invalid_bodies(contract: ApiContract, operation: Operation, body: Mapping[str, Any]) -> Iterator[InvalidBody]:
    """Every single fault of the top-level fields of a body."""
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return
    validator = contract.schemas.validator(pointer, Direction.REQUEST)
    schema, _ = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
    wrong: list[tuple[str, InvalidRequest, Any]] = [
        (name, InvalidRequest(f"a body without {name}", f"{name} required"), _ABSENT)
        for name in required_fields(contract, operation)
    ]
    for name, definition in schema.get("properties", {}).items():
        resolved, _ = contract.schemas.resolve(definition, "")
        if not resolved.get("readOnly"):
            wrong += [
                (name, InvalidRequest(f"{name} {what}", f"{name} {keyword}"), value)
                for keyword, what, value in _wrong_values(resolved)
            ]
    for name, request, value in wrong:
        rest = {key: item for key, item in body.items() if key != name}
        invalid = rest if value is _ABSENT else {**rest, name: value}
        if not validator.is_valid(invalid):
            yield InvalidBody(name, request, invalid)


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
