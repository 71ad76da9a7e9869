"""Defects of how valid requests are refused: errors, missing routes, limits, in a part of the API or a second time."""

import secrets
from collections.abc import Callable

from ampeco_emulator.backend.backend import EmulatorResponse, RefusedError
from ampeco_emulator.backend.resource_types import resource_type_of
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall, Handler
from ampeco_emulator.crud.collections import requested_filters, requested_page
from ampeco_emulator.crud.resources import create
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.corruption import RESOURCES
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.faults.query import GetPage, Query, RecordPage
from ampeco_emulator.http.api import EmulatedApi, Respond, RoutedRequest, respond

_FORBIDDEN = "This action is unauthorized."
_ACTIONS = "/public-api/actions/charge-point/v1.0/{chargePoint}"
_FILTERED = ("/bookings/", "/users/")
#: No id that a run has seen is greater; the ids of what never existed are.
_GREATEST_ID = 1_000_000
#: A request is limited after this many others.
_LIMITED = 12


def _instead(method: str, response: Callable[[], EmulatorResponse]) -> Override:
    """Answer every call of a method with this."""
    return corruption.corrupting(lambda called, _path, right: response() if called == method else right)


def _traced() -> EmulatorResponse:
    return EmulatorResponse(500, {"message": "Server Error", "trace": secrets.token_hex(16)})


def _refused() -> EmulatorResponse:
    return EmulatorResponse(422, {"message": "The given data was invalid.", "errors": {"location": ["Not possible."]}})


def _without_filters(read: Callable[[EndpointCall], Query], call: EndpointCall) -> Query:
    filters = read(call)
    if filters and any(part in call.endpoint.path for part in _FILTERED):
        raise RefusedError(403, _FORBIDDEN)
    return filters


def _first_page_only(page_of: GetPage, call: EndpointCall, records: list[Record]) -> RecordPage:
    if "/partner-expenses/" in call.endpoint.path and int(call.incoming.query.get("page", 1)) > 1:
        raise RefusedError(403, _FORBIDDEN)
    return page_of(call, records)


def _crash_on_removed(decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
    response = decide(api, routed)
    key = ["", *routed.path_values.values()][-1]
    is_known = key.isdecimal() and int(key) < _GREATEST_ID
    is_removed = routed.request.method == "GET" and response.status == 404 and is_known
    return api.refused(500, "Server Error") if is_removed else response


class _RemovedAnswers:
    """Answers changes and removals of what was removed as if it were still there."""

    def __init__(self) -> None:
        self._shown: dict[str, EmulatorResponse] = {}

    def __call__(self, decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
        request, response = routed.request, decide(api, routed)
        address = f"{request.method} {request.url.path}"
        if response.status < 300:
            self._shown[address] = response
        return self._shown.get(address, response) if response.status == 404 and request.method != "GET" else response


class _Quota:
    """Stores another price than was sent, and refuses the second creation of a resource type."""

    def __init__(self) -> None:
        self._created: set[str] = set()

    def __call__(self, handle: Handler, call: EndpointCall) -> EmulatorResponse:
        resource_type = resource_type_of(call.endpoint.path)
        if resource_type in self._created:
            raise RefusedError(422, "The quota is used up.", {"name": ["The quota is used up."]})
        response = handle(call)
        self._created.add(resource_type)
        record = call.backend.store.all(resource_type)[-1]
        record.fields |= {name: record.fields[name] + 5 for name in ("price", "percentage") if record.fields.get(name)}
        return response


class _BareLimit:
    """Limits a request now and then, without a body and without saying when to try again."""

    def __init__(self) -> None:
        self._answered = 0

    def __call__(self, decide: Respond, api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
        self._answered += 1
        return decide(api, routed) if self._answered % _LIMITED else EmulatorResponse(429)


REFUSALS = (
    Defect(
        "random-trace",
        "status",
        "one listing always answers 500, each time with another trace",
        corruption.only(f"GET {RESOURCES}/firmware-versions/v1.0", _instead("GET", _traced)),
    ),
    Defect(
        "filters-forbidden",
        "filters",
        "every filter of two listings is answered 403",
        override(requested_filters, _without_filters),
    ),
    Defect(
        "second-page-forbidden",
        "pagination",
        "the second page of a listing is answered 403",
        override(requested_page, _first_page_only),
    ),
    Defect(
        "listed-not-found",
        "status",
        "what a listing shows is answered 404 when it is read",
        corruption.only(
            f"GET {RESOURCES}/cdrs/v2.0/{{cdr}}",
            _instead("GET", lambda: EmulatorResponse(404, {"message": "No query results for this id."})),
        ),
    ),
    Defect(
        "route-missing",
        "status",
        "the removal of shares has no route",
        corruption.below(
            "/shares/",
            _instead("DELETE", lambda: EmulatorResponse(404, {"message": "The route shares could not be found."})),
        ),
    ),
    Defect(
        "action-forbidden",
        "status",
        "an action is answered 403, whatever it is requested for",
        corruption.only(
            f"POST {_ACTIONS}/reset-security-profile",
            _instead("POST", lambda: EmulatorResponse(403, {"message": _FORBIDDEN})),
        ),
    ),
    Defect(
        "action-refused",
        "status",
        "an action is answered 422 with every body",
        corruption.only(f"POST {_ACTIONS}/get-diagnostics", _instead("POST", _refused)),
    ),
    Defect(
        "removed-is-written",
        "state",
        "a change or removal of what was changed or removed before succeeds, though it is gone",
        override(respond, _RemovedAnswers()),
    ),
    Defect("removed-crashes", "state", "reading what was removed answers 500", override(respond, _crash_on_removed)),
    Defect(
        "second-creation-refused",
        "state",
        "a price is stored 5 higher, and the second creation is refused",
        override(create, _Quota()),
    ),
    Defect(
        "bare-limit",
        "headers",
        "one request of twelve is answered 429, without a body or Retry-After",
        override(respond, _BareLimit()),
    ),
)
