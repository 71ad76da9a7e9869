"""Forwards requests to one upstream and streams the responses back; what went over the wire is handed on as exchanges.

The upstream is fixed: whatever host a request names, it goes there, and the server refuses CONNECT. Nothing is added to
a request, so a client without a token gets what the target answers to one.
"""

import json
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

import httpx

from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response, header

#: Not forwarded: they are about one connection (RFC 9110, section 7.6.1).
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)
#: How much of a body is kept for the judge; the rest is forwarded all the same.
MOST_RECORDED = 16 * 1024 * 1024
#: Idle connections are closed before servers do so (uvicorn: 5 s), or requests are lost in the race.
_KEEP_ALIVE = 2.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _ClientGone(Exception):
    """The client ended the connection before its request was complete."""


class Forwarding:
    """An ASGI application that is the proxy; `observe` gets every exchange once it has ended."""

    def __init__(self, upstream: str, observe: Callable[[Exchange], None], *, timeout: float) -> None:
        self._upstream = httpx.URL(upstream)
        self._observe = observe
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=_KEEP_ALIVE)
        self._client = httpx.AsyncClient(timeout=timeout, limits=limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        sent, received = bytearray(), bytearray()
        request = self._request(scope, receive, sent)
        started, clock = time.time(), time.perf_counter()
        head: tuple[int, str, list[tuple[bytes, bytes]]] | None = None
        error: str | None = None
        try:
            response = await self._client.send(request, stream=True)
            head = response.status_code, response.reason_phrase, response.headers.raw
            try:
                await _stream(response, send, received)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as failure:
            error = f"{type(failure).__name__}: {failure}".rstrip(": ")
            if head is None:
                await _answer(send, 502, f"the target did not answer: {error}")
        except _ClientGone:
            error = "the client went away"
        finally:
            request_seen = Request(scope["method"], str(request.url), _texts(scope["headers"]), bytes(sent) or None)
            elapsed = time.perf_counter() - clock
            self._observe(Exchange(request_seen, _response(head, error, received), started, elapsed, error))

    async def close(self) -> None:
        """Close the connections to the upstream."""
        await self._client.aclose()

    def _request(self, scope: Scope, receive: Receive, sent: bytearray) -> httpx.Request:
        # A request that names a host in its first line goes to the upstream like any other.
        path = scope["raw_path"].partition(b"?")[0] or b"/"
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        url = self._upstream.copy_with(raw_path=self._upstream.raw_path.rstrip(b"/") + path + query)
        headers = [(name, value) for name, value in scope["headers"] if name not in _HOP_BY_HOP and name != b"host"]
        names = {name for name, _ in scope["headers"]}
        has_body = bool(names & {b"content-length", b"transfer-encoding"})
        return httpx.Request(
            scope["method"],
            url,
            headers=headers,
            content=_body(receive, sent) if has_body else None,
            extensions={"timeout": self._client.timeout.as_dict()},
        )


async def _body(receive: Receive, sent: bytearray) -> AsyncIterator[bytes]:
    """The body of a request as it arrives."""
    is_open = True
    while is_open:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        is_open = message.get("more_body", False)
        if part := message.get("body", b""):
            _keep(sent, part)
            yield part


async def _stream(response: httpx.Response, send: Send, received: bytearray) -> None:
    """Hand the response to the client as it arrives, in its own encoding."""
    headers = [(name.lower(), value) for name, value in response.headers.raw if name.lower() not in _HOP_BY_HOP]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    async for part in response.aiter_raw():
        _keep(received, part)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _keep(kept: bytearray, part: bytes) -> None:
    if len(kept) < MOST_RECORDED:
        kept += part


async def _answer(send: Send, status: int, message: str) -> None:
    body = json.dumps({"message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _response(
    head: tuple[int, str, list[tuple[bytes, bytes]]] | None, error: str | None, received: bytearray
) -> Response | None:
    """The response; its body is not known when it did not arrive in full, or is in an unknown encoding."""
    if head is None:
        return None
    status, reason, raw = head
    headers = _texts(raw)
    body = _decoded(bytes(received), header(headers, "content-encoding") or "")
    is_known = error is None and body is not None and len(received) < MOST_RECORDED
    return Response(status, reason, headers, body or b"", is_known)


def _decoded(body: bytes, coding: str) -> bytes | None:
    if coding.lower() in ("", "identity") or not body:
        return body
    if coding.lower() not in ("gzip", "x-gzip", "deflate"):
        return None
    try:
        return zlib.decompress(body, 32 + zlib.MAX_WBITS)
    except zlib.error:
        return None


def _texts(raw: list[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
