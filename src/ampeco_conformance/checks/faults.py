"""A valid body with one thing wrong: a required field missing, a value outside its enum, bounds or type.

Source: the schema of the request body. Only faults that no reading of the schema lets pass are made: each body is
validated again before it is sent. Formats are left out, which a server may take for annotations.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.checks.errors import required_fields
from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation

_TEXT = "conform-none"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """A body with one fault: the field, what is wrong in words, and the body."""

    field: str
    what: str
    body: Mapping[str, Any]


def faults(contract: ApiContract, operation: Operation, body: Mapping[str, Any]) -> Iterator[Fault]:
    """Every single fault of the top-level fields of a body."""
    pointer = body_schema_pointer(contract, operation)
    if pointer is None:
        return
    validator = contract.schemas.validator(pointer, Direction.REQUEST)
    schema, _ = contract.schemas.resolve(contract.schemas.at(pointer), pointer)
    wrong: list[tuple[str, str, Any]] = [
        (name, f"a body without {name}", _ABSENT) for name in required_fields(contract, operation)
    ]
    for name, definition in schema.get("properties", {}).items():
        resolved, _ = contract.schemas.resolve(definition, "")
        if not resolved.get("readOnly"):
            wrong += [(name, f"{name} {what}", value) for what, value in _wrong_values(resolved)]
    for name, what, value in wrong:
        rest = {key: item for key, item in body.items() if key != name}
        spoiled = rest if value is _ABSENT else {**rest, name: value}
        if not validator.is_valid(spoiled):
            yield Fault(name, what, spoiled)


def _wrong_values(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Values that break a schema, each with words for it."""
    kind, enum = schema.get("type"), schema.get("enum")
    if enum is not None:
        if kind == "string":
            yield "outside its enum", _TEXT
        return
    if kind in ("integer", "number"):
        yield "as text", _TEXT
        # With `exclusiveMinimum` the bound itself would do; beyond it is wrong either way.
        if "minimum" in schema:
            yield "below its minimum", schema["minimum"] - 1
        if "maximum" in schema:
            yield "above its maximum", schema["maximum"] + 1
    elif kind == "string":
        yield "as an object", {"conform": "none"}
        if schema.get("minLength", 0) > 1:
            yield "below its shortest length", "c" * (schema["minLength"] - 1)
        if "maxLength" in schema:
            yield "beyond its longest length", "c" * (schema["maxLength"] + 1)
    elif kind in ("boolean", "array", "object"):
        yield "as text", _TEXT
