"""The schemas of the served version as JSON Schema, compiled on first use."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs

from ampeco_conformance.specs.patterns import common_schema, pattern_formats
from ampeco_conformance.specs.walking import references
from ampeco_emulator.clock import parse_timestamp

_URI = "https://emulator.invalid/document"
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-4]):[0-5]\d(:[0-5]\d(Z|[+-]\d\d:\d\d)?)?")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
_OTHER_COMPONENT = re.compile(r"#/components/(?!schemas/)")
_SCHEMAS = frozenset(
    {"items", "not", "additionalProperties", "if", "then", "else", "contains", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties"}
)
_MAPS_OF_SCHEMAS = frozenset({"patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose value is a schema, and those whose value is a map of them."""
SchemaObject = Mapping[str, Any]
_ANYTHING: SchemaObject = {}
_NOTHING: SchemaObject = {"not": {}}


class SchemaBook:
    """Resolves references, and compiles validators for requests (`incoming`) and responses."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._targets: dict[str, Any] = {}
        self._registries: dict[bool, jsonschema_rs.Registry] = {}
        self._with_one_type: dict[int, SchemaObject] = {}
        self._validators: dict[tuple[str, bool], jsonschema_rs.Validator] = {}

    def prepare(self) -> None:
        """Translate the document now, for both directions, so that forks of this process share it."""
        for incoming in (True, False):
            self._registry(incoming)

    def deref(self, value: SchemaObject | bool) -> SchemaObject:
        """Resolve `$ref`; of a list of types the first is taken, and a schema that is true or false is an object."""
        while not isinstance(value, bool):
            if (reference := value.get("$ref")) is None:
                break
            value = self.at(reference)
        else:
            return _ANYTHING if value else _NOTHING
        if isinstance(value.get("type"), list):
            # Kept, since validators are known by the identity of their schema.
            return self._with_one_type.setdefault(id(value), _with_one_type(value))
        return value

    def at(self, reference: str) -> Any:
        """The part of the document a `#/...` reference points at."""
        if reference in self._targets:
            return self._targets[reference]
        found: Any = self.document
        for token in unquote(reference.removeprefix("#")).split("/")[1:]:
            key = token.replace("~1", "/").replace("~0", "~")
            found = found[int(key)] if isinstance(found, list) else found[key]
        self._targets[reference] = found
        return found

    def validator(self, schema: SchemaObject | bool, *, incoming: bool) -> jsonschema_rs.Validator:
        """A validator of one schema; the schema must live as long as the document."""
        if isinstance(schema, bool):
            schema = self.deref(schema)
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
            targets = {reference: self.at(reference) for reference in _schema_references(self.document)}
            converted = {reference: _converted(schema, incoming, self) for reference, schema in targets.items()}
            self._registries[incoming] = jsonschema_rs.Registry(
                [(_URI, {"targets": converted})], draft=jsonschema_rs.Draft202012
            )
        return self._registries[incoming]


def _with_one_type(schema: SchemaObject) -> SchemaObject:
    """The schema with the first type of a list of them (OpenAPI 3.1), nullable when null is in it."""
    others = [name for name in schema["type"] if name != "null"]
    return {**schema, "type": others[0] if others else "null", "nullable": "null" in schema["type"]}


def _schema_references(document: dict[str, Any]) -> set[str]:
    """The references of a document that may lead to a schema, wherever that is."""
    found = {reference for _, reference in references(document)}
    return {reference for reference in found if reference.startswith("#") and not _OTHER_COMPONENT.match(reference)}


def _converted(schema: Any, incoming: bool, book: SchemaBook) -> Any:
    """Translate an OpenAPI 3.0 schema to JSON Schema; `oneOf` becomes `anyOf`, so alternatives may overlap."""
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        token = quote(str(schema["$ref"]).replace("~", "~0").replace("/", "~1"), safe="~")
        return {"$ref": f"{_URI}#/targets/{token}"}
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
            case "required":
                hidden = "readOnly" if incoming else "writeOnly"
                properties = schema.get("properties", {})
                result[key] = [name for name in value if not book.deref(properties.get(name, {})).get(hidden)]
            case "pattern":
                result.setdefault("allOf", []).append(common_schema(value))
            case "nullable" | "example":
                pass
            case _:
                result[key] = _converted_inside(key, value, incoming, book)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        # The dialect of OpenAPI 3.0; in that of 3.1 it is the bound.
        if isinstance(schema.get(exclusive), bool):
            del result[exclusive]
        if schema.get(exclusive) is True and bound in result:
            result[exclusive] = result.pop(bound)
    return {"anyOf": [result, {"type": "null"}]} if schema.get("nullable") else result


def _converted_inside(key: str, value: Any, incoming: bool, book: SchemaBook) -> Any:
    """The value of a keyword, translated where it holds schemas."""
    if key in _SCHEMAS:
        return _converted(value, incoming, book)
    if key in _MAPS_OF_SCHEMAS and isinstance(value, Mapping):
        return {name: _converted(item, incoming, book) for name, item in value.items()}
    return [_converted(item, incoming, book) for item in value] if key == "prefixItems" else value


def _is_time_of_day(text: str) -> bool:
    return _TIME_OF_DAY.fullmatch(text) is not None


def _is_timestamp(text: str) -> bool:
    """Whether a text is an RFC 3339 timestamp (the zone is optional) of an existing date."""
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return _TIMESTAMP.fullmatch(text) is not None
