"""The schemas of the served version as JSON Schema, compiled on first use."""

import re
from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from ampeco_conformance.specs.patterns import common_schema, pattern_formats
from ampeco_emulator.clock import parse_timestamp

_URI = "https://emulator.invalid/document"
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d(Z|[+-]\d\d:\d\d)?)?")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
SchemaObject = Mapping[str, Any]


class SchemaBook:
    """Resolves references, and compiles validators for requests (`incoming`) and responses."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._registries: dict[bool, jsonschema_rs.Registry] = {}
        self._validators: dict[tuple[str, bool], jsonschema_rs.Validator] = {}

    def deref(self, value: SchemaObject) -> SchemaObject:
        """Resolve `$ref`."""
        while "$ref" in value:
            value = self.at(str(value["$ref"]))
        return value

    def at(self, reference: str) -> Any:
        """The part of the document a `#/...` reference points at."""
        found: Any = self.document
        for token in reference.removeprefix("#").split("/")[1:]:
            found = found[token.replace("~1", "/").replace("~0", "~")]
        return found

    def validator(self, schema: SchemaObject, *, incoming: bool) -> jsonschema_rs.Validator:
        """A validator of one schema; the schema must live as long as the document."""
        key = (str(schema["$ref"]) if "$ref" in schema else f"@{id(schema)}", incoming)
        if key not in self._validators:
            converted, registry = _converted(schema, incoming, self), self._registry(incoming)
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                converted,
                registry=registry,
                validate_formats=True,
                formats={"time": _is_time_of_day, "date-time": _is_timestamp, **pattern_formats()},
                offline=True,
            )
        return self._validators[key]

    def _registry(self, incoming: bool) -> jsonschema_rs.Registry:
        if incoming not in self._registries:
            schemas = self.document.get("components", {}).get("schemas", {})
            converted = {name: _converted(schema, incoming, self) for name, schema in schemas.items()}
            self._registries[incoming] = jsonschema_rs.Registry(
                [(_URI, {"components": {"schemas": converted}})], draft=jsonschema_rs.Draft202012
            )
        return self._registries[incoming]


def _converted(schema: Any, incoming: bool, book: SchemaBook) -> Any:
    """Translate an OpenAPI 3.0 schema to JSON Schema; `oneOf` becomes `anyOf`, so alternatives may overlap."""
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        return {"$ref": _URI + str(schema["$ref"])}
    result: dict[str, Any] = {}
    for key, value in schema.items():
        match key:
            case "properties":
                shown = {name: incoming or not book.deref(item).get("writeOnly") for name, item in value.items()}
                result[key] = {
                    name: _converted(item, incoming, book) if shown[name] else False for name, item in value.items()
                }
            case "allOf" | "anyOf" | "oneOf":
                result.setdefault("allOf", [])
                parts = [_converted(item, incoming, book) for item in value]
                result["allOf"] += parts if key == "allOf" else [{"anyOf": parts}]
            case "items" | "not" | "additionalProperties":
                result[key] = _converted(value, incoming, book)
            case "required":
                hidden = "readOnly" if incoming else "writeOnly"
                properties = schema.get("properties", {})
                result[key] = [name for name in value if not book.deref(properties.get(name, {})).get(hidden)]
            case "pattern":
                result.setdefault("allOf", []).append(common_schema(value))
            case "nullable" | "example" | "exclusiveMinimum" | "exclusiveMaximum":
                pass
            case _:
                result[key] = value
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True and bound in result:
            result[exclusive] = result.pop(bound)
    return {"anyOf": [result, {"type": "null"}]} if schema.get("nullable") else result


def _is_time_of_day(text: str) -> bool:
    return _TIME_OF_DAY.fullmatch(text) is not None


def _is_timestamp(text: str) -> bool:
    """Whether a text is an RFC 3339 timestamp (the zone is optional) of an existing date."""
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return _TIMESTAMP.fullmatch(text) is not None
