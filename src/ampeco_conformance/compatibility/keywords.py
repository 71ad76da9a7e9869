"""Which keywords of a schema say something, and which of their values are valid."""

from collections.abc import Callable, Collection
from typing import Any

from ampeco_conformance.compatibility.contracts import Json, Schema
from ampeco_conformance.contract.json_schema import SINGLE_SCHEMAS
from ampeco_conformance.specs.patterns import is_common

LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
BOUNDS = (*LOWER, *UPPER)
INTEGER_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""Formats of integers and their values."""
ASSERTED_FORMATS = frozenset(
    {
        *("date", "date-time", "duration", "time", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"),
        *("uri", "uri-reference", "iri", "iri-reference", "uri-template", "uuid", "regex"),
        *("json-pointer", "relative-json-pointer", "byte", "binary", "base64url"),
    }
)
"""Formats of texts that say which texts, or how they are encoded; any other says nothing about values."""
TYPES = frozenset({"null", "boolean", "object", "array", "string", "number", "integer"})


_KINDS = {dict: "object", list: "array", str: "string", int: "integer", bool: "boolean"}


def kind_of(value: Json) -> str:
    """The narrowest type of a JSON value; a number without decimals is an integer, however it is written."""
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return _KINDS.get(type(value), "null")


def is_of(value: Json, kinds: Collection[str]) -> bool:
    """Whether a JSON value has one of these types."""
    kind = kind_of(value)
    return kind in kinds or (kind == "integer" and "number" in kinds)


def split(schema: Schema) -> tuple[Schema, dict[str, Json]]:
    """The keywords that say something with valid values, and those whose values are invalid."""
    said = {key: value for key, value in schema.items() if key in _IS_VALID}
    invalid = {key: value for key, value in said.items() if not _IS_VALID[key](value)}
    return {key: value for key, value in said.items() if key not in invalid}, invalid


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Json) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_schema(value: Json) -> bool:
    return isinstance(value, dict | bool)


def _is_list_of_schemas(value: Json) -> bool:
    return isinstance(value, list) and bool(value)


def _is_names(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _is_type(value: Json) -> bool:
    names = value if isinstance(value, list) else [value]
    return any(isinstance(name, str) and name in TYPES for name in names)


_IS_VALID: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("minimum", "maximum"), _is_number),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), lambda value: isinstance(value, int | float)),
    **dict.fromkeys((name for name in BOUNDS if name[3:] in ("Length", "Items", "Properties", "Contains")), _is_count),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(SINGLE_SCHEMAS, _is_schema),
    **dict.fromkeys(("properties", "dependentSchemas"), lambda value: isinstance(value, dict)),
    "patternProperties": lambda value: isinstance(value, dict) and all(map(is_common, value)),
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(_is_names, value.values())),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), _is_list_of_schemas),
    "enum": lambda value: isinstance(value, list) and bool(value),
    "const": lambda _: True,
    "required": _is_names,
    "type": _is_type,
    "pattern": lambda value: isinstance(value, str) and is_common(value),
    **dict.fromkeys(("format", "contentEncoding", "contentMediaType"), lambda value: isinstance(value, str)),
    **dict.fromkeys(("uniqueItems", "nullable"), lambda value: isinstance(value, bool)),
}
"""Keyword -> whether a value of it is valid; other keywords say nothing about values."""
