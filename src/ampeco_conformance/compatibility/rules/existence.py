"""Rules on the existence of parts and whether they are required: parameters, bodies, media types, headers, fields."""

from typing import Any

from ampeco_conformance.compatibility.rules.model import ChangeSeverity, ComparisonRule

B, M, S = ChangeSeverity.BREAKING, ChangeSeverity.MAYBE, ChangeSeverity.SAFE


def _object(required: bool, **extra: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        **({"required": ["a"]} if required else {}),
        **extra,
    }


_EMPTY: dict[str, Any] = {"type": "object"}
_CLOSED = {"type": "object", "additionalProperties": False}
_OPTIONAL, _REQUIRED = _object(False), _object(True)
_READ_ONLY = {"type": "object", "properties": {"a": {"type": "string", "readOnly": True}}}
_WRITE_ONLY = {"type": "object", "properties": {"a": {"type": "string", "writeOnly": True}}}

FieldRow = tuple[str, ChangeSeverity, str, Any, Any]

_FIELDS_OF_REQUESTS: list[FieldRow] = [
    ("optional-property-added", S, "Optional property added", _EMPTY, _OPTIONAL),
    ("required-property-added", B, "Required property added", _EMPTY, _REQUIRED),
    ("optional-property-removed", S, "Optional property removed", _OPTIONAL, _EMPTY),
    ("required-property-removed", S, "Required property removed", _REQUIRED, _EMPTY),
    ("property-removed-from-closed-object", B, "Property removed from a closed object", _OPTIONAL, _CLOSED),
    ("property-became-required", B, "Property became required", _OPTIONAL, _REQUIRED),
    ("property-became-optional", S, "Property became optional", _REQUIRED, _OPTIONAL),
    ("property-became-hidden", M, "Property became read-only", _OPTIONAL, _READ_ONLY),
    ("property-became-visible", S, "Property no longer read-only", _READ_ONLY, _OPTIONAL),
]
_FIELDS_OF_RESPONSES: list[FieldRow] = [
    ("optional-property-added", S, "Optional property added", _EMPTY, _OPTIONAL),
    ("required-property-added", S, "Required property added", _EMPTY, _REQUIRED),
    ("property-added-to-closed-object", B, "Property added to a closed object", _CLOSED, _OPTIONAL),
    ("optional-property-removed", B, "Optional property removed", _OPTIONAL, _EMPTY),
    ("required-property-removed", B, "Required property removed", _REQUIRED, _EMPTY),
    ("property-became-optional", B, "Property became optional", _REQUIRED, _OPTIONAL),
    ("property-became-required", S, "Property became required", _OPTIONAL, _REQUIRED),
    ("property-became-hidden", M, "Property became write-only", _OPTIONAL, _WRITE_ONLY),
    ("required-property-became-hidden", B, "Required property became write-only", _REQUIRED, _WRITE_ONLY),
    ("property-became-visible", S, "Property no longer write-only", _WRITE_ONLY, _OPTIONAL),
]


def _parameter(**extra: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "a", "in": "query", "schema": {"type": "string"}, **extra}]}


def _body(*media_types: str, required: bool = False) -> dict[str, Any]:
    content = {name: {"schema": {"type": "object"}} for name in media_types}
    return {"requestBody": {"content": content, "required": required}}


def _response(*media_types: str, header: bool | None = None) -> dict[str, Any]:
    """A response with media types, and with a header X-A that is required, optional or absent (None)."""
    response: dict[str, Any] = {"description": "", "content": {name: {"schema": {}} for name in media_types}}
    if header is not None:
        response["headers"] = {"X-A": {"required": header, "schema": {"type": "string"}}}
    return {"responses": {"200": response}}


_JSON, _CSV = "application/json", "text/csv"
_PARTS: list[tuple[str, str, ChangeSeverity, str, Any, Any]] = [
    ("request-parameter-optional-added", "parameters", S, "Optional parameter added", {}, _parameter()),
    (
        "request-parameter-required-added",
        "parameters",
        B,
        "Required parameter added",
        {},
        _parameter(required=True),
    ),
    ("request-parameter-removed", "parameters", M, "Parameter removed", _parameter(), {}),
    (
        *("request-parameter-became-required", "parameters", B, "Parameter became required"),
        *(_parameter(), _parameter(required=True)),
    ),
    (
        *("request-parameter-became-optional", "parameters", S, "Parameter became optional"),
        *(_parameter(required=True), _parameter()),
    ),
    (
        *("request-parameter-style-changed", "parameters", M, "Parameter style changed"),
        *(_parameter(style="form", explode=True), _parameter(style="pipeDelimited", explode=False)),
    ),
    ("request-body-optional-added", "body", S, "Optional request body added", {}, _body(_JSON)),
    ("request-body-required-added", "body", B, "Required request body added", {}, _body(_JSON, required=True)),
    ("request-body-removed", "body", M, "Request body removed", _body(_JSON), {}),
    (
        "request-body-became-required",
        "body",
        B,
        "Request body became required",
        _body(_JSON),
        _body(_JSON, required=True),
    ),
    (
        "request-body-became-optional",
        "body",
        S,
        "Request body became optional",
        _body(_JSON, required=True),
        _body(_JSON),
    ),
    ("request-media-type-added", "body", S, "Request media type added", _body(_JSON), _body(_JSON, _CSV)),
    ("request-media-type-removed", "body", B, "Request media type removed", _body(_JSON, _CSV), _body(_JSON)),
    ("response-header-added", "headers", S, "Response header added", _response(), _response(header=False)),
    ("response-header-removed", "headers", M, "Optional response header removed", _response(header=False), _response()),
    (
        "response-header-required-removed",
        "headers",
        B,
        "Required response header removed",
        _response(header=True),
        _response(),
    ),
    (
        *("response-header-became-optional", "headers", B, "Response header became optional"),
        *(_response(header=True), _response(header=False)),
    ),
    (
        *("response-header-became-required", "headers", S, "Response header became required"),
        *(_response(header=False), _response(header=True)),
    ),
    ("response-body-added", "body", S, "Response body added", _response(), _response(_JSON)),
    ("response-body-removed", "body", B, "Response body removed", _response(_JSON), _response()),
    (
        "response-media-type-added",
        "body",
        S,
        "Response media type added",
        _response(_JSON),
        _response(_JSON, _CSV),
    ),
    ("response-media-type-removed", "body", B, "Response media type removed", _response(_JSON, _CSV), _response(_JSON)),
]

RETIRING = {"response-optional-property-removed", "response-media-type-removed"}

RULES = [
    *(
        ComparisonRule(f"request-{name}", severity, "request", "fields", title, (old, new))
        for name, severity, title, old, new in _FIELDS_OF_REQUESTS
    ),
    *(
        ComparisonRule(
            f"response-{name}", severity, "response", "fields", title, (old, new), f"response-{name}" in RETIRING
        )
        for name, severity, title, old, new in _FIELDS_OF_RESPONSES
    ),
    *(
        ComparisonRule(name, severity, name.split("-")[0], area, title, (old, new), name in RETIRING)
        for name, area, severity, title, old, new in _PARTS
    ),
]

PARTS = {
    ("request", "parameter"): {
        "optional-property-added": "request-parameter-optional-added",
        "required-property-added": "request-parameter-required-added",
        "optional-property-removed": "request-parameter-removed",
        "required-property-removed": "request-parameter-removed",
        "property-became-required": "request-parameter-became-required",
        "property-became-optional": "request-parameter-became-optional",
    },
    ("request", "body"): {
        "optional-property-added": "request-body-optional-added",
        "required-property-added": "request-body-required-added",
        "optional-property-removed": "request-body-removed",
        "required-property-removed": "request-body-removed",
        "property-became-required": "request-body-became-required",
        "property-became-optional": "request-body-became-optional",
    },
    ("request", "media-type"): {
        "optional-property-added": "request-media-type-added",
        "property-removed-from-closed-object": "request-media-type-removed",
    },
    ("response", "header"): {
        "optional-property-added": "response-header-added",
        "required-property-added": "response-header-added",
        "optional-property-removed": "response-header-removed",
        "required-property-removed": "response-header-required-removed",
        "property-became-required": "response-header-became-required",
        "property-became-optional": "response-header-became-optional",
    },
    ("response", "body"): {
        "required-property-added": "response-body-added",
        "required-property-removed": "response-body-removed",
    },
    ("response", "media-type"): {
        "property-added-to-closed-object": "response-media-type-added",
        "optional-property-removed": "response-media-type-removed",
    },
}
"""Direction and part of an envelope -> what a difference of its fields is called there."""
