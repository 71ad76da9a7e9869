"""Forwards requests to one upstream and streams the responses back; what went over the wire is handed on as exchanges.

The upstream is fixed: whatever host a request names, it goes there, and the server refuses CONNECT. Only the headers of
the connection are added to a request, so a client without a token gets what the target answers to one. Their values are
secrets, and no exchange has them.
"""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import h11

from ampeco_conformance.proxy.passage import KeptBody, Passage
from ampeco_conformance.proxy.recording import TrafficRecording
from ampeco_conformance.proxy.upstream import FAILURES, HeaderFields, Upstream, UpstreamConnection
from ampeco_conformance.target.connection import DIRECT, Connection

#: Not forwarded: they are about one connection (RFC 9110, section 7.6.1).
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)
#: Statuses after which no body follows, whatever the headers say.
_BODILESS = frozenset({204, 304})
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_GREATEST_STATUS = 599
_QUOTED = re.compile(r":? (?:bytearray\()?b?['\"]")

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
        # A request that names a host in its first line goes to the upstream like any other.
        path = scope["raw_path"].partition(b"?")[0] or b"/"
        target = self._upstream.path + path + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        passage = Passage(scope["method"], self._upstream.origin + target.decode("latin-1"), scope["headers"])
        try:
            await self._pass(passage, target, receive, send)
        except FAILURES as failure:
            passage.error = _described(failure)
            passage.is_lost = not isinstance(failure, h11.RemoteProtocolError)
            if passage.head is None:
                await _answer(send, 502, f"the target did not answer: {passage.error}")
        except _ClientGone:
            passage.error, passage.is_lost = "the client went away", True
        finally:
            self._recording.add(passage.exchange())

    async def _pass(self, passage: Passage, target: bytes, receive: Receive, send: Send) -> None:
        """Send a request on, and its response back."""
        connection = await self._upstream.connection()
        try:
            headers, body = self._request(passage, receive)
            passage.head = _sendable(await connection.request(passage.method, target, headers, body))
            await _stream(passage.head, connection, send, passage.received)
        finally:
            self._upstream.release(connection)

    def close(self) -> None:
        """Close the connections to the upstream."""
        self._upstream.close()

    def _request(self, passage: Passage, receive: Receive) -> tuple[HeaderFields, AsyncIterator[bytes] | None]:
        """The headers and the body of the request that is forwarded."""
        passed = _end_to_end(passage.headers, self._own.keys() | {b"host"})
        headers = [(b"host", self._upstream.host), *self._own.items()]
        headers += [(name, value.strip(b" \t")) for name, value in passed]
        names = {name for name, _ in passage.headers}
        if b"transfer-encoding" in names:
            headers.append((b"transfer-encoding", b"chunked"))
        has_body = bool(names & {b"content-length", b"transfer-encoding"})
        return headers, _body(receive, passage.sent) if has_body else None


async def _body(receive: Receive, sent: KeptBody) -> AsyncIterator[bytes]:
    """The body of a request as it arrives."""
    is_open = True
    while is_open:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientGone
        is_open = message.get("more_body", False)
        if part := message.get("body", b""):
            sent.add(part)
            yield part


def _end_to_end(headers: Iterable[tuple[bytes, bytes]], left_out: Iterable[bytes] = ()) -> HeaderFields:
    """The headers to pass on: neither these, nor those about one connection, which its Connection header may name."""
    headers = list(headers)
    named = (word.strip().lower() for name, value in headers if name == b"connection" for word in value.split(b","))
    dropped = _HOP_BY_HOP.union(named, left_out)
    return [(name, value) for name, value in headers if name not in dropped]


def _sendable(head: h11.Response) -> h11.Response:
    """The head of a response, if HTTP has its status and the values of its headers. Raises RemoteProtocolError."""
    if head.status_code > _GREATEST_STATUS:
        raise h11.RemoteProtocolError(f"HTTP has no status {head.status_code}")
    for name, value in head.headers:
        if _CONTROL.search(value):
            raise h11.RemoteProtocolError(f"the header {name.decode('latin-1')} has control characters")
    return head


async def _stream(head: h11.Response, connection: UpstreamConnection, send: Send, received: KeptBody) -> None:
    """Hand the response to the client as it arrives, in its own encoding."""
    # A length means nothing where no body follows, or one in chunks.
    is_unsized = head.status_code in _BODILESS or any(name == b"transfer-encoding" for name, _ in head.headers)
    headers = _end_to_end(head.headers, {b"content-length"} if is_unsized else ())
    await send({"type": "http.response.start", "status": head.status_code, "headers": headers})
    async for part in connection.parts():
        received.add(part)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    if head.status_code in _BODILESS:
        received.add(connection.leftover)


def _described(failure: Exception) -> str:
    """What went wrong; protocol errors quote what came, which may be secret."""
    if isinstance(failure, TimeoutError):
        return "nothing came in time"
    text = str(failure) or type(failure).__name__
    return _QUOTED.split(text)[0] if isinstance(failure, h11.ProtocolError) else text


async def _answer(send: Send, status: int, message: str) -> None:
    body = json.dumps({"message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
