"""Defects of who may do what that show with some spellings, queries or methods only."""

from collections.abc import Callable
from functools import partial

from starlette.requests import Request

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import Override, override
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.api import EmulatedApi, access_of, scoped, token_of, unauthorized
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.settings import Access

# The parts of the path of a collection, such as /public-api/resources/users/v1.0.
_DEPTH = 5


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


# What a token may do to an object of another partner: the word for it, its methods, and whether its path has an id.
_FOREIGN = (("read", ("GET",), True), ("changed", ("PATCH", "PUT"), True), ("removed", ("DELETE",), True))
_FOREIGN_LISTED, _FOREIGN_CREATED = ("listed", ("GET",), False), ("created", ("POST",), False)
_OBJECTS = {
    **dict.fromkeys(
        ("charge-points", "partner-contracts", "user-groups"), (*_FOREIGN, _FOREIGN_LISTED, _FOREIGN_CREATED)
    ),
    **dict.fromkeys(("partner-invites", "roaming-providers"), (*_FOREIGN, _FOREIGN_LISTED)),
    # They belong to whom their charge point belongs.
    "evses": (*_FOREIGN, _FOREIGN_LISTED),
    # Nobody changes them.
    "partner-settlement-reports": (_FOREIGN[0], _FOREIGN_LISTED),
    "partner-expenses": (_FOREIGN_LISTED,),
    "partner-revenues": (_FOREIGN_LISTED,),
}


def _is_about(resource: str, methods: tuple[str, ...], has_id: bool, call: EndpointCall) -> bool:
    operation = call.endpoint.operation
    collection, _, last = operation.path.rpartition("/")
    parts = (collection if has_id else operation.path).split("/")
    is_object = last.startswith("{") is has_id and parts[2:4] == ["resources", resource] and len(parts) == _DEPTH
    return is_object and operation.method in methods


# What is commanded by actions: the name of the resource in their paths.
_COMMANDED = {"charge-points": "charge-point", "evses": "evse"}


def _commands(kind: str, call: EndpointCall) -> bool:
    return call.endpoint.operation.path.startswith(f"/public-api/actions/{kind}/")


ACCESS = (
    *(
        Defect(
            f"others-{resource}-commanded",
            "authentication",
            f"{resource.replace('-', ' ')} of other partners are commanded with a token limited to a partner",
            _unscoped(partial(_commands, kind)),
        )
        for resource, kind in _COMMANDED.items()
    ),
    *(
        Defect(
            f"others-{resource}-{word}",
            "authentication",
            f"{resource.replace('-', ' ')} of other partners are {word} with a token limited to a partner",
            _unscoped(partial(_is_about, resource, methods, has_id)),
        )
        for resource, kinds in _OBJECTS.items()
        for word, methods, has_id in kinds
    ),
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
