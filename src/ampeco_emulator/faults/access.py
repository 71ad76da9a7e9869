"""Defects of who may do what that show with some spellings, queries or methods only."""

from collections.abc import Callable

from starlette.requests import Request

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.crud.resources import EndpointCall
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.api import EmulatedApi, access_of, scoped, token_of, unauthorized
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.settings import Access


def _in_any_case(
    find: Callable[[EmulatedApi, Request], Access | None], api: EmulatedApi, request: Request
) -> Access | None:
    sent = token_of(request).casefold()
    alike = (access for token, access in api.settings.tokens.items() if token.casefold() == sent)
    return find(api, request) or next(alike, None)


def _open_by_query(
    refuse: Callable[[EmulatedApi, Request, Endpoint | None], EmulatorResponse | None],
    api: EmulatedApi,
    request: Request,
    endpoint: Endpoint | None,
) -> EmulatorResponse | None:
    return None if request.method == "GET" and request.query_params else refuse(api, request, endpoint)


def _unscoped(is_overlooked: Callable[[EndpointCall], bool]) -> Override:
    """Let a token do what is beyond its limits in these calls."""

    def scope(
        limit: Callable[[EmulatedApi, EndpointCall, Access], EndpointCall],
        api: EmulatedApi,
        call: EndpointCall,
        access: Access,
    ) -> EndpointCall:
        return call if is_overlooked(call) else limit(api, call, access)

    return override(scoped, scope)


ACCESS = (
    Defect(
        "token-in-any-case",
        "authentication",
        "the token is accepted in small and capital letters",
        override(access_of, _in_any_case),
    ),
    Defect(
        "open-with-query",
        "authentication",
        "a read with a query needs no token",
        override(unauthorized, _open_by_query),
    ),
    Defect(
        "scope-ignored-by-filter",
        "authentication",
        "a token limited to a partner lists what a filter names of another one",
        _unscoped(lambda call: any(name.startswith("filter[partnerId") for name in call.incoming.query)),
    ),
    Defect(
        "scope-ignored-in-removals",
        "authentication",
        "a token limited to a partner or operator deletes everything",
        _unscoped(lambda call: call.endpoint.operation.method == "DELETE"),
    ),
)
