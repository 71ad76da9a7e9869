"""Queries in which every parameter is wrong, in few requests: each breaks as many keywords as there are parameters."""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Operation

_TEXT = "conform-none"
_TYPES_OF_NO_TEXT = ("integer", "number", "boolean")
#: Values that mean nothing, though the schema does not say so.
_MEANINGLESS = {"page": (0,)}


def packed_broken_queries(contract: ApiContract, operation: Operation) -> Iterator[dict[str, Any]]:
    """Queries with a wrong value for each parameter that can have one, until every keyword was broken once."""
    wrong = {
        name: [*_wrong_values(contract, schema), *_MEANINGLESS.get(name, ())]
        for name, schema in _parameters(contract, operation)
    }
    for values in zip_longest(*wrong.values()):
        yield {name: value for name, value in zip(wrong, values, strict=True) if value is not None}


def _parameters(contract: ApiContract, operation: Operation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The query parameters as they are sent, those of an object one by one."""
    for definition, _ in parameters(contract, operation):
        if definition["in"] == "query":
            yield from _fields(contract, definition["name"].removesuffix("[]"), definition.get("schema", {}))


def _fields(contract: ApiContract, name: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    schema, _ = contract.schemas.resolve(given, "")
    if "properties" not in schema:
        yield name, schema
    for inner, field in schema.get("properties", {}).items():
        yield from _fields(contract, f"{name}[{inner}]", field)


def _wrong_values(contract: ApiContract, schema: Mapping[str, Any]) -> Iterator[Any]:
    """Values that break a schema; several keywords may be broken by one."""
    if schema.get("type") == "array":
        items, _ = contract.schemas.resolve(schema.get("items", {}), "")
        yield from ([value] for value in _wrong_values(contract, items))
        return
    if schema.get("type") in _TYPES_OF_NO_TEXT or schema.keys() & {"enum", "format", "pattern"}:
        yield _TEXT
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if schema.get("minLength", 0) > 1:
        yield "c" * (schema["minLength"] - 1)
    if "maxLength" in schema:
        yield "c" * (schema["maxLength"] + 1)
