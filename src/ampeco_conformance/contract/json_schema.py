"""Translates the schema dialect of OpenAPI to JSON Schema 2020-12, in one direction of travel.

Every part of the suite that reads schemas takes these rules from here:

- `nullable: true` lets null through (OpenAPI 3.0.3, proposal 2019-10-31);
- `exclusiveMinimum: true` turns the minimum into an exclusive one (JSON Schema draft 4, as in OpenAPI 3.0);
- a `readOnly` property is not part of a request, a `writeOnly` one not part of a response (Schema Object).
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

from ampeco_conformance.specs.patterns import common_schema
from ampeco_conformance.specs.walking import LITERALS, NAME_MAPS, look_up, pointer_of, unescape_pointer

DOCUMENT_URI = "urn:specification"
"""The base of translated references: where a registry holds the translated document."""
_FRAGMENT_SAFE = "/~!$&()*+,;=:@"


class Direction(StrEnum):
    """Which way a value travels; decides what `readOnly` and `writeOnly` mean for it."""

    REQUEST = "request"
    RESPONSE = "response"


HIDDEN_BY = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}
"""The keyword that takes a property out of a direction."""

COMBINATORS = ("allOf", "anyOf", "oneOf")
SCHEMA_MAPS = ("properties", "patternProperties", "dependentSchemas")
"""Keywords whose value is a mapping from names to schemas."""
SCHEMA_LISTS = (*COMBINATORS, "prefixItems")
"""Keywords whose value is a list of schemas."""
SINGLE_SCHEMAS = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedProperties", "unevaluatedItems", "contentSchema"),
)
"""Keywords whose value is one schema."""


def translate(node: Any, direction: Direction, *, is_3_0: bool, root: Mapping[str, Any]) -> Any:
    """A copy of a document in which every Schema Object reads as JSON Schema 2020-12.

    `oneOf` is read as `anyOf`: documents of these vendors list alternatives that overlap, even the same one twice,
    and a value that fits two of them violates nothing.
    """
    if isinstance(node, list):
        return [translate(item, direction, is_3_0=is_3_0, root=root) for item in node]
    if not isinstance(node, dict):
        return node
    translated: dict[str, Any] = {}
    for key, value in node.items():
        if not isinstance(value, dict | list) or key in LITERALS or key == "examples":
            translated[key] = value
        elif key in NAME_MAPS and isinstance(value, dict):
            # Keys of such a map are names, not keywords: a property may be called "default".
            translated[key] = {
                name: translate(item, direction, is_3_0=is_3_0, root=root) for name, item in value.items()
            }
        elif key == "oneOf" and "anyOf" not in node:
            translated["anyOf"] = translate(value, direction, is_3_0=is_3_0, root=root)
        else:
            translated[key] = translate(value, direction, is_3_0=is_3_0, root=root)
    _drop_hidden_requirements(translated, node, direction, root)
    if chosen := list(_chosen_alternatives(node)):
        conditions = translate(chosen, direction, is_3_0=is_3_0, root=root)
        translated["allOf"] = [*translated.get("allOf", ()), *conditions]
    if isinstance(reference := translated.get("$ref"), str) and reference.startswith("#/"):
        translated["$ref"] = reference_to(pointer_of(reference))
    if isinstance(pattern := translated.get("pattern"), str):
        _translate_pattern(translated, pattern)
    return _translate_3_0(translated) if is_3_0 else translated


def _chosen_alternatives(node: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a discriminator says of a schema with alternatives: the value that names one of them obliges to it.

    A value is a key of the mapping, or the name of a schema (OpenAPI 3.0.3, Discriminator Object). One that names none
    is left to the alternatives themselves.
    """
    discriminator, alternatives = node.get("discriminator"), node.get("oneOf", node.get("anyOf"))
    if not isinstance(discriminator, dict) or not isinstance(alternatives, list):
        return
    name, mapping = discriminator.get("propertyName"), discriminator.get("mapping") or {}
    mapped = {value: _schema_name(str(target)) for value, target in mapping.items()}
    for alternative in alternatives:
        reference = alternative.get("$ref") if isinstance(alternative, dict) else None
        if isinstance(reference, str):
            schema = _schema_name(reference)
            values = [value for value, target in mapped.items() if target == schema]
            values += [schema] if schema not in mapped else []
            is_named = {"type": "object", "required": [name], "properties": {name: {"enum": values}}}
            yield {"if": is_named, "then": {"$ref": reference}}


def _schema_name(reference: str) -> str:
    """The name of a schema that a mapping gives as a reference or by its name alone."""
    return unescape_pointer(unquote(reference).rpartition("/")[2])


def _translate_pattern(schema: dict[str, Any], pattern: str) -> None:
    """Say a pattern in keywords that the validator takes, in place."""
    common = common_schema(pattern)
    if "pattern" in common:
        return
    del schema["pattern"]
    if common:
        schema["allOf"] = [*schema.get("allOf", ()), common]


def translate_bounds(schema: dict[str, Any]) -> None:
    """Turn the boolean `exclusiveMinimum` and `exclusiveMaximum` of OpenAPI 3.0 into numbers, in place."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive) and bound in schema:
            schema[exclusive] = schema.pop(bound)


def add_null(schema: dict[str, Any]) -> None:
    """Let null through the `type` and the `enum` of a schema, in place."""
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = names if "null" in names else [*names, "null"]
    values = schema.get("enum")
    if isinstance(values, list) and None not in values:
        schema["enum"] = [*values, None]


#: Keywords whose next token names one of their schemas, and whether that schema is of a part of the value.
_NAMED = {**dict.fromkeys((*COMBINATORS, "dependentSchemas"), False), "properties": True}
#: Keywords whose schemas are those of parts without a name of their own, with how many tokens they take.
_UNNAMED = {
    **dict.fromkeys(("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "contains"), 1),
    **dict.fromkeys(("patternProperties", "prefixItems"), 2),
}


def pattern_of(instance_path: Sequence[str | int], evaluation_path: Sequence[str | int]) -> Iterator[str]:
    """The path to a part of a value, with `*` for whatever the schema does not name: indexes and the keys of maps.

    `evaluation_path` are the keywords that lead to that part, as validators give them.
    """
    parts, position = iter(instance_path), 0
    while position < len(evaluation_path):
        keyword = str(evaluation_path[position])
        if keyword in _NAMED:
            position += 2
            if _NAMED[keyword] and (part := next(parts, None)) is not None:
                yield str(part)
        else:
            position += _UNNAMED.get(keyword, 1)
            if keyword in _UNNAMED and next(parts, None) is not None:
                yield "*"


def _drop_hidden_requirements(
    translated: dict[str, Any], node: Mapping[str, Any], direction: Direction, root: Mapping[str, Any]
) -> None:
    required, properties = node.get("required"), node.get("properties")
    if not isinstance(properties, dict):
        return
    hidden = {name for name, schema in properties.items() if _has_flag(schema, HIDDEN_BY[direction], root)}
    if isinstance(required, list):
        translated["required"] = [name for name in required if name not in hidden]
    if direction is Direction.REQUEST:
        # A read-only property that is sent anyway is ignored or refused, whatever its type.
        translated["properties"] |= dict.fromkeys(hidden, True)


def _has_flag(schema: Any, flag: str, root: Mapping[str, Any]) -> bool:
    seen: set[str] = set()
    while isinstance(schema, dict) and "$ref" in schema and schema["$ref"] not in seen:
        reference = str(schema["$ref"])
        seen.add(reference)
        schema = look_up(root, reference)
    return isinstance(schema, dict) and schema.get(flag) is True


def _translate_3_0(schema: dict[str, Any]) -> dict[str, Any]:
    """Translate the keywords of one schema; objects that are not schemas do not have them."""
    if "$ref" in schema:
        return {"$ref": _absolute(schema["$ref"])} if isinstance(schema["$ref"], str) else schema
    translate_bounds(schema)
    if schema.pop("nullable", None) is not True:
        return schema
    if not isinstance(schema.get("type"), str) or any(key in schema for key in COMBINATORS):
        return {"anyOf": [schema, {"type": "null"}]}
    add_null(schema)
    return schema


def _absolute(reference: str) -> str:
    return f"{DOCUMENT_URI}{reference}" if reference.startswith("#") else reference


def reference_to(pointer: str) -> str:
    """The reference to a JSON pointer, percent-encoded."""
    return f"#{quote(pointer, safe=_FRAGMENT_SAFE)}"
