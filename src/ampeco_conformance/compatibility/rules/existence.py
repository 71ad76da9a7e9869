"""Rules on what exists and what is required: parameters, bodies, media types, headers, fields."""

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

Row = tuple[str, ChangeSeverity, str, Any, Any]

_FIELDS_OF_REQUESTS: list[Row] = [
    ("optional-property-added", S, "A new field may be sent", _EMPTY, _OPTIONAL),
    ("required-property-added", B, "A new field must be sent", _EMPTY, _REQUIRED),
    ("optional-property-removed", M, "A field is not known any more", _OPTIONAL, _EMPTY),
    ("required-property-removed", M, "A field that had to be sent is not known any more", _REQUIRED, _EMPTY),
    ("property-removed-from-closed-object", B, "A field is refused now", _OPTIONAL, _CLOSED),
    ("property-became-required", B, "A field must be sent now", _OPTIONAL, _REQUIRED),
    ("property-became-optional", S, "A field may be left out now", _REQUIRED, _OPTIONAL),
    ("property-became-hidden", M, "A field became read-only", _OPTIONAL, _READ_ONLY),
    ("property-became-visible", S, "A field is no longer read-only", _READ_ONLY, _OPTIONAL),
]
_FIELDS_OF_RESPONSES: list[Row] = [
    ("optional-property-added", S, "A new field may come", _EMPTY, _OPTIONAL),
    ("required-property-added", S, "A new field always comes", _EMPTY, _REQUIRED),
    ("property-added-to-closed-object", B, "A field comes where none other was promised", _CLOSED, _OPTIONAL),
    ("optional-property-removed", B, "A field is no longer promised", _OPTIONAL, _EMPTY),
    ("required-property-removed", B, "A field that always came is gone", _REQUIRED, _EMPTY),
    ("property-became-optional", B, "A field may be missing now", _REQUIRED, _OPTIONAL),
    ("property-became-required", S, "A field always comes now", _OPTIONAL, _REQUIRED),
    ("property-became-hidden", M, "A field became write-only", _OPTIONAL, _WRITE_ONLY),
    ("property-became-visible", S, "A field is no longer write-only", _WRITE_ONLY, _OPTIONAL),
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
    ("request-parameter-optional-added", "parameters", S, "A new parameter may be sent", {}, _parameter()),
    (
        "request-parameter-required-added",
        "parameters",
        B,
        "A new parameter must be sent",
        {},
        _parameter(required=True),
    ),
    ("request-parameter-removed", "parameters", M, "A parameter is not known any more", _parameter(), {}),
    (
        *("request-parameter-became-required", "parameters", B, "A parameter must be sent now"),
        *(_parameter(), _parameter(required=True)),
    ),
    (
        *("request-parameter-became-optional", "parameters", S, "A parameter may be left out now"),
        *(_parameter(required=True), _parameter()),
    ),
    (
        *("request-parameter-style-changed", "parameters", M, "A parameter is written in another style"),
        *(_parameter(style="form", explode=True), _parameter(style="pipeDelimited", explode=False)),
    ),
    ("request-body-optional-added", "body", S, "A body may be sent", {}, _body(_JSON)),
    ("request-body-required-added", "body", B, "A body must be sent", {}, _body(_JSON, required=True)),
    ("request-body-removed", "body", M, "A body is not known any more", _body(_JSON), {}),
    ("request-body-became-required", "body", B, "A body must be sent now", _body(_JSON), _body(_JSON, required=True)),
    ("request-body-became-optional", "body", S, "A body may be left out", _body(_JSON, required=True), _body(_JSON)),
    ("request-media-type-added", "body", S, "A body may have another form", _body(_JSON), _body(_JSON, _CSV)),
    ("request-media-type-removed", "body", B, "A form of the body is refused", _body(_JSON, _CSV), _body(_JSON)),
    ("response-header-added", "headers", S, "A header comes", _response(), _response(header=False)),
    ("response-header-removed", "headers", M, "A header is no longer promised", _response(header=False), _response()),
    ("response-header-required-removed", "headers", B, "A sure header is gone", _response(header=True), _response()),
    (
        *("response-header-became-optional", "headers", B, "A header may be missing now"),
        *(_response(header=True), _response(header=False)),
    ),
    (
        *("response-header-became-required", "headers", S, "A header always comes now"),
        *(_response(header=False), _response(header=True)),
    ),
    ("response-body-added", "body", S, "A body comes", _response(), _response(_JSON)),
    ("response-body-removed", "body", B, "No body comes any more", _response(_JSON), _response()),
    (
        "response-media-type-added",
        "body",
        S,
        "A body may come in another form",
        _response(_JSON),
        _response(_JSON, _CSV),
    ),
    ("response-media-type-removed", "body", B, "A form of the body is gone", _response(_JSON, _CSV), _response(_JSON)),
]

RETIRING = {"response-optional-property-removed", "response-media-type-removed"}

RULES = [
    *(
        ComparisonRule(f"request-{name}", severity, "request", "fields", meaning, (old, new))
        for name, severity, meaning, old, new in _FIELDS_OF_REQUESTS
    ),
    *(
        ComparisonRule(
            f"response-{name}", severity, "response", "fields", meaning, (old, new), f"response-{name}" in RETIRING
        )
        for name, severity, meaning, old, new in _FIELDS_OF_RESPONSES
    ),
    *(
        ComparisonRule(name, severity, name.split("-")[0], area, meaning, (old, new), name in RETIRING)
        for name, area, severity, meaning, old, new in _PARTS
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
