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

from ampeco_emulator.backend.backend import Answer, RefusedError, World
from ampeco_emulator.backend.resource_types import family_named
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.resources import Call, handler_of
from ampeco_emulator.domain import HANDLERS
from ampeco_emulator.domain.integrations.webhooks import Webhooks
from ampeco_emulator.http import control
from ampeco_emulator.http.error_bodies import FORMS
from ampeco_emulator.http.saved_state import SavedState
from ampeco_emulator.http.scopes import limits_of, may_send, may_touch
from ampeco_emulator.http.strictness import violation_of
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Problem, read_request, without
from ampeco_emulator.settings import READ_ONLY, Access, RateLimiter, Settings

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


class Api:
    """The emulated API over one world."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world = world
        self.settings = settings
        self._limiter = RateLimiter(settings)
        self._handlers = {
            endpoint.operation.label: HANDLERS.get(endpoint.operation.label) or handler_of(world, endpoint)
            for endpoint in world.router.endpoints
        }

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        if latency := _SLOW if self.world.misbehaves("slow") else self.settings.latency:
            await asyncio.sleep(latency)
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        limits, may_pass = self._limiter.count(token)
        limits = {name: text for name, text in limits.items() if not self._is_left_out(name)}
        endpoint, path_values, methods = self.world.router.find(request.method, _path(request))
        raw = await request.body()
        if not may_pass:
            answer = self._refused(429, "Too Many Attempts.")
        elif (refusal := self._unauthorized(request, endpoint)) is not None:
            answer = refusal
        elif endpoint is None:
            return self._response(self._unrouted(methods), limits)
        else:
            answer = self._answer(endpoint, path_values, request, raw)
        if self.settings.strict and endpoint is not None and may_pass:
            answer = self._checked(endpoint, answer)
        if self.settings.defect is not None and endpoint is not None:
            answer = self.settings.defect.spoil(request.method, endpoint.path, answer)
        return self._response(answer, limits | self._end_of(endpoint))

    def _end_of(self, endpoint: Endpoint | None) -> dict[str, str]:
        """What a deprecated operation tells of its end: since when it is deprecated, and how long it is supported."""
        if endpoint is None or not endpoint.operation.deprecated:
            return {}
        sunset = {"sunset-in-words": "next summer", "sunset-first": "Thu, 01 Jan 2026 00:00:00 GMT"}
        return {"Deprecation": _DEPRECATED, "Sunset": sunset.get(self.world.defect or "", _SUNSET)}

    def _is_left_out(self, header: str) -> bool:
        if header == "Retry-After":
            return self.world.misbehaves("no-retry-after")
        return self.world.misbehaves("no-limit-headers")

    def _unauthorized(self, request: Request, endpoint: Endpoint | None) -> Answer | None:
        """The refusal of a caller without a token, or whose role forbids this; None when all is well."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        misbehaves = self.world.misbehaves
        access = self.settings.tokens.get(token) if scheme == "Bearer" or misbehaves("any-scheme") else None
        if misbehaves("half-a-token") and token:
            access = next((each for known, each in self.settings.tokens.items() if known.startswith(token)), None)
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

    def _answer(self, endpoint: Endpoint, path_values: Mapping[str, str], request: Request, raw: bytes) -> Answer:
        if self.world.misbehaves("crash-on-unicode") and not raw.isascii():
            return self._refused(500, "Server Error")
        incoming, problems = read_request(
            endpoint, path_values, request.query_params.multi_items(), request.headers.get("content-type", ""), raw
        )
        noticed = [problem for problem in problems if not self._is_overlooked(problem)]
        refusal = self._refusal(endpoint, noticed)
        if self.world.misbehaves("refuse-valid-body") and incoming.has_body:
            refusal = self._refusal(endpoint, [Problem("body", "body", "The body is invalid.")])
        if refusal is not None:
            return refusal
        # Where no refusal is documented, what is wrong is not understood.
        incoming = without(incoming, noticed)
        self.world.tick()
        access = self.settings.tokens.get(request.headers.get("authorization", "").partition(" ")[2], Access())
        call = Call(self.world, endpoint, incoming, _address(request))
        try:
            if limits_of(access) and not self.world.misbehaves("ignore-scope"):
                call = self._scoped(call, access)
            return self._handlers[endpoint.operation.label](call)
        except RefusedError as refused:
            return self._documented(endpoint, refused)

    def _scoped(self, call: Call, access: Access) -> Call:
        """The request of a token that may not see everything. Raises RefusedError when it asks for something else."""
        is_writing = call.endpoint.operation.method != "GET"
        addressed = list(_addressed(call))
        forbidden = any(not may_touch(self.world, access, record, writing=is_writing) for record in addressed)
        if forbidden or (is_writing and not may_send(access, call.incoming.body)):
            raise RefusedError(403, "This action is unauthorized.")
        return replace(call, admits=lambda record: may_touch(self.world, access, record, writing=False))

    def _is_overlooked(self, problem: Problem) -> bool:
        """Whether a defect takes a problem of a request for none."""
        misbehaves = self.world.misbehaves
        if problem.place == "query":
            return misbehaves("accept-invalid-query")
        if (name := _OVERLOOKED.get(problem.kind)) is not None and misbehaves(name):
            return True
        if problem.kind == "syntax":
            return misbehaves("accept-broken-json")
        if problem.kind == "required":
            return misbehaves("accept-missing-fields")
        return problem.place == "body" and misbehaves("accept-invalid-body")

    def _refused(self, status: int, message: str, errors: Mapping[str, list[str]] | None = None) -> Answer:
        """A refusal in the vendor's form."""
        return Answer(status, FORMS[self.world.specification.api](status, message, errors))

    def _unrouted(self, methods: frozenset[str]) -> Answer:
        """The answer to a path that does not exist, or not with this method."""
        if not methods:
            return self._refused(404, "Not Found")
        headers = {} if self.world.misbehaves("no-allow") else {"Allow": ", ".join(sorted(methods))}
        return replace(self._refused(405, "The method is not supported for this route."), headers=headers)

    def _refusal(self, endpoint: Endpoint, problems: list[Problem]) -> Answer | None:
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

    def _documented(self, endpoint: Endpoint, refused: RefusedError) -> Answer:
        """A refusal with a status the operation documents."""
        status, errors = refused.status, refused.errors
        if status not in endpoint.statuses:
            status = next((item for item in _STATUSES if item in endpoint.statuses), status)
            errors = {"id": [refused.message]} if status == 422 else None
        if endpoint.answer_schema(status) is None:
            return Answer(status)
        return self._refused(status, refused.message, errors)

    def _checked(self, endpoint: Endpoint, answer: Answer) -> Answer:
        violation = violation_of(endpoint, answer)
        if violation is None:
            return answer
        _LOG.error("%s: %s", endpoint.operation.label, violation)
        return Answer(500, {"message": f"emulator bug: {endpoint.operation.label}: {violation}"})

    def _response(self, answer: Answer, headers: Mapping[str, str]) -> Response:
        told = {"X-App-Version": self.settings.app_version, **headers, **answer.headers}
        if answer.body is None:
            return Response(status_code=answer.status, headers=told)
        content = orjson.dumps(answer.body)
        return Response(answer.rewrite(content) if answer.rewrite else content, answer.status, told, answer.media_type)


class Application:
    """The ASGI application: the control plane under /_emulator/, the API everywhere else; `at_end` is called last."""

    def __init__(self, api: Api, webhooks: Webhooks, state: SavedState, at_end: Callable[[], None]) -> None:
        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            yield
            at_end()

        self._api = api
        routes = [Mount(CONTROL, routes=control.routes(api.world, api.settings, webhooks, state))]
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


def _addressed(call: Call) -> Iterator[Record]:
    """The records that the path names."""
    for name, key in call.incoming.path_values.items():
        record = call.world.store.find(family_named(name), key)
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
