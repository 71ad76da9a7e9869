"""Parameters as they are sent: everything in a path, a query, a header, a cookie or a form is text.

Where the two sides of a comparison write a parameter in different types, both are rewritten into a common form: a
scalar becomes a list of one beside a list, a number its text beside a text. null has no text of its own.
"""

import json
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import UNKNOWN, ContractOperation, Json, Schema, section
from ampeco_conformance.compatibility.envelopes import PARTS, SCALARS, parameters
from ampeco_conformance.compatibility.keywords import kind_of
from ampeco_conformance.compatibility.schema_diff import annotation

_INTEGER = "^[-+]?[0-9]+$"
_NUMBER = r"^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$"
_LIMITS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_TEXT_CONSTRAINTS = {"pattern", "minLength", "maxLength", "format", "enum"}
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_MOST_VALUES = 100
"""Integers between two bounds that are listed as texts."""

_UNCLEAR: Schema = {UNKNOWN: "a parameter whose texts cannot be compared"}


@dataclass(frozen=True, slots=True)
class WireSide:
    """One side: its schemas, its operation and the envelope of its requests, whose parameters are rewritten."""

    canonical: Canonical
    operation: ContractOperation
    envelope: Schema

    def properties(self, part: str) -> dict[str, Json]:
        """The schemas of the parameters of a part."""
        found: dict[str, Json] = self.envelope["properties"][part]["properties"]
        return found

    def declared(self, place: str, name: str) -> dict[str, Any]:
        """The parameter itself; empty when it has another name, as in paths."""
        return parameters(self.canonical.contract, self.operation).get((place, name), {})


def align_parameters(old: WireSide, new: WireSide) -> None:
    """Rewrite the parameters of two envelopes so that their schemas differ where their texts do; in place."""
    _spread(old, new)
    _spread(new, old)
    _align_forms(old, new)
    for place, part in PARTS.items():
        before, after = old.properties(part), new.properties(part)
        for name in (name for name in before if name in after):
            sides = [(old, before[name]), (new, after[name])]
            nodes = [_sent(side.canonical.node(schema)) for side, schema in sides]
            if any("content" in side.declared(place, name) for side, _ in sides):
                continue
            aligned = _aligned(old, new, nodes, _is_exploded(nodes, (old, new), place, name))
            for (side, schema), node, properties in zip(sides, aligned, (before, after), strict=True):
                if node is not side.canonical.node(schema):
                    properties[name] = _with_annotations(side.canonical, schema, node)


def _align_forms(old: WireSide, new: WireSide) -> None:
    """The same for the fields of forms, whose scalars are text too."""
    contents = [section(side.envelope["properties"].get("body"), "properties") for side in (old, new)]
    for media_type in (name for name in _FORMS if name in contents[0] and name in contents[1]):
        nodes = [side.canonical.node(content[media_type]) for side, content in zip((old, new), contents, strict=True)]
        before, after = (node.get("properties", {}) for node in nodes)
        texts: tuple[dict[str, Json], dict[str, Json]] = {}, {}
        for name in (name for name in before if name in after):
            fields = [_sent(old.canonical.node(before[name])), _sent(new.canonical.node(after[name]))]
            if all(map(_is_scalar, fields)) and fields[0]["type"] != fields[1]["type"]:
                for found, side, schema, node in zip(
                    texts, (old, new), (before[name], after[name]), _as_texts(fields, always=True), strict=True
                ):
                    found[name] = _with_annotations(side.canonical, schema, node)
        if texts[0]:
            for content, node, found in zip(contents, nodes, texts, strict=True):
                content[media_type] = {**node, "properties": {**node["properties"], **found}}


def _spread(side: WireSide, other: WireSide) -> None:
    """Replace an exploded object in the query that the other side does not have by its fields, which look the same."""
    query = side.envelope["properties"]["query"]
    for name in [name for name in query["properties"] if name not in other.properties("query")]:
        declared = side.declared("query", name)
        node = side.canonical.node(query["properties"][name])
        plain = node.keys() <= {"type", "properties", "required"} and node.get("type") == ["object"]
        if (
            plain
            and node.get("properties")
            and declared.get("style", "form") == "form"
            and declared.get("explode", True)
        ):
            del query["properties"][name]
            query["properties"] = {**node["properties"], **query["properties"]}
            needed = node.get("required", []) if name in query["required"] else []
            query["required"] = [*(other for other in query["required"] if other != name), *needed]


def _aligned(old: WireSide, new: WireSide, nodes: list[Schema], exploded: bool) -> list[Schema]:
    lists = [node.get("type") == ["array"] for node in nodes]
    scalars = [_is_scalar(node) for node in nodes]
    if all(scalars):
        return _as_texts(nodes)
    if not (any(lists) and any(scalars)):
        return nodes
    if not exploded:
        return [{"type": ["string"]}] * 2 if _is_free_list(nodes, lists, old, new) else [dict(_UNCLEAR), nodes[1]]
    sides = (old, new)
    items = [
        _sent(side.canonical.node(node.get("items", {"type": "string"}))) if is_list else node
        for side, node, is_list in zip(sides, nodes, lists, strict=True)
    ]
    texts = _as_texts(items) if all(map(_is_scalar, items)) else items
    return [
        {**node, "items": text, "minItems": max(1, node.get("minItems", 1))}
        if is_list
        else {"type": ["array"], "items": text, "minItems": 1, "maxItems": 1}
        for node, text, is_list in zip(nodes, texts, lists, strict=True)
    ]


def _is_free_list(nodes: list[Schema], lists: list[bool], old: WireSide, new: WireSide) -> bool:
    """Whether a list in one text, and the scalar beside it, may be any text."""
    for side, node, is_list in zip((old, new), nodes, lists, strict=True):
        inner = side.canonical.node(node.get("items", {})) if is_list else node
        if _TEXT_CONSTRAINTS & inner.keys() or "string" not in inner.get("type", ["string"]):
            return False
        if is_list and (node.keys() - {"type", "items"}):
            return False
    return True


def _as_texts(nodes: list[Schema], *, always: bool = False) -> list[Schema]:
    """Two scalars in a common form: as they are, unless one is a text with constraints and the other is none.

    With `always`, as texts whenever one is a text.
    """
    are_texts = ["string" in node["type"] for node in nodes]
    nodes = [
        {"type": ["string"]} if is_text and len(node["type"]) > 1 and not _TEXT_CONSTRAINTS & node.keys() else node
        for is_text, node in zip(are_texts, nodes, strict=True)
    ]
    constrained = any(text and _TEXT_CONSTRAINTS & node.keys() for text, node in zip(are_texts, nodes, strict=True))
    if nodes[0]["type"] == nodes[1]["type"] or not any(are_texts) or not (constrained or always):
        return nodes
    texts = [_as_text(node) for node in nodes]
    return [dict(_UNCLEAR), nodes[1]] if None in texts else [text for text in texts if text is not None]


def _as_text(node: Schema) -> Schema | None:
    """The texts of a scalar as a schema; None when they cannot be said."""
    kinds = node["type"]
    if "enum" in node:
        return {"type": ["string"], "enum": [_written(value) for value in node["enum"]]}
    if kinds == ["string"]:
        return node
    if kinds == ["boolean"]:
        return {"type": ["string"], "enum": ["true", "false"]}
    if "string" in kinds:
        return None if _TEXT_CONSTRAINTS & node.keys() else {"type": ["string"]}
    if len(kinds) > 1:
        return None
    if kinds == ["integer"] and node.keys() & _LIMITS == {"minimum", "maximum"}:
        values = range(int(node["minimum"]), int(node["maximum"]) + 1)
        return {"type": ["string"], "enum": [str(value) for value in values]} if len(values) <= _MOST_VALUES else None
    if node.keys() & _LIMITS:
        return None
    return {"type": ["string"], "pattern": _INTEGER if kinds == ["integer"] else _NUMBER}


def _written(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _is_scalar(node: Schema) -> bool:
    return bool(node.get("type")) and set(node["type"]) <= {*SCALARS} and not {"anyOf", "oneOf", "allOf"} & node.keys()


def _is_exploded(nodes: list[Schema], sides: tuple[WireSide, WireSide], place: str, name: str) -> bool:
    """Whether the list among two parameters is sent as several texts of one name."""
    for node, side in zip(nodes, sides, strict=True):
        if node.get("type") == ["array"]:
            declared = side.declared(place, name)
            style = declared.get("style", "form")
            return place in ("query", "cookie") and style == "form" and declared.get("explode", True) is not False
    return False


def _sent(node: Schema) -> Schema:
    """A node as its values are sent: null is no text, and listed values have a type."""
    node = _without_null(node)
    if "type" not in node and node.get("enum") and all(isinstance(value, (str, int, float)) for value in node["enum"]):
        return {**node, "type": sorted({kind_of(value) for value in node["enum"]})}
    return node


def _without_null(node: Schema) -> Schema:
    """A node without null, which is sent as some text or not at all; the node itself when it takes none."""
    kinds = node.get("type", [])
    if "null" not in kinds or kinds == ["null"]:
        return node
    made = {**node, "type": [kind for kind in kinds if kind != "null"]}
    if "enum" in made:
        made["enum"] = [value for value in made["enum"] if value is not None]
    return made


def _with_annotations(canonical: Canonical, schema: Json, node: Schema) -> Schema:
    kept = {keyword: annotation(canonical, schema, keyword) for keyword in ("deprecated", "default")}
    return {**node, **{keyword: value for keyword, value in kept.items() if value is not None}}
