"""One form for all schemas: OpenAPI 3.0 and 3.1, nullable in three spellings, allOf merged, one direction at a time.

A node is a schema in JSON Schema 2020-12 whose children are still as the document has them, so that a schema is
only unfolded where a comparison goes. `type` is a sorted list, `const` an `enum` of one value.
"""

import math
from typing import Any, Literal

from ampeco_conformance.compatibility.contracts import Contract, Json, Schema
from ampeco_conformance.errors import ConfigurationError

Direction = Literal["request", "response"]

_HIDING = {"request": "readOnly", "response": "writeOnly"}
"""The marker of properties that are not part of this direction (OpenAPI 3.0.3, Schema Object, Fixed Fields)."""

_ANNOTATIONS = {
    *("title", "description", "example", "examples", "externalDocs", "xml", "$comment", "deprecated", "default"),
    *("readOnly", "writeOnly", "discriminator", "summary"),
}
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains")
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains")
BOUNDS = (*_LOWER, *_UPPER)
_MAXIMUM_DEPTH = 60
"""allOf within allOf; beyond it goes round in a circle."""


class Canonical:
    """The nodes of one contract in one direction, each made once."""

    def __init__(self, contract: Contract, direction: Direction) -> None:
        self.contract = contract
        self.direction = direction
        self._nodes: dict[int, tuple[Json, Schema]] = {}

    def node(self, schema: Json) -> Schema:
        """The canonical form of a schema of the document (or of one that outlives this object)."""
        return self._node(schema, 0)

    def _node(self, schema: Json, depth: int) -> Schema:
        known = self._nodes.get(id(schema))
        if known is None:
            if depth > _MAXIMUM_DEPTH:
                raise ConfigurationError(f"{self.contract.name} has a schema that contains itself through allOf")
            known = self._nodes[id(schema)] = (schema, self._make(schema, depth))
        return known[1]

    def _make(self, schema: Json, depth: int) -> Schema:
        if schema is True or schema == {}:
            return {}
        if schema is False:
            return {"not": {}}
        if not isinstance(schema, dict):
            raise ConfigurationError(f"{self.contract.name} has a schema that is neither a mapping nor a boolean")
        if "$ref" in schema:
            target = self._node(self.contract.resolve(schema), depth + 1)
            siblings = {key: value for key, value in schema.items() if key not in _ANNOTATIONS and key != "$ref"}
            return (
                merge(target, self._plain(siblings, depth)) if siblings and self.contract.dialect != "3.0" else target
            )
        return self._plain(schema, depth)

    def _plain(self, schema: Schema, depth: int) -> Schema:
        node = {key: value for key, value in schema.items() if key not in _ANNOTATIONS and not key.startswith("x-")}
        nullable = node.pop("nullable", False) is True and self.contract.dialect == "3.0"
        _spell_type(node)
        _spell_bounds(node)
        if "const" in node:
            node["enum"] = [node.pop("const")]
        if "properties" in node:
            self._hide(node)
        for member in node.pop("allOf", ()):
            node = merge(node, self._node(member, depth + 1))
        for union in ("anyOf", "oneOf"):
            if union in node:
                node, with_null = self._unwrap_union(node, union, depth)
                nullable = nullable or with_null
        if nullable:
            _allow_null(node)
        elif None not in node.get("enum", (None,)) and "type" in node:
            node["type"] = [name for name in node["type"] if name != "null"]
        for keyword in ("properties", "required"):
            if not node.get(keyword, True):
                del node[keyword]
        if node.get("additionalProperties") in ({}, True) and "additionalProperties" in node:
            node["additionalProperties"] = True
        return node

    def _hide(self, node: Schema) -> None:
        hidden = [name for name, child in node["properties"].items() if self.is_hidden(child)]
        if hidden:
            node["properties"] = {name: child for name, child in node["properties"].items() if name not in hidden}
            node["required"] = [name for name in node.get("required", ()) if name not in hidden]
            node["x-hidden"] = hidden

    def is_hidden(self, schema: Json) -> bool:
        """Whether a property is not part of this direction (readOnly in requests, writeOnly in responses)."""
        marker = _HIDING[self.direction]
        if not isinstance(schema, dict):
            return False
        if schema.get(marker) is True:
            return True
        if "$ref" in schema:
            return self.is_hidden(self.contract.resolve(schema))
        return any(self.is_hidden(member) for member in schema.get("allOf", ()))

    def _unwrap_union(self, node: Schema, union: str, depth: int) -> tuple[Schema, bool]:
        """The node without the null of a union (and without the union when one schema is left); whether null was in."""
        members = node[union]
        others = [member for member in members if not self._is_null(member)]
        if not others:
            return node, False
        with_null = len(others) < len(members) and "null" in node.get("type", ["null"])
        if len(others) > 1:
            return {**node, union: others}, with_null
        rest = {key: value for key, value in node.items() if key != union}
        if with_null and "type" in rest:
            rest["type"] = [name for name in rest["type"] if name != "null"] or ["null"]
        return merge(rest, self._node(others[0], depth + 1)), with_null

    def _is_null(self, schema: Json) -> bool:
        schema = self.contract.resolve(schema)
        return isinstance(schema, dict) and (
            schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None] or schema.get("const", 0) is None
        )


def meaning(canonical: Canonical, schema: Json, seen: frozenset[str] = frozenset()) -> Json:
    """A schema in a form that is equal when it means the same, whatever OpenAPI version it is written in."""
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    if reference in seen:
        return reference
    deeper = seen | {reference} if isinstance(reference, str) else seen
    return {key: keyword_meaning(canonical, key, value, deeper) for key, value in canonical.node(schema).items()}


def keyword_meaning(canonical: Canonical, keyword: str, value: Json, seen: frozenset[str] = frozenset()) -> Json:
    """What a keyword of a canonical node means, in a form that can be compared."""
    if keyword in _OF_NAMED_SCHEMAS:
        return {name: meaning(canonical, child, seen) for name, child in value.items()}
    if keyword in _OF_SCHEMAS:
        return [meaning(canonical, child, seen) for child in value]
    if keyword in _OF_A_SCHEMA:
        return meaning(canonical, value, seen)
    return sorted(value) if keyword == "required" else value


_OF_NAMED_SCHEMAS = ("properties", "patternProperties", "dependentSchemas")
_OF_SCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_OF_A_SCHEMA = (
    *("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"),
    *("unevaluatedProperties", "unevaluatedItems", "contentSchema"),
)


def merge(first: Schema, second: Schema) -> Schema:
    """A node that accepts what both accept (allOf); what cannot be merged stays in its `allOf`."""
    closed = any("additionalProperties" in node or "unevaluatedProperties" in node for node in (first, second))
    if closed and first.get("properties") and second.get("properties"):
        return {**first, "allOf": [*first.get("allOf", ()), second]}
    merged, rest = dict(first), {}
    for keyword, value in second.items():
        if keyword not in merged or merged[keyword] == value:
            merged[keyword] = value
        elif keyword in _MERGING and (keyword != "multipleOf" or _whole(merged[keyword], value)):
            merged[keyword] = _MERGING[keyword](merged[keyword], value)
        else:
            rest[keyword] = value
    if rest:
        merged["allOf"] = [*merged.get("allOf", ()), rest]
    return merged


def _whole(*values: Json) -> bool:
    return all(isinstance(value, int) for value in values)


def _merge_types(first: list[str], second: list[str]) -> list[str]:
    both = {name for name in first if name in second}
    for one, other in ((first, second), (second, first)):
        if "integer" in one and "number" in other:
            both.add("integer")
    return sorted(both)


def _merge_properties(first: Schema, second: Schema) -> Schema:
    shared = {name: {"allOf": [first[name], second[name]]} for name in first if name in second}
    return {**first, **second, **shared}


_MERGING: dict[str, Any] = {
    "type": _merge_types,
    "properties": _merge_properties,
    "required": lambda first, second: list(dict.fromkeys([*first, *second])),
    "enum": lambda first, second: [value for value in first if value in second],
    "x-hidden": lambda first, second: [*first, *second],
    "allOf": lambda first, second: [*first, *second],
    "patternProperties": _merge_properties,
    "items": lambda first, second: {"allOf": [first, second]},
    "multipleOf": math.lcm,
    **dict.fromkeys(_LOWER, max),
    **dict.fromkeys(_UPPER, min),
}


def _spell_type(node: Schema) -> None:
    if "type" in node:
        names = node["type"] if isinstance(node["type"], list) else [node["type"]]
        node["type"] = sorted({*names} - ({"integer"} if "number" in names else set()))


def _spell_bounds(node: Schema) -> None:
    """`exclusiveMinimum: true` of OpenAPI 3.0 is a number in JSON Schema 2020-12."""
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and bound in node:
            node[exclusive] = node.pop(bound)


def _allow_null(node: Schema) -> None:
    if "type" in node:
        node["type"] = sorted({*node["type"], "null"})
    if "enum" in node and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    for union in ("anyOf", "oneOf"):
        if union in node:
            node[union] = [*node[union], {"type": "null"}]
