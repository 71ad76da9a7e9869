"""Rules on operations, their statuses, security and callbacks, and on the document as a whole."""

from typing import Any

from ampeco_conformance.compatibility.rules.model import ChangeSeverity, ComparisonRule

B, M, S = ChangeSeverity.BREAKING, ChangeSeverity.MAYBE, ChangeSeverity.SAFE

OperationRow = tuple[str, ChangeSeverity, str, str, str, dict[str, Any], dict[str, Any]]
"""Id, severity, direction, area, title, and an example: the old and the new side."""

_NONE: dict[str, Any] = {}
_OPEN: dict[str, Any] = {"security": []}
_KEY: dict[str, Any] = {"security": [{"key": []}]}
_READ_SCOPE: dict[str, Any] = {"security": [{"oauth": ["read"]}]}
_BOTH_SCOPES: dict[str, Any] = {"security": [{"oauth": ["read", "write"]}]}
_KEY_OR_SCOPE: dict[str, Any] = {"security": [{"key": []}, {"oauth": ["read"]}]}
_HOOK = {"callbacks": {"done": {"{$request.body#/url}": {"post": {"responses": {"200": {"description": ""}}}}}}}
_GET = {"responses": {"200": {"description": ""}}}
_BEARER = {"type": "http", "scheme": "bearer"}
_API_KEY = {"type": "apiKey", "name": "key", "in": "header"}
_SERVER = {"url": "https://api.test/v1"}
_HOOKED = {"webhooks": {"done": {"post": _GET}}}


def _statuses(*names: str) -> dict[str, Any]:
    return {"responses": {name: {"description": ""} for name in names}}


def _document(**extra: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "", "version": "1"}, "paths": {}, **extra}


def _version(number: str) -> dict[str, Any]:
    return _document(info={"title": "", "version": number})


def _scheme(**scheme: Any) -> dict[str, Any]:
    return _document(components={"securitySchemes": {"key": scheme}} if scheme else {})


def _path(**item: Any) -> dict[str, Any]:
    return _document(paths={"/a": item} if item else {})


def _schemas(**schemas: Any) -> dict[str, Any]:
    return _document(components={"schemas": schemas})


_STATUS, _SECURITY, _CALLBACK, _NEW_STATUS = "statuses", "security", "callbacks", _statuses("200", "404")
_OPERATION_ROWS: list[OperationRow] = [
    ("response-success-status-added", M, "response", _STATUS, "Success status added", _GET, _statuses("200", "202")),
    ("response-error-status-added", S, "response", _STATUS, "Error status added", _GET, _NEW_STATUS),
    ("response-error-status-removed", S, "response", _STATUS, "Error status removed", _NEW_STATUS, _GET),
    ("security-requirement-added", B, "request", _SECURITY, "Security requirement added", _OPEN, _KEY),
    ("security-requirement-removed", S, "request", _SECURITY, "Security requirement removed", _KEY, _OPEN),
    ("security-alternative-added", S, "request", _SECURITY, "Security alternative added", _KEY, _KEY_OR_SCOPE),
    ("security-alternative-removed", B, "request", _SECURITY, "Security alternative removed", _KEY_OR_SCOPE, _KEY),
    ("security-scope-added", B, "request", _SECURITY, "Security scope added", _READ_SCOPE, _BOTH_SCOPES),
    ("security-scope-removed", S, "request", _SECURITY, "Security scope removed", _BOTH_SCOPES, _READ_SCOPE),
    ("callback-added", S, "none", _CALLBACK, "Callback added", _NONE, _HOOK),
    ("callback-removed", M, "none", _CALLBACK, "Callback removed", _HOOK, _NONE),
]
_DOCUMENT_ROWS: list[OperationRow] = [
    ("operation-added", S, "none", "operations", "Operation added", _path(), _path(get=_GET)),
    ("operation-removed", B, "request", "operations", "Operation removed", _path(get=_GET), _path()),
    ("webhook-added", S, "none", _CALLBACK, "Webhook added", _document(), _document(**_HOOKED)),
    ("webhook-removed", M, "none", _CALLBACK, "Webhook removed", _document(**_HOOKED), _document()),
    ("security-scheme-added", S, "none", _SECURITY, "Security scheme added", _scheme(), _scheme(**_BEARER)),
    ("security-scheme-removed", S, "none", _SECURITY, "Security scheme removed", _scheme(**_BEARER), _scheme()),
    (
        *("security-scheme-changed", M, "request", _SECURITY, "Security scheme changed"),
        *(_scheme(type="oauth2", flows={}), _scheme(type="oauth2", flows={"password": {"tokenUrl": "/token"}})),
    ),
    (
        *("security-scheme-replaced", S, "request", _SECURITY, "Security scheme replaced"),
        *(_scheme(**_BEARER), _scheme(**_API_KEY)),
    ),
    ("component-schema-removed", S, "none", "components", "Component schema removed", _schemas(A={}), _schemas()),
    ("server-added", S, "none", "document", "Server added", _document(), _document(servers=[_SERVER])),
    ("server-removed", M, "none", "document", "Server removed", _document(servers=[_SERVER]), _document()),
    ("version-decreased", S, "none", "document", "Version number decreased", _version("2.0.0"), _version("1.0.0")),
    ("version-unchanged", S, "none", "document", "Version number unchanged", _path(), _path(get=_GET)),
]


def _rules(rows: list[OperationRow]) -> list[ComparisonRule]:
    return [
        ComparisonRule(identifier, severity, direction, area, title, (old, new))
        for identifier, severity, direction, area, title, old, new in rows
    ]


OPERATION_RULES = [
    ComparisonRule(
        *("response-success-status-removed", B, "response", _STATUS, "Success status removed"),
        (_statuses("200", "202"), _statuses("202")),
        retires=True,
    ),
    *_rules(_OPERATION_ROWS),
]
"""Rules whose example is a pair of operations."""

DOCUMENT_RULES = _rules(_DOCUMENT_ROWS)
"""Rules whose example is a pair of documents."""
