"""A deadline for a whole request: httpx bounds each read of a socket, not their sum."""

import re
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpcore
import httpx

_END_OF_HEADERS = b"\r\n\r\n"
#: Informational responses, such as 103, may have come before it in the same read.
_STATUS_LINE = re.compile(rb"HTTP/1\.\d 204\b")
_READ_AT_ONCE = 65536


class Deadline(threading.local):
    """Until when, on the monotonic clock, the request of this thread may take."""

    at = float("inf")

    @contextmanager
    def until(self, at: float) -> Iterator[None]:
        """Bound the requests of this thread in a block."""
        self.at = at
        try:
            yield
        finally:
            self.at = float("inf")

    def bounded(self, timeout: float | None) -> float | None:
        """The timeout of one read. Raises httpcore.ReadTimeout when no time is left."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the response kept coming")
        return left if timeout is None else min(timeout, left)


def enforce(deadline: Deadline, client: httpx.Client) -> None:
    """Let every connection that a client opens keep a deadline."""
    # httpx has no parameter for the network backend of its connection pools.
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            transport._pool._network_backend = _DeadlineBackend(deadline)


def body_of_none(received: httpx.Response) -> bytes:
    """The body of a response whose status allows none; HTTP libraries overlook it."""
    stream = received.extensions.get("network_stream")
    return stream.read_beyond_headers() if isinstance(stream, _DeadlineStream) else b""


def beyond_the_body(received: httpx.Response) -> bytes:
    """What came with the end of a response that was read whole; HTTP libraries take it for the next response.

    The connection is closed then, so that no other request is answered by it. An empty line is nothing.
    """
    # httpx and httpcore have no name for the connection of a response.
    state: Any = received.stream
    for name in ("_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state"):
        state = getattr(state, name, None)
    beyond: bytes = b"" if state is None else state.trailing_data[0].strip(b"\r\n")
    if beyond and isinstance(stream := received.extensions.get("network_stream"), httpcore.NetworkStream):
        stream.close()
    return beyond


class _DeadlineBackend(httpcore.SyncBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _DeadlineStream(stream, self._deadline)


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline
        self._last = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._last = self._stream.read(max_bytes, self._deadline.bounded(timeout))
        return self._last

    def read_beyond_headers(self) -> bytes:
        """What the server has sent after the headers of a response that ends with them.

        The connection is closed then: the next response on it could not be told from the rest.
        """
        final = _STATUS_LINE.search(self._last)
        _, _, beyond = self._last[final.start() if final else 0 :].partition(_END_OF_HEADERS)
        if not beyond and self._stream.get_extra_info("is_readable"):
            # A connection that the server has closed or reset is readable too.
            with suppress(httpcore.NetworkError):
                beyond = self._stream.read(_READ_AT_ONCE, self._deadline.bounded(None))
        if beyond:
            self.close()
        return beyond

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.bounded(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
