"""Defects of the way from a request to its handler: who may call, and what paths and methods exist."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from starlette.requests import Request

from ampeco_emulator.backend.backend import EmulatorResponse, find_item
from ampeco_emulator.backend.resource_types import resource_type_named
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.crud.collections import records_below
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.api import (
    EmulatedApi,
    Respond,
    RoutedRequest,
    access_of,
    may_call,
    respond,
    scoped,
    unauthorized,
    unrouted,
)
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.settings import Access

_LEFT_OPEN = "GET /public-api/resources/users/v1.0"
_Refuse = Callable[[EmulatedApi, Request, Endpoint | None], EmulatorResponse | None]
_FindAccess = Callable[[EmulatedApi, Request], Access | None]


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").partition(" ")[2]


def _any_token(
    refuse: _Refuse, api: EmulatedApi, request: Request, endpoint: Endpoint | None
) -> EmulatorResponse | None:
    return None if _token(request) else refuse(api, request, endpoint)


def open_operation(
    refuse: _Refuse, api: EmulatedApi, request: Request, endpoint: Endpoint | None
) -> EmulatorResponse | None:
    """One operation needs no token."""
    is_open = endpoint is not None and endpoint.operation.label == _LEFT_OPEN
    return None if is_open else refuse(api, request, endpoint)


def _open_to_all(*methods: str) -> Override:
    """Need no token to address a record that exists, with one of these methods."""

    def refuse(
        decide: _Refuse, api: EmulatedApi, request: Request, endpoint: Endpoint | None
    ) -> EmulatorResponse | None:
        is_open = endpoint is not None and endpoint.operation.method in methods and _addresses_a_record(api, request)
        return None if is_open and access_of(api, request) is None else decide(api, request, endpoint)

    return override(unauthorized, refuse)


def _addresses_a_record(api: EmulatedApi, request: Request) -> bool:
    values = _path_values(api, request)
    return bool(values) and _exist(api, values)


def _path_values(api: EmulatedApi, request: Request) -> Mapping[str, str]:
    path = request.url.path
    return api.backend.router.find(request.method, path[path.find("/public-api/") :])[1]


def _exist(api: EmulatedApi, values: Mapping[str, str]) -> bool:
    """Whether every id of a path is that of a record."""
    return all(api.backend.store.find(resource_type_named(name), key) is not None for name, key in values.items())


def _for_unknown_child(status: int) -> Override:
    """Answer with this status where the parents of a path exist, and the last one does not."""

    def answer(decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
        response = decide(api, routed)
        parents = dict(list(routed.path_values.items())[:-1])
        is_meant = response.status == 404 and bool(parents) and _exist(api, parents)
        return EmulatorResponse(status, {"data": {}}) if is_meant else response

    return override(respond, answer)


def _first_for_zero(decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
    """Answer a read of the id 0 with the first item."""
    values = {name: "1" if value == "0" else value for name, value in routed.path_values.items()}
    return decide(api, replace(routed, path_values=values) if routed.request.method == "GET" else routed)


def _unsupported_method(status: int) -> Override:
    """Answer with this status to a method that a path does not have."""

    def answer(
        decide: Callable[[EmulatedApi, Request, frozenset[str]], EmulatorResponse],
        api: EmulatedApi,
        request: Request,
        methods: frozenset[str],
    ) -> EmulatorResponse:
        return api.refused(status, "Server Error") if methods else decide(api, request, methods)

    return override(unrouted, answer)


def _reader_acts(
    refuse: _Refuse, api: EmulatedApi, request: Request, endpoint: Endpoint | None
) -> EmulatorResponse | None:
    is_action = endpoint is not None and "/actions/" in endpoint.path
    return None if is_action and access_of(api, request) is not None else refuse(api, request, endpoint)


def _done_in_secret(status: int, *methods: str) -> Override:
    """Refuse calls of these methods with a status, and do what they ask all the same."""

    def refuse_and_do(
        refuse: _Refuse, api: EmulatedApi, request: Request, endpoint: Endpoint | None
    ) -> EmulatorResponse | None:
        response = refuse(api, request, endpoint)
        is_meant = request.method in methods and response is not None and response.status == status
        if endpoint is not None and is_meant:
            # The body was read before.
            raw: bytes = getattr(request, "_body", b"")
            respond(api, RoutedRequest(endpoint, _path_values(api, request), request, raw))
        return response

    return override(unauthorized, refuse_and_do)


def _forbidden(
    refuse: _Refuse, api: EmulatedApi, request: Request, endpoint: Endpoint | None
) -> EmulatorResponse | None:
    response = refuse(api, request, endpoint)
    is_unauthenticated = response is not None and response.status == 401
    return api.refused(403, "Unauthenticated.") if is_unauthenticated else response


def _any_scheme(_find: _FindAccess, api: EmulatedApi, request: Request) -> Access | None:
    return api.settings.tokens.get(_token(request))


def _half_a_token(find: _FindAccess, api: EmulatedApi, request: Request) -> Access | None:
    token = _token(request)
    if not token:
        return find(api, request)
    return next((access for known, access in api.settings.tokens.items() if known.startswith(token)), None)


AUTHENTICATION = (
    Defect("no-authentication", "authentication", "no token is required", always(unauthorized, None)),
    Defect("any-token", "authentication", "any bearer token is accepted", override(unauthorized, _any_token)),
    Defect("any-scheme", "authentication", "the token is accepted with any scheme", override(access_of, _any_scheme)),
    Defect(
        "half-a-token", "authentication", "the beginning of a token is accepted", override(access_of, _half_a_token)
    ),
    Defect(
        "children-of-others",
        "state",
        "a listing below a parent has the children of all parents",
        override(records_below, lambda decide, call, _parents: decide(call, {})),
    ),
    Defect(
        "any-parent",
        "state",
        "a child is read below any parent",
        override(find_item, lambda find, platform, kind, key, _parents: find(platform, kind, key, {})),
    ),
    Defect(
        "forbidden-for-unauthenticated",
        "authentication",
        "a missing token is answered with 403",
        override(unauthorized, _forbidden),
    ),
    Defect(
        "reader-may-change",
        "authentication",
        "a read-only token may change and delete",
        override(may_call, lambda decide, api, access, method: method != "POST" or decide(api, access, method)),
    ),
    Defect("reader-may-act", "authentication", "a read-only token may act", override(unauthorized, _reader_acts)),
    Defect(
        "reader-removes-in-secret",
        "authentication",
        "a read-only token is refused a removal, which is done all the same",
        _done_in_secret(403, "DELETE"),
    ),
    Defect(
        "reader-creates-in-secret",
        "authentication",
        "a read-only token is refused a creation, which is done all the same",
        _done_in_secret(403, "POST"),
    ),
    Defect(
        "stranger-writes-in-secret",
        "authentication",
        "a write without a token is refused, and done all the same",
        _done_in_secret(401, "POST", "PATCH", "PUT", "DELETE"),
    ),
    Defect("reader-may-write", "authentication", "a read-only token may write", always(may_call, True)),
    Defect(
        "outsider-may-read",
        "authentication",
        "a token without permissions reads everything",
        override(may_call, lambda decide, api, access, method: method == "GET" or decide(api, access, method)),
    ),
    Defect(
        "ignore-scope",
        "authentication",
        "a token limited to a partner or operator sees everything",
        override(scoped, lambda _scope, _api, call, _access: call),
    ),
    Defect(
        "scope-ignored-in-listings",
        "authentication",
        "a token limited to a partner or operator lists everything",
        override(scoped, lambda scope, api, call, access: replace(scope(api, call, access), admits=call.admits)),
    ),
    Defect(
        "scope-ignored-by-id",
        "authentication",
        "a token limited to a partner or operator reads and changes everything by id",
        override(scoped, lambda scope, api, call, access: call if call.endpoint.names else scope(api, call, access)),
    ),
    Defect(
        "leaking-refusal",
        "authentication",
        "a 401 response contains data",
        corruption.body(lambda body: {**body, "data": {"id": 1}}, given=range(401, 402), method=None),
    ),
    Defect(
        "forbidden-shows-data",
        "authentication",
        "a 403 response contains data",
        corruption.body(lambda body: {**body, "data": {"id": 1}}, given=range(403, 404), method=None),
    ),
    Defect("open-items", "authentication", "reading what exists needs no token", _open_to_all("GET")),
    Defect(
        "open-changes",
        "authentication",
        "changing and deleting what exists needs no token",
        _open_to_all("PATCH", "PUT", "DELETE"),
    ),
    Defect("open-operation", "authentication", "one listing needs no token", override(unauthorized, open_operation)),
)
UNROUTED = tuple(
    Defect(name, "headers", f"a method that a path does not have answers {status}", _unsupported_method(status))
    for name, status in (
        ("unsupported-method-crashes", 500),
        ("unsupported-method-succeeds", 200),
        ("unsupported-method-as-missing", 404),
    )
)
UNKNOWN_IDS = (
    Defect(
        "unknown-is-acted-on",
        "status",
        "an action on what does not exist is accepted",
        corruption.below("/actions/", corruption.status("POST", 404, 202, {"success": True})),
    ),
    Defect(
        "unknown-parent-gets-child",
        "status",
        "a creation below what does not exist answers 201",
        corruption.below("/resources/", corruption.status("POST", 404, 201, {"data": {}})),
    ),
    Defect("unknown-child-as-empty", "status", "an unknown child of what exists answers 200", _for_unknown_child(200)),
    Defect("zero-is-first", "status", "a read of the id 0 answers the first item", override(respond, _first_for_zero)),
    Defect("unknown-child-crashes", "status", "an unknown child of what exists answers 500", _for_unknown_child(500)),
)
