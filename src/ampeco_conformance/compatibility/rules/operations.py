"""Rules on operations, their life cycle, statuses and security, and on the document as a whole."""

from typing import Any

from ampeco_conformance.compatibility.rules.model import ChangeSeverity, ComparisonRule

B, M, S = ChangeSeverity.BREAKING, ChangeSeverity.MAYBE, ChangeSeverity.SAFE

_NONE: dict[str, Any] = {}
_KEY: dict[str, Any] = {"security": [{"key": []}]}
_SCOPED = {"security": [{"oauth": ["read", "write"]}]}
_ANY_KEY: dict[str, Any] = {"security": [{"key": []}, {"oauth": ["read"]}]}


def _statuses(*names: str) -> dict[str, Any]:
    return {"responses": {name: {"description": ""} for name in names}}


def _sunset(date: str) -> dict[str, Any]:
    return {"deprecated": True, "x-sunset": date}


_HOOK = {"callbacks": {"done": {"{$request.body#/url}": {"post": {"responses": {"200": {"description": ""}}}}}}}


def _document(**extra: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "", "version": "1"}, "paths": {}, **extra}


def _scheme(**scheme: Any) -> dict[str, Any]:
    return _document(components={"securitySchemes": {"key": scheme}} if scheme else {})


def _path(**item: Any) -> dict[str, Any]:
    return _document(paths={"/a": item} if item else {})


_GET = {"responses": {"200": {"description": ""}}}
_BEARER = {"type": "http", "scheme": "bearer"}

OPERATION_RULES = [
    ComparisonRule(
        "operation-deprecated", S, "none", "life-cycle", "It is going to be removed", (_NONE, {"deprecated": True})
    ),
    ComparisonRule(
        "operation-reactivated", S, "none", "life-cycle", "It stays after all", ({"deprecated": True}, _NONE)
    ),
    ComparisonRule(
        *("operation-deprecated-without-sunset", M, "none", "life-cycle", "Deprecated, without a date of removal"),
        (_NONE, {"deprecated": True}),
    ),
    ComparisonRule(
        *("operation-sunset-earlier", M, "none", "life-cycle", "The date of removal was moved forward"),
        (_sunset("2030-01-01"), _sunset("2029-01-01")),
    ),
    ComparisonRule(
        *("operation-sunset-later", S, "none", "life-cycle", "The date of removal was set or put off"),
        (_sunset("2029-01-01"), _sunset("2030-01-01")),
    ),
    ComparisonRule(
        *("operation-sunset-removed", M, "none", "life-cycle", "The date of removal is gone, the deprecation is not"),
        (_sunset("2029-01-01"), {"deprecated": True}),
    ),
    ComparisonRule(
        *("operation-sunset-invalid", M, "none", "life-cycle", "The date of removal is no date"),
        (_NONE, _sunset("soon")),
    ),
    ComparisonRule(
        "operation-id-changed", S, "none", "names", "Another operationId", ({"operationId": "a"}, {"operationId": "b"})
    ),
    ComparisonRule("operation-tag-added", S, "none", "names", "A tag was added", (_NONE, {"tags": ["a"]})),
    ComparisonRule("operation-tag-removed", S, "none", "names", "A tag was removed", ({"tags": ["a"]}, _NONE)),
    ComparisonRule(
        *("response-success-status-added", M, "response", "statuses", "Success has a new status"),
        (_statuses("200"), _statuses("200", "202")),
    ),
    ComparisonRule(
        *("response-success-status-removed", B, "response", "statuses", "A status of success is gone"),
        (_statuses("200", "202"), _statuses("202")),
        True,
    ),
    ComparisonRule(
        *("response-error-status-added", S, "response", "statuses", "A new error is told"),
        (_statuses("200"), _statuses("200", "404")),
    ),
    ComparisonRule(
        *("response-error-status-removed", S, "response", "statuses", "An error is no longer told"),
        (_statuses("200", "404"), _statuses("200")),
    ),
    ComparisonRule(
        "security-requirement-added",
        B,
        "request",
        "security",
        "What was open needs credentials",
        ({"security": []}, _KEY),
    ),
    ComparisonRule(
        "security-requirement-removed", S, "request", "security", "No credentials are needed", (_KEY, {"security": []})
    ),
    ComparisonRule(
        "security-alternative-added", S, "request", "security", "Other credentials are accepted too", (_KEY, _ANY_KEY)
    ),
    ComparisonRule(
        "security-alternative-removed", B, "request", "security", "Some credentials are refused", (_ANY_KEY, _KEY)
    ),
    ComparisonRule(
        *("security-scope-added", B, "request", "security", "A further scope is needed"),
        ({"security": [{"oauth": ["read"]}]}, _SCOPED),
    ),
    ComparisonRule(
        *("security-scope-removed", S, "request", "security", "A scope is no longer needed"),
        (_SCOPED, {"security": [{"oauth": ["read"]}]}),
    ),
    ComparisonRule("callback-added", S, "none", "callbacks", "The server may call back", (_NONE, _HOOK)),
    ComparisonRule("callback-removed", M, "none", "callbacks", "The server no longer calls back", (_HOOK, _NONE)),
]
"""Rules whose example is a pair of operations."""

DOCUMENT_RULES = [
    ComparisonRule("operation-added", S, "none", "operations", "A new operation", (_path(), _path(get=_GET))),
    ComparisonRule("operation-removed", B, "request", "operations", "An operation is gone", (_path(get=_GET), _path())),
    ComparisonRule(
        *("webhook-added", S, "none", "callbacks", "The server may send a new notification"),
        (_document(), _document(webhooks={"done": {"post": _GET}})),
    ),
    ComparisonRule(
        *("webhook-removed", M, "none", "callbacks", "The server no longer sends a notification"),
        (_document(webhooks={"done": {"post": _GET}}), _document()),
    ),
    ComparisonRule(
        "security-scheme-added",
        S,
        "none",
        "security",
        "A way to authenticate is described",
        (_scheme(), _scheme(**_BEARER)),
    ),
    ComparisonRule(
        "security-scheme-removed",
        S,
        "none",
        "security",
        "A description of a way to authenticate is gone",
        (_scheme(**_BEARER), _scheme()),
    ),
    ComparisonRule(
        *("security-scheme-changed", M, "request", "security", "A way to authenticate has changed"),
        (_scheme(**_BEARER), _scheme(type="apiKey", name="key", **{"in": "header"})),
    ),
    ComparisonRule(
        *("component-schema-removed", S, "none", "components", "A named schema is gone, wherever it was used"),
        (_document(components={"schemas": {"A": {}}}), _document(components={"schemas": {}})),
    ),
    ComparisonRule(
        *("version-decreased", S, "none", "document", "The new document has the lower version number"),
        (_document(info={"title": "", "version": "2.0.0"}), _document(info={"title": "", "version": "1.0.0"})),
    ),
    ComparisonRule(
        *("version-unchanged", S, "none", "document", "The documents differ under one version number"),
        (_path(), _path(get=_GET)),
    ),
]
"""Rules whose example is a pair of documents."""
