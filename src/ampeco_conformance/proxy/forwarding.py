"""Forwards requests to one upstream and streams the responses back; what went over the wire is handed on as exchanges.

The upstream is fixed: whatever host a request names, it goes there, and the server refuses CONNECT. Only the headers of
the connection are added to a request, so a client without a token gets what the target answers to one. Their values are
secrets, and no exchange has them.
"""

import json
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import h11

from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response, header
from ampeco_conformance.proxy.recording import TrafficRecording
from ampeco_conformance.proxy.upstream import FAILURES, Upstream
from ampeco_conformance.target.connection import DIRECT, Connection

#: Not forwarded: they are about one connection (RFC 9110, section 7.6.1).
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)
#: How much of a body is kept for the judge; the rest is forwarded all the same.
MOST_RECORDED = 16 * 1024 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _ClientGone(Exception):
    """The client ended the connection before its request was complete."""


class Forwarding:
    """An ASGI application that is the proxy; the recording gets every exchange once it has ended."""

    def __init__(
        self, upstream: str, recording: TrafficRecording, *, timeout: float, connection: Connection = DIRECT
    ) -> None:
        self._upstream = Upstream(upstream, timeout=timeout, connection=connection)
        self._own = {name.lower().encode(): value.encode() for name, value in connection.headers}
        self._recording = recording

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        await self._recording.has_room()
        sent, received = bytearray(), bytearray()
        # A request that names a host in its first line goes to the upstream like any other.
        path = scope["raw_path"].partition(b"?")[0] or b"/"
        target = self._upstream.path + path + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        started, clock = time.time(), time.perf_counter()
        head: h11.Response | None = None
        error: str | None = None
        try:
            connection = await self._upstream.connection()
            try:
                head = await connection.request(scope["method"], target, *self._request(scope, receive, sent))
                await _stream(head, connection.parts(), send, received)
            finally:
                self._upstream.release(connection)
        except FAILURES as failure:
            error = f"{type(failure).__name__}: {failure}".rstrip(": ")
            if head is None:
                await _answer(send, 502, f"the target did not answer: {error}")
        except _ClientGone:
            error = "the client went away"
        finally:
            url = self._upstream.origin + target.decode("latin-1")
            request = Request(scope["method"], url, _texts(scope["headers"]), bytes(sent) or None)
            elapsed = time.perf_counter() - clock
            self._recording.add(Exchange(request, _response(head, error, received), started, elapsed, error))

    def close(self) -> None:
        """Close the connections to the upstream."""
        self._upstream.close()

    def _request(
        self, scope: Scope, receive: Receive, sent: bytearray
    ) -> tuple[list[tuple[bytes, bytes]], AsyncIterator[bytes] | None]:
        """The headers and the body of the request that is forwarded."""
        replaced = _HOP_BY_HOP | self._own.keys() | {b"host"}
        headers = [(b"host", self._upstream.host), *self._own.items()]
        headers += [(name, value) for name, value in scope["headers"] if name not in replaced]
        names = {name for name, _ in scope["headers"]}
        if b"transfer-encoding" in names:
            headers.append((b"transfer-encoding", b"chunked"))
        has_body = bool(names & {b"content-length", b"transfer-encoding"})
        return headers, _body(receive, sent) if has_body else None


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


async def _stream(head: h11.Response, parts: AsyncIterator[bytes], send: Send, received: bytearray) -> None:
    """Hand the response to the client as it arrives, in its own encoding."""
    headers = [(name, value) for name, value in head.headers if name not in _HOP_BY_HOP]
    await send({"type": "http.response.start", "status": head.status_code, "headers": headers})
    async for part in parts:
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


def _response(head: h11.Response | None, error: str | None, received: bytearray) -> Response | None:
    """The response; its body is not known when it did not arrive in full, or is in an unknown encoding."""
    if head is None:
        return None
    headers = _texts(head.headers.raw_items())
    body = _decoded(bytes(received), header(headers, "content-encoding") or "")
    is_known = error is None and body is not None and len(received) < MOST_RECORDED
    return Response(head.status_code, head.reason.decode("latin-1"), headers, body or b"", is_known)


def _decoded(body: bytes, coding: str) -> bytes | None:
    if coding.lower() in ("", "identity") or not body:
        return body
    if coding.lower() not in ("gzip", "x-gzip", "deflate"):
        return None
    try:
        return zlib.decompress(body, 32 + zlib.MAX_WBITS)
    except zlib.error:
        return None


def _texts(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
