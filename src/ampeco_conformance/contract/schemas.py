"""JSON Schema validators for the schemas of a specification, in the direction of travel.

OpenAPI 3.0 has a schema dialect of its own; it is translated to JSON Schema 2020-12 here. A required property
that is `readOnly` may be absent from a request, one that is `writeOnly` from a response (OpenAPI 3.0.3, Schema Object).
`oneOf` is read as `anyOf`: documents of these vendors list alternatives that overlap, even the same one twice, and
a value that fits two of them is nobody's violation.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache, cached_property
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from ampeco_conformance.specs import Specification

_DOCUMENT_URI = "urn:specification"
_FRAGMENT_SAFE = "/~!$&()*+,;=:@"
_COMBINATORS = ("allOf", "anyOf", "oneOf")
_LITERALS = frozenset({"enum", "example", "examples", "default", "const"})
_NAME_MAPS = frozenset(
    {"properties", "patternProperties", "schemas", "responses", "parameters", "headers", "requestBodies"}
    | {"content", "paths", "callbacks", "$defs", "definitions", "securitySchemes", "links", "variables"}
)

_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-4]):[0-5]\d(:[0-6]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?)?", re.IGNORECASE)


class Direction(StrEnum):
    """Which way a value travels; decides what `readOnly` and `writeOnly` mean for it."""

    REQUEST = "request"
    RESPONSE = "response"


_ABSENT_BY_DIRECTION = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}


class Schemas:
    """Compiles the schemas of one specification on demand; one instance per specification is enough."""

    def __init__(self, specification: Specification) -> None:
        self._document = specification.document
        self._is_3_0 = str(self._document.get("openapi", "")).startswith("3.0")
        self._validators: dict[tuple[str, Direction], jsonschema_rs.Validator] = {}

    def validator(self, pointer: str, direction: Direction) -> jsonschema_rs.Validator:
        """The validator of the schema at a JSON pointer of the document, such as `/components/schemas/User`."""
        key = (pointer, direction)
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                {"$ref": f"{_DOCUMENT_URI}#{quote(pointer, safe=_FRAGMENT_SAFE)}"},
                registry=self._requests if direction is Direction.REQUEST else self._responses,
                validate_formats=True,
                formats={"time": _is_time_of_day},
                offline=True,
            )
        return self._validators[key]

    def resolve(self, value: Mapping[str, Any], pointer: str) -> tuple[dict[str, Any], str]:
        """Follow `$ref` of a parameter, header, body or response object; returns it with its own pointer."""
        while "$ref" in value:
            pointer = str(value["$ref"]).removeprefix("#")
            value = self.at(pointer)
        return dict(value), pointer

    def at(self, pointer: str) -> Any:
        """The part of the document at a JSON pointer. Raises KeyError when there is none."""
        value: Any = self._document
        for token in pointer.split("/")[1:]:
            token = unescape_pointer(token)
            value = value[int(token)] if isinstance(value, list) else value[token]
        return value

    @cached_property
    def _requests(self) -> jsonschema_rs.Registry:
        return self._registry(Direction.REQUEST)

    @cached_property
    def _responses(self) -> jsonschema_rs.Registry:
        return self._registry(Direction.RESPONSE)

    def _registry(self, direction: Direction) -> jsonschema_rs.Registry:
        document = translate(self._document, direction, is_3_0=self._is_3_0, root=self._document)
        return jsonschema_rs.Registry([(_DOCUMENT_URI, document)], draft=jsonschema_rs.Draft202012)


def _is_time_of_day(text: str) -> bool:
    """A time of day as these vendors write it (08:00, 08:00:00) or as RFC 3339 does (08:00:00Z)."""
    return _TIME_OF_DAY.fullmatch(text) is not None


def translate(node: Any, direction: Direction, *, is_3_0: bool, root: Mapping[str, Any]) -> Any:
    """A copy of a document in which every Schema Object reads as JSON Schema 2020-12."""
    if isinstance(node, list):
        return [translate(item, direction, is_3_0=is_3_0, root=root) for item in node]
    if not isinstance(node, dict):
        return node
    translated: dict[str, Any] = {}
    for key, value in node.items():
        if key in _NAME_MAPS and isinstance(value, dict):
            # Keys of such a map are names, not keywords: a property may well be called "default".
            translated[key] = {
                name: translate(item, direction, is_3_0=is_3_0, root=root) for name, item in value.items()
            }
        elif key in _LITERALS:
            translated[key] = value
        elif key == "oneOf" and "anyOf" not in node:
            translated["anyOf"] = translate(value, direction, is_3_0=is_3_0, root=root)
        else:
            translated[key] = translate(value, direction, is_3_0=is_3_0, root=root)
    _drop_directed_requirements(translated, node, direction, root)
    return _translate_3_0(translated) if is_3_0 else translated


def _drop_directed_requirements(
    translated: dict[str, Any], node: Mapping[str, Any], direction: Direction, root: Mapping[str, Any]
) -> None:
    required, properties = node.get("required"), node.get("properties")
    if not isinstance(properties, dict):
        return
    absent = {name for name, schema in properties.items() if _has_flag(schema, _ABSENT_BY_DIRECTION[direction], root)}
    if isinstance(required, list):
        translated["required"] = [name for name in required if name not in absent]
    if direction is Direction.REQUEST:
        # What is sent all the same is ignored or refused, whatever its type.
        translated["properties"] |= dict.fromkeys(absent, True)


def _has_flag(schema: Any, flag: str, root: Mapping[str, Any]) -> bool:
    seen: set[str] = set()
    while isinstance(schema, dict) and "$ref" in schema and schema["$ref"] not in seen:
        reference = str(schema["$ref"])
        seen.add(reference)
        schema = root
        for token in reference.removeprefix("#/").split("/"):
            schema = schema[unescape_pointer(token)]
    return isinstance(schema, dict) and schema.get(flag) is True


def _translate_3_0(schema: dict[str, Any]) -> dict[str, Any]:
    """Rewrite the 3.0 spellings of one schema; objects that are no schemas do not have these keywords."""
    if "$ref" in schema:
        return {"$ref": _absolute(schema["$ref"])} if isinstance(schema["$ref"], str) else schema
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            del schema[exclusive]
            if flag and bound in schema:
                schema[exclusive] = schema.pop(bound)
    if schema.pop("nullable", None) is True:
        return _nullable(schema)
    return schema


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """`nullable: true` lets null through whatever else is said (OpenAPI 3.0.3 proposal 2019-10-31)."""
    if isinstance(schema.get("type"), str) and not any(key in schema for key in _COMBINATORS):
        enum = schema.get("enum")
        widened = {} if enum is None or None in enum else {"enum": [*enum, None]}
        return {**schema, "type": [schema["type"], "null"], **widened}
    return {"anyOf": [schema, {"type": "null"}]}


def _absolute(reference: str) -> str:
    return f"{_DOCUMENT_URI}{reference}" if reference.startswith("#") else reference


@cache
def unescape_pointer(token: str) -> str:
    """One token of a JSON pointer, decoded (RFC 6901)."""
    return token.replace("~1", "/").replace("~0", "~")


def escape_pointer(token: str) -> str:
    """One token of a JSON pointer, encoded (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")
