"""A canonical form of schemas: OpenAPI 3.0 and 3.1, one spelling of null, allOf merged, one direction.

A node is a schema in JSON Schema 2020-12 whose children are still as the document has them, so that a schema is
only unfolded where a comparison goes. `type` is a sorted list, `const` an `enum` of one value.
"""

import math
from collections.abc import Callable
from typing import Any

from ampeco_conformance.compatibility.contracts import UNKNOWN, ContractDocument, Json, Schema, listing
from ampeco_conformance.compatibility.keywords import LOWER, TYPES, UPPER, split
from ampeco_conformance.contract.json_schema import (
    HIDDEN_BY,
    SCHEMA_LISTS,
    SCHEMA_MAPS,
    SINGLE_SCHEMAS,
    Direction,
    add_null,
    translate_bounds,
)

_ANNOTATIONS = {
    *("title", "description", "example", "examples", "externalDocs", "xml", "$comment", "deprecated", "default"),
    *("readOnly", "writeOnly", "discriminator", "summary"),
}
_BESIDE = {"$ref", "title", "description", "summary", "example", "examples", "externalDocs", "$comment"}
"""Keys that may stand beside a reference without changing what it means."""
_MAXIMUM_DEPTH = 60
"""allOf within allOf; anything deeper is a cycle."""


class Canonical:
    """The nodes of one contract in one direction, each made once."""

    def __init__(self, contract: ContractDocument, direction: Direction) -> None:
        self.contract = contract
        self.direction = direction
        self._nodes: dict[int, tuple[Json, Schema]] = {}
        self._joined: dict[tuple[int, ...], Schema] = {}
        self._parts: dict[int, list[Json]] = {}

    def node(self, schema: Json) -> Schema:
        """The canonical form of a schema of the document (or of one that outlives this object)."""
        return self._node(schema, 0)

    def _node(self, schema: Json, depth: int) -> Schema:
        known = self._nodes.get(id(schema))
        if known is None:
            made = self._make(schema, depth) if depth <= _MAXIMUM_DEPTH else self._circle()
            known = self._nodes[id(schema)] = (schema, made)
        return known[1]

    def _make(self, schema: Json, depth: int) -> Schema:
        if schema is True or schema is None or schema == {}:
            return {}
        if schema is False:
            return {"not": {}}
        if not isinstance(schema, dict):
            return self._unknown(f"{str(schema)[:60]} is not a schema")
        if UNKNOWN in schema:
            return {UNKNOWN: schema[UNKNOWN]}
        if isinstance(schema.get("$ref"), str):
            target = self._node(self.contract.resolve(schema), depth + 1)
            siblings = {key: value for key, value in schema.items() if key not in _ANNOTATIONS and key != "$ref"}
            if not siblings or self.contract.dialect == "3.0":
                return target
            return _without_hidden(self.merge(self._plain(siblings, depth), target))
        return self._plain(schema, depth)

    def merge(self, first: Schema, second: Schema, *, is_around: bool = True) -> Schema:
        """A node that accepts what both accept (allOf); what cannot be merged stays in its `allOf`.

        `is_around`: whether the first one stands around the other, so that its unevaluatedProperties knows the fields
        that the other names.
        """
        return _merge(first, second, self._both, is_around)

    def target(self, schema: Json) -> Json:
        """What a schema that is nothing but a reference leads to; any other schema itself."""
        while isinstance(schema, dict) and isinstance(schema.get("$ref"), str) and not (schema.keys() - _BESIDE):
            schema = self.contract.resolve(schema)
        return schema

    def _both(self, first: Json, second: Json) -> Json:
        """The schema of a field that two members of an allOf describe; made once, so that circles end."""
        members = [self.target(part) for one in (first, second) for part in self._parts.get(id(one), (one,))]
        unique = {id(member): member for member in members}
        if len(unique) == 1:
            return members[0]
        key = tuple(unique)
        if key not in self._joined:
            made = self._joined[key] = {"allOf": [*unique.values()]}
            self._parts[id(made)] = made["allOf"]
        return self._joined[key]

    def _circle(self) -> Schema:
        return self._unknown("a schema contains itself through allOf")

    def _unknown(self, why: str) -> Schema:
        """The node of a schema that cannot be understood."""
        self.contract.put_aside(why)
        return {UNKNOWN: why}

    def _plain(self, schema: Schema, depth: int) -> Schema:
        node, invalid = split(schema)
        nullable = node.pop("nullable", False) is True and self.contract.dialect == "3.0"
        for keyword, value in invalid.items():
            self.contract.put_aside(f"{keyword}: {str(value)[:60]} is invalid")
        _spell(node)
        if "properties" in node:
            self._hide(node)
        is_around = "unevaluatedProperties" in node
        for member in node.pop("allOf", ()):
            node = self.merge(node, self._node(member, depth + 1), is_around=is_around)
        node = _without_hidden(node)
        for union in ("anyOf", "oneOf"):
            if union in node:
                node, with_null = self._unwrap_union(node, union, depth)
                nullable = nullable or with_null
        if nullable:
            _allow_null(node)
        elif None not in node.get("enum", (None,)) and "type" in node:
            node["type"] = [name for name in node["type"] if name != "null"]
        _leave_out_the_void(node)
        if invalid:
            node["x-invalid"] = sorted(invalid)
        return node

    def _hide(self, node: Schema) -> None:
        hidden = [name for name, child in node["properties"].items() if self._is_hidden(child)]
        if hidden:
            node["x-hidden"] = hidden

    def _is_hidden(self, schema: Json, passed: set[int] | None = None) -> bool:
        """Whether a property is not part of this direction (readOnly in requests, writeOnly in responses)."""
        passed = set() if passed is None else passed
        if id(schema) in passed:
            return False
        passed.add(id(schema))
        marker = HIDDEN_BY[self.direction]
        if not isinstance(schema, dict):
            return False
        if schema.get(marker) is True:
            return True
        if isinstance(schema.get("$ref"), str):
            return self._is_hidden(self.contract.resolve(schema), passed)
        return any(self._is_hidden(member, passed) for member in listing(schema, "allOf"))

    def _unwrap_union(self, node: Schema, union: str, depth: int) -> tuple[Schema, bool]:
        """The node without the null of a union (and without the union when one schema is left); whether null was in."""
        members = node[union]
        others = [member for member in members if not self._is_null(member)]
        if not others:
            return node, False
        takes_null = "null" in node.get("type", ["null"]) and None in node.get("enum", [None])
        with_null = len(others) < len(members) and takes_null
        if len(others) > 1:
            return {**node, union: others}, with_null
        rest = {key: value for key, value in node.items() if key != union}
        if with_null and "type" in rest:
            rest["type"] = [name for name in rest["type"] if name != "null"] or ["null"]
        return self.merge(rest, self._node(others[0], depth + 1)), with_null

    def _is_null(self, schema: Json) -> bool:
        schema = self.contract.resolve(schema)
        return isinstance(schema, dict) and (
            schema.get("type") in ("null", ["null"]) or schema.get("enum") == [None] or schema.get("const", 0) is None
        )


def meaning(canonical: Canonical, schema: Json, depth: int = 3) -> Json:
    """A schema in a form that is alike when it means the same, whatever OpenAPI version it is written in.

    What lies deeper is left out: alike is not yet the same.
    """
    if depth == 0:
        return None
    return {key: _keyword_meaning(canonical, key, value, depth - 1) for key, value in canonical.node(schema).items()}


def _keyword_meaning(canonical: Canonical, keyword: str, value: Json, depth: int) -> Json:
    if keyword in SCHEMA_MAPS:
        return {name: meaning(canonical, child, depth) for name, child in value.items()}
    if keyword in SCHEMA_LISTS:
        return [meaning(canonical, child, depth) for child in value]
    if keyword in SINGLE_SCHEMAS:
        return meaning(canonical, value, depth)
    return sorted(value) if keyword == "required" else value


def holds(values: list[Json], value: Json) -> bool:
    """Whether a JSON value is among others; unlike in Python, true is not 1."""
    if isinstance(value, str):  # the usual case, in enums of hundreds of values
        return value in values
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in values)


def _without_hidden(node: Schema) -> Schema:
    """The node without the fields that are not part of its direction, whichever member of an allOf says so."""
    hidden = node.get("x-hidden")
    if not hidden:
        return node
    shown = {name: child for name, child in node.get("properties", {}).items() if name not in hidden}
    return {**node, "properties": shown, "required": [name for name in node.get("required", ()) if name not in hidden]}


def _merge(first: Schema, second: Schema, both: Callable[[Json, Json], Schema], is_around: bool) -> Schema:
    # Which items `items` is about depends on the `prefixItems` beside it.
    places = [{"items", "prefixItems"} & node.keys() for node in (first, second)]
    if not _leaves_fields_open_alike(first, second, is_around) or (
        all(places) and "prefixItems" in places[0] | places[1] and first != second
    ):
        return {**first, "allOf": [*first.get("allOf", ()), second]}
    merged, rest = dict(first), {}
    for keyword, value in second.items():
        if keyword not in merged or merged[keyword] == value:
            merged[keyword] = value
        elif keyword in ("properties", "patternProperties"):
            shared = {name: both(merged[keyword][name], value[name]) for name in merged[keyword] if name in value}
            merged[keyword] = {**merged[keyword], **value, **shared}
        elif keyword == "items":
            merged[keyword] = both(merged[keyword], value)
        elif keyword in _MERGING and (keyword != "multipleOf" or _whole(merged[keyword], value)):
            merged[keyword] = _MERGING[keyword](merged[keyword], value)
        else:
            rest[keyword] = value
    if rest:
        merged["allOf"] = [*merged.get("allOf", ()), rest]
    # No value has one of no types.
    return merged if merged.get("type", True) else {"not": {}}


def _leaves_fields_open_alike(first: Schema, second: Schema, is_around: bool) -> bool:
    """Whether keywords about the fields that a node does not name are about the same ones when it is merged."""
    names = [{*node.get("properties", ()), *node.get("patternProperties", ())} for node in (first, second)]
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if keyword in first and keyword in second and (first[keyword] != second[keyword] or names[0] != names[1]):
            return False
        sees_all = is_around and keyword == "unevaluatedProperties"
        if keyword in first and not sees_all and not names[1] <= names[0]:
            return False
        if keyword in second and not names[0] <= names[1]:
            return False
    return True


def _whole(*values: Json) -> bool:
    return all(isinstance(value, int) for value in values)


def _merge_types(first: list[str], second: list[str]) -> list[str]:
    both = {name for name in first if name in second}
    for one, other in ((first, second), (second, first)):
        if "integer" in one and "number" in other:
            both.add("integer")
    return sorted(both)


_MERGING: dict[str, Any] = {
    "type": _merge_types,
    "required": lambda first, second: list(dict.fromkeys([*first, *second])),
    "enum": lambda first, second: [value for value in first if holds(second, value)],
    "x-hidden": lambda first, second: [*first, *second],
    "x-invalid": lambda first, second: sorted({*first, *second}),
    "allOf": lambda first, second: [*first, *second],
    "multipleOf": math.lcm,
    **dict.fromkeys(LOWER, max),
    **dict.fromkeys(UPPER, min),
}


def _spell(node: Schema) -> None:
    """One spelling of the keywords that have several, in place."""
    _spell_type(node)
    translate_bounds(node)
    if "required" in node:
        node["required"] = list(dict.fromkeys(node["required"]))
    if "const" in node:
        constant = node.pop("const")
        node["enum"] = [constant] if holds(node.get("enum", [constant]), constant) else []


def _leave_out_the_void(node: Schema) -> None:
    """Take out the keywords that say nothing, in place."""
    for keyword in ("properties", "required"):
        if not node.get(keyword, True):
            del node[keyword]
    if node.get("additionalProperties") in ({}, True) and "additionalProperties" in node:
        node["additionalProperties"] = True


def _spell_type(node: Schema) -> None:
    if "type" in node:
        names = node["type"] if isinstance(node["type"], list) else [node["type"]]
        known = {name for name in names if name in TYPES}
        if known:
            node["type"] = sorted(known - ({"integer"} if "number" in known else set()))
        else:
            del node["type"]  # such as the `file` of Swagger 2: it says nothing


def _allow_null(node: Schema) -> None:
    add_null(node)
    if "type" in node:
        node["type"] = sorted(node["type"])
    for union in ("anyOf", "oneOf"):
        if union in node:
            node[union] = [*node[union], {"type": "null"}]
