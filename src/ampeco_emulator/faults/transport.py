"""Defects of the connection: responses that are missing, or that have what HTTP does not allow them."""

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.backend.rules import override
from ampeco_emulator.faults import corruption
from ampeco_emulator.faults.model import Defect
from ampeco_emulator.http.api import EmulatedApi, sent
from ampeco_emulator.openapi.endpoints import Endpoint

_REMOVED = b'{"message":"deleted"}'


class _Unanswered(Response):
    """Closes the connection without a response."""

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        # ASGI has no event for this: `receive`, which is not wrapped for a request without a body, is a method of the
        # server.
        receive.__self__.transport.close()  # type: ignore[attr-defined]
        while (await receive())["type"] != "http.disconnect":
            pass


def _unanswered(
    send: Callable[[EmulatedApi, Endpoint | None, Response], Response],
    api: EmulatedApi,
    endpoint: Endpoint | None,
    response: Response,
) -> Response:
    is_read = endpoint is not None and endpoint.operation.method == "GET" and endpoint.path.endswith("}")
    return _Unanswered() if is_read and response.status_code == 200 else send(api, endpoint, response)


def _removed_with_body(method: str, _path: str, response: EmulatorResponse) -> EmulatorResponse:
    if (method, response.status) != ("DELETE", 204):
        return response
    headers = {**response.headers, "Content-Length": str(len(_REMOVED))}
    return replace(response, body={}, headers=headers, rewrite=lambda _: _REMOVED)


TRANSPORT = (
    Defect("no-response", "robustness", "a single read gets no response", override(sent, _unanswered)),
    Defect("body-of-204", "robustness", "a 204 response has a body", corruption.corrupting(_removed_with_body)),
)
