"""Limits against clients that take too much: the size of a body, and connections that say nothing."""

import asyncio
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

MOST_BYTES = 10_000_000
# Seconds for which a connection may be open without its first request; connections at once.
IDLE_SECONDS, MOST_CONNECTIONS = 30, 500


class _TooLargeError(Exception):
    """The body of a request is larger than permitted."""


class LimitedBodies:
    """Serves an application; a request with a larger body than permitted gets 413."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        size = 0

        async def receive_limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST_BYTES:
                raise _TooLargeError
            return message

        headers = dict(scope["headers"])
        if not headers.keys() & {b"content-length", b"transfer-encoding"}:
            # No body, so nothing to limit; faults of the connection need the `receive` of the server itself.
            await self._app(scope, receive, send)
            return
        try:
            declared = headers.get(b"content-length", b"0")
            if declared.isdigit() and int(declared) > MOST_BYTES:
                raise _TooLargeError
            await self._app(scope, receive_limited, send)
        except _TooLargeError:
            content = orjson.dumps({"message": f"The body is larger than {MOST_BYTES} bytes."})
            answered = [(b"content-type", b"application/json"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": 413, "headers": answered})
            await send({"type": "http.response.body", "body": content})


class JoinedWrites:
    """A transport that sends at once what is written in one turn of the event loop: the head and body of a response."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send the data at the end of this turn."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)

    def close(self) -> None:
        """Send what is left, then close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts.clear()
            self._transport.write(data)


class LimitedConnection(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """A connection that is closed when it sends no request, or makes place for another one."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(JoinedWrites(transport, self.loop))
        self._waiting = self.loop.call_later(IDLE_SECONDS, self._close_if_silent)
        if len(self.connections) > MOST_CONNECTIONS:
            next((other for other in list(self.connections) if other is not self and other.close_if_idle()), None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._waiting.cancel()
        super().connection_lost(exc)

    def _close_if_silent(self) -> None:
        """Close the connection if it has sent no request; one that has may be about to send the next."""
        if self.cycle is None:
            self.transport.close()

    def close_if_idle(self) -> bool:
        """Close the connection if no request is in progress; whether it was closed."""
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle:
            self.transport.close()
        return bool(is_idle)
