"""Rules on values: types, enums, bounds, patterns, structure. One row makes a request rule and a response rule."""

from typing import Any

from ampeco_conformance.compatibility.rules.model import ChangeSeverity, ComparisonRule

B, M, S = ChangeSeverity.BREAKING, ChangeSeverity.MAYBE, ChangeSeverity.SAFE

Row = tuple[str, ChangeSeverity, ChangeSeverity, str, Any, Any]
"""Aspect, severity in requests, severity in responses, meaning, old schema, new schema."""

_TEXT: dict[str, Any] = {"type": "string"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_LIST: dict[str, Any] = {"type": "array", "items": {"type": "integer"}}
_OBJECT: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
_MAP: dict[str, Any] = {"type": "object", "additionalProperties": True}

_TYPES: list[Row] = [
    ("type-changed", B, B, "Another type of value", _TEXT, _WHOLE),
    ("type-narrowed", B, S, "Fewer types of values", {"type": "number"}, _WHOLE),
    ("type-widened", S, B, "More types of values", _WHOLE, {"type": "number"}),
    ("became-nullable", S, B, "null became possible", _TEXT, {"type": "string", "nullable": True}),
    ("became-not-nullable", B, S, "null is no longer possible", {"type": "string", "nullable": True}, _TEXT),
]

_VALUES: list[Row] = [
    ("enum-value-removed", B, S, "A value went from a closed list", {"enum": ["a", "b"]}, {"enum": ["a"]}),
    ("enum-value-added", S, B, "A value was added to a closed list", {"enum": ["a"]}, {"enum": ["a", "b"]}),
    ("enum-set", B, S, "Any value became a closed list", _TEXT, {"type": "string", "enum": ["a"]}),
    ("enum-unset", S, B, "A closed list became any value", {"type": "string", "enum": ["a"]}, _TEXT),
    ("default-added", S, S, "A default is now stated", _TEXT, {"type": "string", "default": "a"}),
    ("default-changed", M, S, "Leaving it out means something else", {"default": 1}, {"default": 2}),
    ("default-removed", M, S, "What leaving it out means is no longer stated", {"default": 1}, {}),
]


def _upper(name: str, keyword: str, kind: dict[str, Any], what: str) -> list[Row]:
    return [
        (f"{name}-set", B, S, f"A highest {what} is now set", kind, {**kind, keyword: 5}),
        (f"{name}-decreased", B, S, f"The highest {what} went down", {**kind, keyword: 9}, {**kind, keyword: 5}),
        (f"{name}-increased", S, B, f"The highest {what} went up", {**kind, keyword: 5}, {**kind, keyword: 9}),
        (f"{name}-unset", S, B, f"There is no highest {what} any more", {**kind, keyword: 5}, kind),
    ]


def _lower(name: str, keyword: str, kind: dict[str, Any], what: str) -> list[Row]:
    return [
        (f"{name}-set", B, S, f"A lowest {what} is now set", kind, {**kind, keyword: 2}),
        (f"{name}-increased", B, S, f"The lowest {what} went up", {**kind, keyword: 2}, {**kind, keyword: 4}),
        (f"{name}-decreased", S, B, f"The lowest {what} went down", {**kind, keyword: 4}, {**kind, keyword: 2}),
        (f"{name}-unset", S, B, f"There is no lowest {what} any more", {**kind, keyword: 2}, kind),
    ]


def _restriction(name: str, keyword: str, kind: dict[str, Any], what: str, one: Any, other: Any) -> list[Row]:
    return [
        (f"{name}-set", B, S, f"{what} is now demanded", kind, {**kind, keyword: one}),
        (f"{name}-unset", S, B, f"{what} is no longer promised", {**kind, keyword: one}, kind),
        (f"{name}-changed", B, B, f"Another {what.lower()}", {**kind, keyword: one}, {**kind, keyword: other}),
    ]


_CONTAINING = {"type": "array", "contains": {"type": "integer"}}
_CONSTRAINTS: list[Row] = [
    *_upper("maximum", "maximum", {"type": "number"}, "value"),
    *_upper("exclusive-maximum", "exclusiveMaximum", {"type": "number"}, "value, itself excluded,"),
    *_upper("max-length", "maxLength", _TEXT, "length of a text"),
    *_upper("max-items", "maxItems", _LIST, "number of items"),
    *_upper("max-properties", "maxProperties", _MAP, "number of fields"),
    *_upper("max-contains", "maxContains", _CONTAINING, "number of matching items"),
    *_lower("minimum", "minimum", {"type": "number"}, "value"),
    *_lower("exclusive-minimum", "exclusiveMinimum", {"type": "number"}, "value, itself excluded,"),
    *_lower("min-length", "minLength", _TEXT, "length of a text"),
    *_lower("min-items", "minItems", _LIST, "number of items"),
    *_lower("min-properties", "minProperties", _MAP, "number of fields"),
    *_lower("min-contains", "minContains", _CONTAINING, "number of matching items"),
    *_restriction("multiple-of", "multipleOf", {"type": "number"}, "A step between values", 2, 5),
    *_restriction("pattern", "pattern", _TEXT, "A pattern", "^a+$", "^b+$"),
    *_restriction("format", "format", _TEXT, "A format", "date", "date-time"),
    ("unique-items-set", B, S, "Items must now differ", _LIST, {**_LIST, "uniqueItems": True}),
    ("unique-items-unset", S, B, "Items may now repeat", {**_LIST, "uniqueItems": True}, _LIST),
    ("content-encoding-set", M, S, "A text is now encoded", _TEXT, {**_TEXT, "contentEncoding": "base64"}),
    ("content-encoding-unset", M, M, "A text is no longer encoded", {**_TEXT, "contentEncoding": "base64"}, _TEXT),
    (
        *("content-encoding-changed", M, M, "A text is encoded in another way"),
        *({**_TEXT, "contentEncoding": "base64"}, {**_TEXT, "contentEncoding": "base16"}),
    ),
    ("content-media-type-set", M, S, "A text has a media type", _TEXT, {**_TEXT, "contentMediaType": "text/html"}),
    ("content-media-type-unset", M, M, "A text has any media type", {**_TEXT, "contentMediaType": "text/html"}, _TEXT),
    (
        *("content-media-type-changed", M, M, "A text has another media type"),
        *({**_TEXT, "contentMediaType": "text/html"}, {**_TEXT, "contentMediaType": "text/csv"}),
    ),
]

_PAIR = [{"type": "string"}, {"type": "integer"}]
_NUMBERS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "integer"}}


def _whole(name: str, keyword: str, base: dict[str, Any], one: Any, other: Any, what: str) -> list[Row]:
    return [
        (f"{name}-added", B, S, f"{what} is now demanded", base, {**base, keyword: one}),
        (f"{name}-removed", S, B, f"{what} is no longer promised", {**base, keyword: one}, base),
        (
            f"{name}-changed",
            B,
            B,
            f"Another {what[0].lower()}{what[1:]}",
            {**base, keyword: one},
            {**base, keyword: other},
        ),
    ]


def _union(name: str, keyword: str) -> list[Row]:
    base = {"type": ["boolean", "integer", "string"]}
    both = {keyword: [{"type": "string"}, {"type": "integer"}]}
    return [
        (f"{name}-variant-removed", B, S, "A variant went", {keyword: [*both[keyword], {"type": "boolean"}]}, both),
        (f"{name}-variant-added", S, B, "A variant was added", both, {keyword: [*both[keyword], {"type": "boolean"}]}),
        (f"{name}-added", B, S, "Variants restrict what was free", base, {**base, **both}),
        (f"{name}-removed", S, B, "Variants no longer restrict", {**base, **both}, base),
    ]


_MIXED = {"type": "array", "items": {}}
_FIRSTS: dict[str, Any] = {"type": "array", "prefixItems": _PAIR}
_FREE: dict[str, Any] = {"type": "object"}
_NOT: list[dict[str, Any]] = [{"not": {"const": value}} for value in range(4)]
_STRUCTURE: list[Row] = [
    ("additional-properties-narrowed", B, S, "Other fields are refused or restricted", _MAP, _NUMBERS),
    ("additional-properties-widened", S, B, "Other fields became possible", _NUMBERS, _MAP),
    (
        *("pattern-property-added", B, S, "Fields of a name pattern are now restricted"),
        *(_MAP, {**_MAP, "patternProperties": {"^x": {"type": "integer"}}}),
    ),
    (
        *("pattern-property-removed", S, B, "Fields of a name pattern are now free"),
        *({**_MAP, "patternProperties": {"^x": {"type": "integer"}}}, _MAP),
    ),
    ("items-set", B, S, "Items are now restricted", {"type": "array"}, _LIST),
    ("items-unset", S, B, "Items are now free", _LIST, {"type": "array"}),
    (
        *("prefix-items-added", B, B, "First items are now described"),
        *({**_MIXED, "prefixItems": _PAIR[:1]}, {**_MIXED, "prefixItems": _PAIR}),
    ),
    (
        *("prefix-items-removed", B, B, "First items are no longer described"),
        *({**_MIXED, "prefixItems": _PAIR}, {**_MIXED, "prefixItems": _PAIR[:1]}),
    ),
    *_union("any-of", "anyOf"),
    *_union("one-of", "oneOf"),
    *_whole("not", "not", {}, {"type": "string"}, {"type": "integer"}, "An exclusion"),
    *_whole("contains", "contains", _MIXED, {"type": "string"}, {"type": "integer"}, "An item of a kind"),
    *_whole("property-names", "propertyNames", _MAP, {"maxLength": 2}, {"minLength": 4}, "A form of field names"),
    *_whole(
        "dependent-required", "dependentRequired", _OBJECT, {"a": ["b"]}, {"b": ["a"]}, "A field that needs another"
    ),
    (
        *("dependent-schemas-added", B, S, "A field now restricts the others"),
        *(_OBJECT, {**_OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}}),
    ),
    (
        *("dependent-schemas-removed", S, B, "A field no longer restricts the others"),
        *({**_OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}}, _OBJECT),
    ),
    (
        *("dependent-schemas-changed", B, B, "A field restricts the others in another way"),
        *({**_OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}},),
        *({**_OBJECT, "dependentSchemas": {"b": {"required": ["a"]}}},),
    ),
    *_whole(
        "unevaluated-properties",
        "unevaluatedProperties",
        _FREE,
        {"type": "string"},
        {"type": "integer"},
        "A limit to other fields",
    ),
    *_whole(
        "unevaluated-items",
        "unevaluatedItems",
        _FIRSTS,
        {"type": "integer"},
        {"type": "null"},
        "A limit to further items",
    ),
    *_whole(
        "content-schema",
        "contentSchema",
        _TEXT,
        {"type": "object"},
        {"type": "array"},
        "A schema of the text's content",
    ),
    *_whole("all-of", "allOf", _NOT[1], [_NOT[2]], [_NOT[3]], "A further condition"),
    *_whole("if", "if", {"then": {"required": ["b"]}}, {"required": ["a"]}, {"required": ["c"]}, "A condition"),
    *_whole("then", "then", {"if": {"required": ["a"]}}, {"required": ["b"]}, {"required": ["c"]}, "A consequence"),
    *_whole("else", "else", {"if": {"required": ["a"]}}, {"required": ["b"]}, {"required": ["c"]}, "An alternative"),
    ("discriminator-added", S, S, "A field tells the variants apart", {}, {"discriminator": {"propertyName": "a"}}),
    ("discriminator-removed", S, S, "No field tells the variants apart", {"discriminator": {"propertyName": "a"}}, {}),
    (
        *("discriminator-changed", M, M, "Another field, or other values, tell the variants apart"),
        *({"discriminator": {"propertyName": "a"}}, {"discriminator": {"propertyName": "b"}}),
    ),
    ("deprecated", S, S, "It is deprecated", _TEXT, {**_TEXT, "deprecated": True}),
    ("reactivated", S, S, "It is no longer deprecated", {**_TEXT, "deprecated": True}, _TEXT),
]

_SHORT = {"type": "array", "items": False, "prefixItems": _PAIR[:1]}
_LONG = {"type": "array", "items": False, "prefixItems": _PAIR}
_EXAMPLES = {"response-prefix-items-added": (_SHORT, _LONG), "request-prefix-items-removed": (_LONG, _SHORT)}
"""Examples of rules that only hurt in one direction as the table has them."""

_AREAS = {"types": _TYPES, "values": _VALUES, "constraints": _CONSTRAINTS, "structure": _STRUCTURE}

RULES = [
    ComparisonRule(
        f"{direction}-{aspect}",
        severity,
        direction,
        area,
        meaning,
        _EXAMPLES.get(f"{direction}-{aspect}", (old, new)),
        aspect == "enum-value-removed" and direction == "response",
    )
    for area, rows in _AREAS.items()
    for aspect, in_requests, in_responses, meaning, old, new in rows
    for direction, severity in (("request", in_requests), ("response", in_responses))
]
