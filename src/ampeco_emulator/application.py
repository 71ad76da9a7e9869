"""HTTP: authentication, routing, validation, then the handler; and every answer in the API's own form."""

import hmac
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from ampeco_emulator import control
from ampeco_emulator.behaviour import HANDLERS
from ampeco_emulator.defects import Defect
from ampeco_emulator.endpoints import Endpoint
from ampeco_emulator.resources import Call, handler_of
from ampeco_emulator.validation import Problem, read_request
from ampeco_emulator.world import Answer, RefusedError, World

APP_VERSION = "emulator"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Api:
    """The emulated API over one world."""

    def __init__(self, world: World, token: str, defect: Defect | None, *, strict: bool) -> None:
        self.world = world
        self._authorization = f"Bearer {token}".encode()
        self._defect = defect
        self._strict = strict

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, self._authorization):
            return _json(Answer(401, {"message": "Unauthenticated."}))
        endpoint, path_values, known = self.world.router.find(request.method, _path(request))
        if endpoint is None:
            status, message = (405, "The method is not supported for this route.") if known else (404, "Not Found")
            return _json(Answer(status, {"message": message}))
        answer = self._answer(endpoint, path_values, request, await request.body())
        if self._strict and (violation := self._violation(endpoint, answer)):
            return _json(Answer(500, {"message": f"emulator bug: {endpoint.operation.label}: {violation}"}))
        if self._defect is not None:
            answer = self._defect.spoil(request.method, endpoint.path, answer)
        return _json(answer)

    def _answer(self, endpoint: Endpoint, path_values: Mapping[str, str], request: Request, raw: bytes) -> Answer:
        incoming, problems = read_request(
            endpoint, path_values, request.query_params.multi_items(), request.headers.get("content-type", ""), raw
        )
        refusal = _refusal(endpoint, problems)
        if refusal is not None:
            return refusal
        self.world.tick()
        call = Call(self.world, endpoint, incoming, _address(request))
        handler = HANDLERS.get(endpoint.operation.label) or handler_of(self.world, endpoint)
        try:
            return handler(call)
        except RefusedError as refused:
            return _documented(endpoint, refused)

    def _violation(self, endpoint: Endpoint, answer: Answer) -> str | None:
        """How an answer of ours breaks the specification; None when it does not."""
        if answer.status not in endpoint.statuses:
            return f"{answer.status} is not documented"
        schema = endpoint.answer_schema(answer.status)
        if schema is None:
            return None
        error = next(iter(self.world.router.book.validator(schema, incoming=False).iter_errors(answer.body)), None)
        return None if error is None else f"{error.instance_path}: {error.message[:300]}"


def application(api: Api) -> Starlette:
    """The ASGI application: the control plane under /_emulator/, the API everywhere else."""
    return Starlette(
        routes=[
            Mount("/_emulator", routes=control.routes(api.world)),
            Route("/{path:path}", api.__call__, methods=_METHODS),
        ]
    )


def _refusal(endpoint: Endpoint, problems: list[Problem]) -> Answer | None:
    """The documented answer to an invalid request; None when it is fine, or the operation documents no refusal."""
    if not problems:
        return None
    if any(problem.place == "path" for problem in problems) and 404 in endpoint.statuses:
        return Answer(404, {"message": "No query results for this id."})
    errors: dict[str, list[str]] = {}
    for problem in problems:
        errors.setdefault(problem.field, []).append(problem.message)
    body = {"message": problems[0].message, "errors": errors}
    if 422 in endpoint.statuses:
        return Answer(422, body)
    if 400 in endpoint.statuses:
        return Answer(400, {"message": problems[0].message})
    return None


def _documented(endpoint: Endpoint, refused: RefusedError) -> Answer:
    """A refusal with a status the operation documents."""
    if refused.status not in endpoint.statuses:
        if endpoint.operation.method == "GET" and endpoint.is_list:
            return Answer(200, {"data": []})
        status = next((item for item in (404, 422, 400, 409, 406, 403) if item in endpoint.statuses), refused.status)
        refused = RefusedError(status, refused.message, {"id": [refused.message]} if status == 422 else None)
    if endpoint.answer_schema(refused.status) is None:
        return Answer(refused.status)
    body: dict[str, Any] = {"message": refused.message}
    return Answer(refused.status, body | ({"errors": refused.errors} if refused.errors else {}))


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


def _json(answer: Answer) -> Response:
    headers = {"X-App-Version": APP_VERSION}
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return Response(orjson.dumps(answer.body), answer.status, headers, "application/json")
