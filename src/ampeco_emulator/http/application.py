"""HTTP: authentication, routing, validation, then the handler; and every answer in the API's own form."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.resource_types import resource_type_named
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.resources import EndpointCall, handler_of
from ampeco_emulator.domain import HANDLERS
from ampeco_emulator.domain.integrations.webhooks import Webhooks
from ampeco_emulator.http import control
from ampeco_emulator.http.error_bodies import FORMS
from ampeco_emulator.http.saved_state import SavedState
from ampeco_emulator.http.scopes import limits_of, may_send, may_touch
from ampeco_emulator.http.strictness import violation_of
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Problem, read_request, without
from ampeco_emulator.settings import READ_ONLY, Access, EmulatorSettings, RateLimiter

CONTROL = "/_emulator"
# What single defects are about: the kinds of problems that are let pass, the operation that needs no token.
_OVERLOOKED = {
    "enum": "accept-unknown-words",
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), "accept-out-of-bounds"),
}
_LEFT_OPEN = "GET /public-api/resources/users/v1.0"
_SLOW = 3.0
# Six months of support, the least that the vendor promises; which dates it gives is not published.
_DEPRECATED = "@1772323200"
_SUNSET = "Tue, 01 Sep 2026 00:00:00 GMT"
# What stands for a refusal whose own status is not documented, best first.
_STATUSES = (404, 403, 422, 400, 409, 406)
_LOG = logging.getLogger(__name__)


class EmulatedApi:
    """The emulated API over one backend."""

    def __init__(self, backend: Backend, settings: EmulatorSettings) -> None:
        self.backend = backend
        self.settings = settings
        self._limiter = RateLimiter(settings)
        self._handlers = {
            endpoint.operation.label: HANDLERS.get(endpoint.operation.label) or handler_of(backend, endpoint)
            for endpoint in backend.router.endpoints
        }

    async def __call__(self, request: Request) -> Response:
        """EmulatorResponse one request."""
        if latency := _SLOW if self.backend.misbehaves("slow") else self.settings.latency:
            await asyncio.sleep(latency)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        limits, may_pass = self._limiter.count(token)
        limits = {name: text for name, text in limits.items() if not self._is_left_out(name)}
        endpoint, path_values, methods = self.backend.router.find(request.method, _path(request))
        raw = await request.body()
        if not may_pass:
            response = self._refused(429, "Too Many Attempts.")
        elif (refusal := self._unauthorized(request, endpoint)) is not None:
            response = refusal
        elif endpoint is None:
            return self._response(self._unrouted(methods), limits)
        else:
            response = self._respond(endpoint, path_values, request, raw)
        if self.settings.strict and endpoint is not None and may_pass:
            response = self._checked(endpoint, response)
        if self.settings.defect is not None and endpoint is not None:
            response = self.settings.defect.spoil(request.method, endpoint.path, response)
        return self._response(response, limits | self._end_of(endpoint))

    def _end_of(self, endpoint: Endpoint | None) -> dict[str, str]:
        """What a deprecated operation tells of its end: since when it is deprecated, and how long it is supported."""
        if endpoint is None or not endpoint.operation.deprecated:
            return {}
        sunset = {"sunset-in-words": "next summer", "sunset-first": "Thu, 01 Jan 2026 00:00:00 GMT"}
        return {"Deprecation": _DEPRECATED, "Sunset": sunset.get(self.backend.defect or "", _SUNSET)}

    def _is_left_out(self, header: str) -> bool:
        if header == "Retry-After":
            return self.backend.misbehaves("no-retry-after")
        return self.backend.misbehaves("no-limit-headers")

    def _unauthorized(self, request: Request, endpoint: Endpoint | None) -> EmulatorResponse | None:
        """The refusal of a caller without a token, or whose role forbids this; None when all is well."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        misbehaves = self.backend.misbehaves
        access = self.settings.tokens.get(token) if scheme == "Bearer" or misbehaves("any-scheme") else None
        if misbehaves("half-a-token") and token:
            access = next((access for known, access in self.settings.tokens.items() if known.startswith(token)), None)
        is_open = endpoint is not None and endpoint.operation.label == _LEFT_OPEN and misbehaves("open-operation")
        if is_open or misbehaves("no-authentication") or (misbehaves("any-token") and token):
            return None
        if access is None:
            # Where the specification documents no 401, the other refusal stands for it.
            is_documented = endpoint is None or 401 in endpoint.statuses
            status = 401 if is_documented and not misbehaves("forbidden-for-unauthenticated") else 403
            return self._refused(status, "Unauthenticated.")
        if access.role == READ_ONLY and request.method != "GET" and not misbehaves("reader-may-write"):
            return self._refused(403, "This action is unauthorized.")
        return None

    def _respond(
        self, endpoint: Endpoint, path_values: Mapping[str, str], request: Request, raw: bytes
    ) -> EmulatorResponse:
        if self.backend.misbehaves("crash-on-unicode") and not raw.isascii():
            return self._refused(500, "Server Error")
        incoming, problems = read_request(
            endpoint, path_values, request.query_params.multi_items(), request.headers.get("content-type", ""), raw
        )
        noticed = [problem for problem in problems if not self._is_overlooked(problem)]
        refusal = self._refusal(endpoint, noticed)
        if self.backend.misbehaves("refuse-valid-body") and incoming.has_body:
            refusal = self._refusal(endpoint, [Problem("body", "body", "The body is invalid.")])
        if refusal is not None:
            return refusal
        # Where no refusal is documented, what is wrong is not understood.
        incoming = without(incoming, noticed)
        self.backend.tick()
        access = self.settings.tokens.get(request.headers.get("authorization", "").partition(" ")[2], Access())
        call = EndpointCall(self.backend, endpoint, incoming, _address(request))
        try:
            if limits_of(access) and not self.backend.misbehaves("ignore-scope"):
                call = self._scoped(call, access)
            return self._handlers[endpoint.operation.label](call)
        except RefusedError as refused:
            return self._documented(endpoint, refused)

    def _scoped(self, call: EndpointCall, access: Access) -> EndpointCall:
        """The request of a token that may not see everything. Raises RefusedError when it asks for something else."""
        is_writing = call.endpoint.operation.method != "GET"
        addressed = list(_addressed(call))
        forbidden = any(not may_touch(self.backend, access, record, writing=is_writing) for record in addressed)
        if forbidden or (is_writing and not may_send(access, call.incoming.body)):
            raise RefusedError(403, "This action is unauthorized.")
        return replace(call, admits=lambda record: may_touch(self.backend, access, record, writing=False))

    def _is_overlooked(self, problem: Problem) -> bool:
        """Whether a defect takes a problem of a request for none."""
        misbehaves = self.backend.misbehaves
        if problem.place == "query":
            return misbehaves("accept-invalid-query")
        if (name := _OVERLOOKED.get(problem.kind)) is not None and misbehaves(name):
            return True
        if problem.kind == "syntax":
            return misbehaves("accept-broken-json")
        if problem.kind == "required":
            return misbehaves("accept-missing-fields")
        return problem.place == "body" and misbehaves("accept-invalid-body")

    def _refused(self, status: int, message: str, errors: Mapping[str, list[str]] | None = None) -> EmulatorResponse:
        """A refusal in the vendor's form."""
        return EmulatorResponse(status, FORMS[self.backend.specification.api](status, message, errors))

    def _unrouted(self, methods: frozenset[str]) -> EmulatorResponse:
        """The answer to a path that does not exist, or not with this method."""
        if not methods:
            return self._refused(404, "Not Found")
        headers = {} if self.backend.misbehaves("no-allow") else {"Allow": ", ".join(sorted(methods))}
        return replace(self._refused(405, "The method is not supported for this route."), headers=headers)

    def _refusal(self, endpoint: Endpoint, problems: list[Problem]) -> EmulatorResponse | None:
        """The documented answer to an invalid request; None when it is fine, or the operation documents no refusal."""
        if not problems:
            return None
        if any(problem.place == "path" for problem in problems) and 404 in endpoint.statuses:
            return self._refused(404, "No query results for this id.")
        errors: dict[str, list[str]] = {}
        for problem in problems:
            errors.setdefault(problem.field, []).append(problem.message)
        if 422 in endpoint.statuses:
            return self._refused(422, problems[0].message, errors)
        return self._refused(400, problems[0].message) if 400 in endpoint.statuses else None

    def _documented(self, endpoint: Endpoint, refused: RefusedError) -> EmulatorResponse:
        """A refusal with a status the operation documents."""
        status, errors = refused.status, refused.errors
        if status not in endpoint.statuses:
            status = next((item for item in _STATUSES if item in endpoint.statuses), status)
            errors = {"id": [refused.message]} if status == 422 else None
        if endpoint.response_schema(status) is None:
            return EmulatorResponse(status)
        return self._refused(status, refused.message, errors)

    def _checked(self, endpoint: Endpoint, response: EmulatorResponse) -> EmulatorResponse:
        violation = violation_of(endpoint, response)
        if violation is None:
            return response
        _LOG.error("%s: %s", endpoint.operation.label, violation)
        return EmulatorResponse(500, {"message": f"emulator bug: {endpoint.operation.label}: {violation}"})

    def _response(self, response: EmulatorResponse, headers: Mapping[str, str]) -> Response:
        all_headers = {"X-App-Version": self.settings.app_version, **headers, **response.headers}
        if response.body is None:
            return Response(status_code=response.status, headers=all_headers)
        content = orjson.dumps(response.body)
        return Response(
            response.rewrite(content) if response.rewrite else content,
            response.status,
            all_headers,
            response.media_type,
        )


class Application:
    """The ASGI application: the control plane under /_emulator/, the API everywhere else; `at_end` is called last."""

    def __init__(self, api: EmulatedApi, webhooks: Webhooks, state: SavedState, at_end: Callable[[], None]) -> None:
        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            yield
            at_end()

        self._api = api
        routes = [Mount(CONTROL, routes=control.routes(api.backend, api.settings, webhooks, state))]
        self._control = Starlette(routes=routes, lifespan=lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a proxy may have put a prefix before the path."""
        path = str(scope.get("path", ""))
        if scope["type"] == "http" and f"{CONTROL}/" not in f"{path}/":
            response = await self._api(Request(scope, receive))
            await response(scope, receive, send)
            return
        if scope["type"] == "http":
            scope = {**scope, "path": path[path.index(CONTROL) :]}
        await self._control(scope, receive, send)


def _addressed(call: EndpointCall) -> Iterator[Record]:
    """The records that the path names."""
    for name, key in call.incoming.path_values.items():
        record = call.backend.store.find(resource_type_named(name), key)
        if record is not None:
            yield record


def _path(request: Request) -> str:
    """The path from the API's root on: a proxy may have put a prefix before it."""
    path = request.url.path
    start = path.find("/public-api/")
    return path[start:] if start > 0 else path


def _address(request: Request) -> str:
    """The request's own address, as the caller of a proxy in front of us wrote it."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    host = request.headers.get("x-forwarded-host") or request.headers.get("host") or request.url.netloc
    prefix = request.headers.get("x-forwarded-prefix", "").rstrip("/")
    return f"{scheme}://{host}{prefix}{request.url.path}"
