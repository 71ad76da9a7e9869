"""The emulated API over HTTP: authentication, routing and validation, then the handler of the endpoint."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from secrets import token_hex
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.resource_types import resource_type_named
from ampeco_emulator.backend.rules import Overrides, rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall
from ampeco_emulator.crud.resources import handler_of
from ampeco_emulator.domain import HANDLERS
from ampeco_emulator.http import client_credentials
from ampeco_emulator.http.error_bodies import FORMS
from ampeco_emulator.http.request_quota import RequestQuota
from ampeco_emulator.http.scopes import limits_of, may_send, may_touch
from ampeco_emulator.http.strictness import violation_of
from ampeco_emulator.http.switched_off import NOT_ENABLED, is_off, refused_fields
from ampeco_emulator.openapi.endpoints import JSON, Endpoint, is_json
from ampeco_emulator.openapi.validation import Incoming, Problem, read_request, without
from ampeco_emulator.settings import NO_ACCESS, READ_ONLY, Access, EmulatorSettings

# Six months of support, the least that the vendor promises; which dates it sends is not published.
_DEPRECATED = "@1772323200"
_SUNSET = "Tue, 01 Sep 2026 00:00:00 GMT"
# The statuses that replace a refusal whose own status is not documented, best first.
_STATUSES = (404, 403, 422, 400, 409, 406)
_TOO_MANY_REQUESTS = 429
# The smallest bodies of media types other than JSON.
_FILES = {
    "application/pdf": b"%PDF-1.4\n%%EOF\n",
    "text/csv": b"id\n1\n",
    "text/plain": b"text",
    "text/html": b"<p>text</p>",
}
_READING = ("GET", "HEAD", "OPTIONS")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RoutedRequest:
    """A request of an endpoint, with the values of its path and its body."""

    endpoint: Endpoint
    path_values: Mapping[str, str]
    request: Request
    raw: bytes


class EmulatedApi:
    """Responds to the requests of one backend's API."""

    def __init__(self, backend: Backend, settings: EmulatorSettings) -> None:
        self.backend = backend
        self.settings = settings
        self._quota = RequestQuota(settings)
        self._own_paths = client_credentials.PATHS if backend.specification.api == "ampeco" else frozenset()
        if settings.oauth_client is None:  # without clients, the specification says what these answer
            self._own_paths -= {endpoint.path for endpoint in backend.router.endpoints}
        #: The fields with samples that strict mode has named.
        self.named_samples: set[tuple[str, str]] = set()
        self._handlers = {
            endpoint.operation.label: HANDLERS.get(endpoint.operation.label) or handler_of(backend, endpoint)
            for endpoint in backend.router.endpoints
        }

    @property
    def overrides(self) -> Overrides:
        """The overrides in effect."""
        return self.backend.overrides

    async def __call__(self, request: Request) -> Response:
        """Respond to one request."""
        if seconds := latency(self):
            await asyncio.sleep(seconds)
        if _path(request) in self._own_paths:
            return await self._credentials(request)
        quota_headers, is_within_quota = self._quota.count(token_of(request))
        endpoint, path_values, methods = self._routed(request)
        raw = await request.body()
        if not is_within_quota:
            response = self.refused(_TOO_MANY_REQUESTS, "Too Many Attempts.")
        elif (refusal := unauthorized(self, request, endpoint)) is not None:
            response = refusal
        elif endpoint is None:
            response = unrouted(self, request, methods)
        elif is_off(endpoint, self.settings.features_off):
            response = EmulatorResponse(404, NOT_ENABLED)
        else:
            response = respond(self, RoutedRequest(endpoint, path_values, request, raw))
        if endpoint is not None and response.body != NOT_ENABLED:
            response = checked(self, endpoint, worded(endpoint, response))
        headers = response_headers(self, endpoint, quota_headers, response)
        media_type = JSON if endpoint is None else endpoint.media_type(response.status)
        if not is_json(media_type):
            content = _FILES.get(media_type, b"")
            return sent(self, endpoint, Response(content, response.status, headers, media_type))
        if response.body is None:
            return Response(status_code=response.status, headers=headers)
        content = orjson.dumps(response.body)
        content = response.rewrite(content) if response.rewrite else content
        media_type = media_type if response.media_type == JSON else response.media_type
        return sent(self, endpoint, Response(content, response.status, headers, media_type))

    def _routed(self, request: Request) -> tuple[Endpoint | None, dict[str, str], frozenset[str]]:
        """What the router finds; a HEAD is the GET of its path, of whose answer the server leaves out the body."""
        found = self.backend.router.find("GET" if request.method == "HEAD" else request.method, _path(request))
        is_alone = found[0] is None and request.method in found[2]
        return self.backend.router.find(request.method, _path(request)) if is_alone else found

    async def _credentials(self, request: Request) -> Response:
        """Respond to a request for a token, or to revoke one: it needs none itself."""
        if request.method == "POST":
            raw = await request.body()
            response = client_credentials.answer(self.settings, _path(request), request.headers, raw)
        else:
            response = unrouted(self, request, frozenset({"POST"}))
        headers = response_headers(self, None, {}, response)
        content = b"" if response.body is None else orjson.dumps(response.body)
        return Response(content, response.status, headers, response.media_type)

    def refused(self, status: int, message: str, errors: Mapping[str, list[str]] | None = None) -> EmulatorResponse:
        """A refusal in the vendor's form."""
        return EmulatorResponse(status, FORMS[self.backend.specification.api](status, message, errors))

    def call(self, call: EndpointCall) -> EmulatorResponse:
        """The response of the endpoint's handler."""
        return self._handlers[call.endpoint.operation.label](call)


@rule
def unrouted(api: EmulatedApi, request: Request, methods: frozenset[str]) -> EmulatorResponse:
    """The response to a path that does not exist, or not with this method."""
    if not methods:
        return api.refused(404, f"The route {_path(request)[1:]} could not be found.")
    allowed = {"Allow": ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))}
    if request.method == "OPTIONS":
        return EmulatorResponse(204, headers=allowed)
    return replace(api.refused(405, "The method is not supported for this route."), headers=allowed)


@rule
def sent(_api: EmulatedApi, _endpoint: Endpoint | None, response: Response) -> Response:
    """The response as it goes over the wire."""
    return response


@rule
def latency(api: EmulatedApi) -> float:
    """The seconds to wait before every response."""
    return api.settings.latency


@rule
def response_headers(
    api: EmulatedApi, endpoint: Endpoint | None, quota_headers: Mapping[str, str], response: EmulatorResponse
) -> dict[str, str]:
    """The headers of a response; those of a deprecated operation say since when, and how long it is supported."""
    is_deprecated = endpoint is not None and endpoint.operation.deprecated
    deprecation = {"Deprecation": _DEPRECATED, "Sunset": _SUNSET} if is_deprecated else {}
    named = {"X-App-Version": api.settings.app_version, "x-req-trace-id": token_hex(16)}
    return {**named, **quota_headers, **deprecation, **response.headers}


@rule
def access_of(api: EmulatedApi, request: Request) -> Access | None:
    """The access that the token of a request grants; None without a valid bearer token."""
    access = api.settings.tokens.get(token_of(request))
    return access if access is None or time.time() < access.expires_at else None


@rule
def may_call(_api: EmulatedApi, access: Access, method: str) -> bool:
    """Whether the role of a token permits a method."""
    return access.role != NO_ACCESS and (access.role != READ_ONLY or method in _READING)


@rule
def unauthorized(api: EmulatedApi, request: Request, endpoint: Endpoint | None) -> EmulatorResponse | None:
    """The refusal of a caller who has no token, or whose role forbids the request; None when it is permitted."""
    if endpoint is not None and api.backend.specification.is_public(endpoint.operation):
        return None
    access = access_of(api, request)
    if access is None:
        # Where the specification documents no 401, the other refusal replaces it.
        is_documented = endpoint is None or 401 in endpoint.statuses
        return api.refused(401 if is_documented else 403, "Unauthenticated.")
    return None if may_call(api, access, request.method) else api.refused(403, "This action is unauthorized.")


#: What the rule `respond` does.
Respond = Callable[[EmulatedApi, RoutedRequest], EmulatorResponse]


@rule
def respond(api: EmulatedApi, routed: RoutedRequest) -> EmulatorResponse:
    """Validate a request and let the handler of its endpoint respond."""
    endpoint, request = routed.endpoint, routed.request
    # As `request.query_params`, which builds two more tables.
    query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    content_type = request.headers.get("content-type", "")
    incoming, problems = read_request(endpoint, routed.path_values, query, content_type, routed.raw)
    problems += refused_fields(incoming.body, api.settings.features_off)
    problems = noticed_problems(api, problems)
    refusal = refusal_of(api, endpoint, incoming, problems)
    if refusal is not None:
        return refusal
    # Where no refusal is documented, invalid fields are ignored.
    incoming = without(incoming, problems)
    api.backend.tick()
    access = access_of(api, request) or Access()
    call = EndpointCall(api.backend, endpoint, incoming, _address(request), token=token_of(request))
    try:
        return api.call(scoped(api, call, access))
    except RefusedError as refused:
        return _documented(api, endpoint, refused)


@rule
def noticed_problems(_api: EmulatedApi, problems: list[Problem]) -> list[Problem]:
    """The problems of a request that the API notices."""
    return problems


@rule
def refusal_of(
    api: EmulatedApi, endpoint: Endpoint, _incoming: Incoming, problems: list[Problem]
) -> EmulatorResponse | None:
    """The documented response to an invalid request; None when it is valid, or no refusal is documented."""
    if not problems:
        return None
    if any(problem.place == "path" for problem in problems) and 404 in endpoint.statuses:
        return api.refused(404, "No query results for this id.")
    errors: dict[str, list[str]] = {}
    for problem in problems:
        errors.setdefault(problem.field, []).append(problem.message)
    if 422 in endpoint.statuses:
        return api.refused(422, problems[0].message, errors)
    return api.refused(400, problems[0].message) if 400 in endpoint.statuses else None


@rule
def scoped(api: EmulatedApi, call: EndpointCall, access: Access) -> EndpointCall:
    """The call limited to what the token may see. Raises RefusedError when it addresses anything else."""
    if not limits_of(access):
        return call
    is_writing = call.endpoint.operation.method != "GET"
    addressed = list(_addressed(call))
    forbidden = any(not may_touch(api.backend, access, record, writing=is_writing) for record in addressed)
    if forbidden or (is_writing and not may_send(access, call.incoming.body)):
        raise RefusedError(403, "This action is unauthorized.")
    return replace(call, admits=lambda record: may_touch(api.backend, access, record, writing=False))


@rule
def checked(api: EmulatedApi, endpoint: Endpoint, response: EmulatorResponse) -> EmulatorResponse:
    """The response; in strict mode a 500 replaces one that breaks the specification (which never documents 429)."""
    if not api.settings.strict or response.status == _TOO_MANY_REQUESTS:
        return response
    for resource_type, name in sorted(api.backend.values.samples - api.named_samples):
        _LOG.warning("%s of %s was never set: a sample is shown", name, resource_type or "a response")
    api.named_samples |= api.backend.values.samples
    violation = violation_of(endpoint, response)
    if violation is None:
        return response
    _LOG.error("%s: %s", endpoint.operation.label, violation)
    return EmulatorResponse(500, {"message": f"emulator bug: {endpoint.operation.label}: {violation}"})


def worded(endpoint: Endpoint, response: EmulatorResponse) -> EmulatorResponse:
    """A refusal with one of the messages that the operation documents, where it lists them."""
    schema = endpoint.response_schema(response.status) if response.status >= 400 else None
    if schema is None or not isinstance(response.body, dict) or "message" not in response.body:
        return response
    book = endpoint.book
    messages = book.deref(book.deref(schema).get("properties", {}).get("message", {})).get("enum", ())
    if not messages or response.body["message"] in messages:
        return response
    return replace(response, body={**response.body, "message": messages[0]})


def _documented(api: EmulatedApi, endpoint: Endpoint, refused: RefusedError) -> EmulatorResponse:
    """A refusal with a status that the operation documents."""
    status, errors = refused.status, refused.errors
    if status not in endpoint.statuses:
        status = next((item for item in _STATUSES if item in endpoint.statuses), status)
        errors = {"id": [refused.message]} if status == 422 else None
    if endpoint.response_schema(status) is None:
        return EmulatorResponse(status)
    return api.refused(status, refused.message, errors)


def _addressed(call: EndpointCall) -> Iterator[Record]:
    """The records that the path names."""
    for name, key in call.incoming.path_values.items():
        record = call.backend.store.find(resource_type_named(name), key)
        if record is not None:
            yield record


def token_of(request: Request) -> str:
    """The bearer token of a request, empty when it has none; the name of the scheme is of any case (RFC 9110, 11.1)."""
    # Not by `request.headers`, which compares every name on every use.
    given = next((value for name, value in request.scope["headers"] if name == b"authorization"), b"")
    scheme, _, token = given.decode("latin-1").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _path(request: Request) -> str:
    """The path from the root of the API on: a proxy may have put a prefix before it."""
    path: str = request.scope["path"]
    start = path.find("/public-api/")
    return path[start:] if start > 0 else path


def _address(request: Request) -> str:
    """The address of the request, as the caller of a proxy in front of the emulator wrote it."""
    given = {name: value.decode("latin-1") for name, value in request.scope["headers"]}
    scheme = given.get(b"x-forwarded-proto") or request.scope["scheme"]
    host = given.get(b"x-forwarded-host") or given.get(b"host") or request.url.netloc
    prefix = given.get(b"x-forwarded-prefix", "").rstrip("/")
    return f"{scheme}://{host}{prefix}{request.scope['path']}"
