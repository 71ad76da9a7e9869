"""Rules on schemas: types, enums, bounds, patterns, structure. Each row defines a request rule and a response rule."""

from typing import Any

from ampeco_conformance.compatibility.rules.model import ChangeSeverity, ComparisonRule, dashed

B, M, S = ChangeSeverity.BREAKING, ChangeSeverity.MAYBE, ChangeSeverity.SAFE

SchemaRow = tuple[str, ChangeSeverity, ChangeSeverity, str, Any, Any]
"""Aspect, severity in requests, severity in responses, title, old schema, new schema."""

_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_LIST: dict[str, Any] = {"type": "array", "items": {"type": "integer"}}
_OBJECT: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
_MAP: dict[str, Any] = {"type": "object", "additionalProperties": True}

_TYPES: list[SchemaRow] = [
    ("type-changed", B, B, "Type changed", _TEXT, _WHOLE),
    ("type-narrowed", B, S, "Type narrowed", {"type": "number"}, _WHOLE),
    ("type-widened", S, B, "Type widened", _WHOLE, {"type": "number"}),
    ("became-nullable", S, B, "Became nullable", _TEXT, {"type": "string", "nullable": True}),
    ("became-not-nullable", B, S, "No longer nullable", {"type": "string", "nullable": True}, _TEXT),
]

_VALUES: list[SchemaRow] = [
    ("enum-value-removed", B, S, "Enum value removed", {"enum": ["a", "b"]}, {"enum": ["a"]}),
    ("enum-value-added", S, B, "Enum value added", {"enum": ["a"]}, {"enum": ["a", "b"]}),
    ("enum-set", B, S, "Enum added", _TEXT, {"type": "string", "enum": ["a"]}),
    ("enum-unset", S, B, "Enum removed", {"type": "string", "enum": ["a"]}, _TEXT),
    ("default-added", S, S, "Default added", _TEXT, {"type": "string", "default": "a"}),
    ("default-changed", S, S, "Default changed", {"default": 1}, {"default": 2}),
    ("default-removed", S, S, "Default removed", {"default": 1}, {}),
]


def _upper(keyword: str, kind: dict[str, Any]) -> list[SchemaRow]:
    name = dashed(keyword)
    return [
        (f"{name}-set", B, S, f"{keyword} added", kind, {**kind, keyword: 5}),
        (f"{name}-decreased", B, S, f"{keyword} decreased", {**kind, keyword: 9}, {**kind, keyword: 5}),
        (f"{name}-increased", S, B, f"{keyword} increased", {**kind, keyword: 5}, {**kind, keyword: 9}),
        (f"{name}-unset", S, B, f"{keyword} removed", {**kind, keyword: 5}, kind),
    ]


def _lower(keyword: str, kind: dict[str, Any]) -> list[SchemaRow]:
    name = dashed(keyword)
    return [
        (f"{name}-set", B, S, f"{keyword} added", kind, {**kind, keyword: 2}),
        (f"{name}-increased", B, S, f"{keyword} increased", {**kind, keyword: 2}, {**kind, keyword: 4}),
        (f"{name}-decreased", S, B, f"{keyword} decreased", {**kind, keyword: 4}, {**kind, keyword: 2}),
        (f"{name}-unset", S, B, f"{keyword} removed", {**kind, keyword: 2}, kind),
    ]


def _restriction(keyword: str, kind: dict[str, Any], one: Any, other: Any) -> list[SchemaRow]:
    name = dashed(keyword)
    return [
        (f"{name}-set", B, S, f"{keyword} added", kind, {**kind, keyword: one}),
        (f"{name}-unset", S, B, f"{keyword} removed", {**kind, keyword: one}, kind),
        (f"{name}-changed", B, B, f"{keyword} changed", {**kind, keyword: one}, {**kind, keyword: other}),
    ]


_CONTAINING = {"type": "array", "contains": {"type": "integer"}}
_CONSTRAINTS: list[SchemaRow] = [
    *_upper("maximum", {"type": "number"}),
    *_upper("exclusiveMaximum", {"type": "number"}),
    *_upper("maxLength", _TEXT),
    *_upper("maxItems", _LIST),
    *_upper("maxProperties", _MAP),
    *_upper("maxContains", _CONTAINING),
    *_lower("minimum", {"type": "number"}),
    *_lower("exclusiveMinimum", {"type": "number"}),
    *_lower("minLength", _TEXT),
    *_lower("minItems", _LIST),
    *_lower("minProperties", _MAP),
    *_lower("minContains", _CONTAINING),
    *_restriction("multipleOf", {"type": "number"}, 2, 5),
    *_restriction("pattern", _TEXT, "^a+$", "^b+$"),
    *_restriction("format", _TEXT, "date", "date-time"),
    ("unique-items-set", B, S, "uniqueItems added", _LIST, {**_LIST, "uniqueItems": True}),
    ("unique-items-unset", S, B, "uniqueItems removed", {**_LIST, "uniqueItems": True}, _LIST),
    ("content-encoding-set", M, S, "contentEncoding added", _TEXT, {**_TEXT, "contentEncoding": "base64"}),
    ("content-encoding-unset", M, M, "contentEncoding removed", {**_TEXT, "contentEncoding": "base64"}, _TEXT),
    (
        *("content-encoding-changed", M, M, "contentEncoding changed"),
        *({**_TEXT, "contentEncoding": "base64"}, {**_TEXT, "contentEncoding": "base16"}),
    ),
    ("content-media-type-set", M, S, "contentMediaType added", _TEXT, {**_TEXT, "contentMediaType": "text/html"}),
    ("content-media-type-unset", M, M, "contentMediaType removed", {**_TEXT, "contentMediaType": "text/html"}, _TEXT),
    (
        *("content-media-type-changed", M, M, "contentMediaType changed"),
        *({**_TEXT, "contentMediaType": "text/html"}, {**_TEXT, "contentMediaType": "text/csv"}),
    ),
]

_PAIR = [{"type": "string"}, {"type": "integer"}]
_NUMBERS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "integer"}}


def _whole(keyword: str, base: dict[str, Any], one: Any, other: Any) -> list[SchemaRow]:
    name = dashed(keyword)
    return [
        (f"{name}-added", B, S, f"{keyword} added", base, {**base, keyword: one}),
        (f"{name}-removed", S, B, f"{keyword} removed", {**base, keyword: one}, base),
        (f"{name}-changed", B, B, f"{keyword} changed", {**base, keyword: one}, {**base, keyword: other}),
    ]


def _union(name: str, keyword: str) -> list[SchemaRow]:
    base = {"type": ["boolean", "integer", "string"]}
    both = {keyword: [{"type": "string"}, {"type": "integer"}]}
    return [
        (f"{name}-variant-removed", B, S, "Variant removed", {keyword: [*both[keyword], {"type": "boolean"}]}, both),
        (f"{name}-variant-added", S, B, "Variant added", both, {keyword: [*both[keyword], {"type": "boolean"}]}),
        (f"{name}-added", B, S, f"{keyword} added", base, {**base, **both}),
        (f"{name}-removed", S, B, f"{keyword} removed", {**base, **both}, base),
    ]


_MIXED = {"type": "array", "items": {}}
_FIRSTS: dict[str, Any] = {"type": "array", "prefixItems": _PAIR}
_FREE: dict[str, Any] = {"type": "object"}
_NOT: list[dict[str, Any]] = [{"not": {"const": value}} for value in range(4)]
_STRUCTURE: list[SchemaRow] = [
    ("additional-properties-narrowed", B, S, "additionalProperties narrowed", _MAP, _NUMBERS),
    ("additional-properties-widened", S, B, "additionalProperties widened", _NUMBERS, _MAP),
    (
        *("pattern-property-added", B, S, "Pattern property added"),
        *(_MAP, {**_MAP, "patternProperties": {"^x": {"type": "integer"}}}),
    ),
    (
        *("pattern-property-removed", S, B, "Pattern property removed"),
        *({**_MAP, "patternProperties": {"^x": {"type": "integer"}}}, _MAP),
    ),
    ("items-set", B, S, "items added", {"type": "array"}, _LIST),
    ("items-unset", S, B, "items removed", _LIST, {"type": "array"}),
    (
        *("prefix-items-added", B, B, "prefixItems added"),
        *({**_MIXED, "prefixItems": _PAIR[:1]}, {**_MIXED, "prefixItems": _PAIR}),
    ),
    (
        *("prefix-items-removed", B, B, "prefixItems removed"),
        *({**_MIXED, "prefixItems": _PAIR}, {**_MIXED, "prefixItems": _PAIR[:1]}),
    ),
    *_union("any-of", "anyOf"),
    *_union("one-of", "oneOf"),
    (
        *("one-of-overlap", B, B, "Variants of oneOf overlap"),
        *({"oneOf": [{"type": "integer"}]}, {"oneOf": [{"type": "integer"}, {"type": "number"}]}),
    ),
    *_whole("not", {}, {"type": "string"}, {"type": "integer"}),
    *_whole("contains", _MIXED, {"type": "string"}, {"type": "integer"}),
    *_whole("propertyNames", _MAP, {"maxLength": 2}, {"minLength": 4}),
    *_whole("dependentRequired", _OBJECT, {"a": ["b"]}, {"b": ["a"]}),
    (
        *("dependent-schemas-added", B, S, "dependentSchemas added"),
        *(_OBJECT, {**_OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}}),
    ),
    (
        *("dependent-schemas-removed", S, B, "dependentSchemas removed"),
        *({**_OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}}, _OBJECT),
    ),
    (
        *("dependent-schemas-changed", B, B, "dependentSchemas changed"),
        *({**_OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}},),
        *({**_OBJECT, "dependentSchemas": {"b": {"required": ["a"]}}},),
    ),
    *_whole("unevaluatedProperties", _FREE, {"type": "string"}, {"type": "integer"}),
    *_whole("unevaluatedItems", _FIRSTS, {"type": "integer"}, {"type": "null"}),
    *_whole("contentSchema", _TEXT, {"type": "object"}, {"type": "array"}),
    *_whole("allOf", _NOT[1], [_NOT[2]], [_NOT[3]]),
    *_whole("if", {"then": {"required": ["b"]}}, {"required": ["a"]}, {"required": ["c"]}),
    *_whole("then", {"if": {"required": ["a"]}}, {"required": ["b"]}, {"required": ["c"]}),
    *_whole("else", {"if": {"required": ["a"]}}, {"required": ["b"]}, {"required": ["c"]}),
    ("discriminator-added", S, S, "Discriminator added", {}, {"discriminator": {"propertyName": "a"}}),
    ("discriminator-removed", S, S, "Discriminator removed", {"discriminator": {"propertyName": "a"}}, {}),
    (
        *("discriminator-changed", S, S, "Discriminator changed"),
        *({"discriminator": {"propertyName": "a"}}, {"discriminator": {"propertyName": "b"}}),
    ),
    ("not-comparable", M, M, "Cannot be compared", _TEXT, {"$ref": "#/components/schemas/Nothing"}),
    ("deprecated", S, S, "Deprecated", _TEXT, {**_TEXT, "deprecated": True}),
    ("reactivated", S, S, "No longer deprecated", {**_TEXT, "deprecated": True}, _TEXT),
]

_SHORT = {"type": "array", "items": False, "prefixItems": _PAIR[:1]}
_LONG = {"type": "array", "items": False, "prefixItems": _PAIR}
_OVERLAPPING = {"oneOf": [{"type": "integer"}, {"type": "number"}]}
_EXAMPLES = {
    "response-prefix-items-added": (_SHORT, _LONG),
    "request-prefix-items-removed": (_LONG, _SHORT),
    "response-one-of-overlap": (_OVERLAPPING, {"oneOf": [{"type": "integer"}]}),
}
"""Examples of rules whose example in the table is breaking in one direction only."""

_AREAS = {"types": _TYPES, "values": _VALUES, "constraints": _CONSTRAINTS, "structure": _STRUCTURE}

RULES = [
    ComparisonRule(
        f"{direction}-{aspect}",
        severity,
        direction,
        area,
        title,
        _EXAMPLES.get(f"{direction}-{aspect}", (old, new)),
        aspect == "enum-value-removed" and direction == "response",
    )
    for area, rows in _AREAS.items()
    for aspect, in_requests, in_responses, title, old, new in rows
    for direction, severity in (("request", in_requests), ("response", in_responses))
]
