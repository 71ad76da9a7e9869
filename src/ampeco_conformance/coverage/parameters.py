"""The query parameters of an operation, one for each name in a query, and how they were used."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.schema_tree import Point, Reach
from ampeco_conformance.specs import Operation

_INDEX = re.compile(r"\[\d*\]$")
_LENGTHS = ("minLength", "maxLength")
_BOUNDS = ("minimum", "maximum", *_LENGTHS)


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter by its name in a query, without the brackets of a list; a field of a deepObject is one of its own."""

    name: str
    schema: Mapping[str, Any]
    is_required: bool
    is_filter: bool

    @property
    def is_list(self) -> bool:
        """Whether it takes several values."""
        return "items" in self.schema

    @property
    def bounds(self) -> dict[str, Any]:
        """Its documented bounds that a value can have: keyword to bound."""
        return {keyword: self.schema[keyword] for keyword in _BOUNDS if self.schema.get(keyword) is not None}


def plain_name(name: str) -> str:
    """The name of a parameter in a query without the brackets of a list: `include` for `include[]` and `include[0]`."""
    return _INDEX.sub("", name)


def query_parameters(contract: ApiContract, operation: Operation) -> dict[str, QueryParameter]:
    """The query parameters of an operation by name."""
    found = (parameter for definition, _ in parameters(contract, operation) for parameter in _of(contract, definition))
    return {parameter.name: parameter for parameter in found}


def _of(contract: ApiContract, definition: Mapping[str, Any]) -> Iterator[QueryParameter]:
    if definition["in"] != "query":
        return
    schema, _ = contract.schemas.resolve(definition.get("schema", {}), "")
    name, is_required = plain_name(definition["name"]), bool(definition.get("required"))
    if definition.get("style") != "deepObject":
        yield QueryParameter(name, _flat(contract, schema), is_required, is_filter=False)
        return
    for field, inner in schema.get("properties", {}).items():
        is_needed = is_required and field in schema.get("required", ())
        yield QueryParameter(f"{name}[{field}]", _flat(contract, inner), is_needed, is_filter=True)


def _flat(contract: ApiContract, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema without references; of alternatives with values, all values."""
    schema, _ = contract.schemas.resolve(schema, "")
    parts = [contract.schemas.resolve(part, "")[0] for key in ("anyOf", "oneOf") for part in schema.get(key, ())]
    if parts and all("enum" in part for part in parts):
        return {"type": "string", "enum": [value for part in parts for value in part["enum"]]}
    if "items" in schema:
        return {**schema, "items": _flat(contract, schema["items"])}
    return schema


class QueryUse:
    """Which parameters succeeded alone, together with others, and at their bounds."""

    def __init__(self, query: Mapping[str, QueryParameter]) -> None:
        optional = {name for name, parameter in query.items() if not parameter.is_required}
        self._optional = frozenset(optional)
        self._alone = set(optional)
        self._together = set(optional) if len(optional) > 1 else set()
        self._bounds = {
            (name, keyword): bound for name, parameter in query.items() for keyword, bound in parameter.bounds.items()
        }

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to reach."""
        return not (self._alone or self._together or self._bounds)

    def points(self) -> Iterator[Point]:
        """What is left to reach."""
        yield from ((CoverageKind.PARAMETERS_ALONE, f"query/{name}") for name in self._alone)
        yield from ((CoverageKind.PARAMETERS_TOGETHER, f"query/{name}") for name in self._together)
        yield from ((CoverageKind.PARAMETER_BOUNDS, f"query/{name} {keyword}") for name, keyword in self._bounds)

    def see(self, values: Mapping[str, Any], reach: Reach) -> None:
        """Report what the values of a successful query reach for the first time."""
        given = self._optional.intersection(values)
        left, kind = (
            (self._alone, CoverageKind.PARAMETERS_ALONE)
            if len(given) == 1
            else (self._together, CoverageKind.PARAMETERS_TOGETHER)
        )
        for name in left.intersection(given):
            left.discard(name)
            reach(kind, f"query/{name}")
        for name, keyword in [key for key in self._bounds if key[0] in values]:
            value, bound = values[name], self._bounds[name, keyword]
            measured = len(value) if keyword in _LENGTHS and isinstance(value, str) else value
            if measured == bound:
                del self._bounds[name, keyword]
                reach(CoverageKind.PARAMETER_BOUNDS, f"query/{name} {keyword}")
