"""Sends requests to one server over connections that are kept, and hands on its responses as they arrive.

It does what a proxy needs and no more: no redirects, no cookies, no decoding, and nothing is sent twice. A general
client takes more than a millisecond of processor time per request, this one a tenth of that.
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from ssl import SSLCertVerificationError, SSLContext, create_default_context
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies

import h11

from ampeco_conformance.http.connecting import proxy_of
from ampeco_conformance.target.connection import DIRECT, Connection

#: Idle connections are closed before servers do so (uvicorn: 5 s), or requests are lost in the race.
_KEEP_ALIVE = 2.0
_READ_AT_ONCE = 64 * 1024
_LARGEST_HEAD = 256 * 1024
_PORTS = {"http": 80, "https": 443}

HeaderFields = Sequence[tuple[bytes, bytes]]
FAILURES = (OSError, h11.ProtocolError)
"""What a request raises that gets no response, or not all of it."""


class UpstreamConnection:
    """One connection, which serves one request after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timeout: float) -> None:
        self._reader = reader
        self._writer = writer
        self._timeout = timeout
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)

    async def request(
        self, method: str | bytes, target: bytes, headers: HeaderFields, body: AsyncIterator[bytes] | None = None
    ) -> h11.Response:
        """Send a request and return the head of its response."""
        await self._send(h11.Request(method=method, target=target, headers=list(headers)))
        try:
            if body is not None:
                async for part in body:
                    await self._send(h11.Data(data=part))
            await self._send(h11.EndOfMessage())
        except ConnectionError:
            # A server may answer, and close, before it has read everything.
            self._http.send_failed()
        while not isinstance(event := await self._receive(), h11.Response):
            if not isinstance(event, h11.InformationalResponse):
                raise ConnectionError("the connection was closed before the response")
        return event

    async def parts(self) -> AsyncIterator[bytes]:
        """The body of the response as it arrives, in its own encoding."""
        while isinstance(event := await self._receive(), h11.Data):
            yield bytes(event.data)

    def is_reusable(self) -> bool:
        """Whether another request can be sent, now that the last one has ended."""
        is_done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        # What follows a response would be taken for the beginning of the next.
        if not is_done or self.leftover:
            return False
        self._http.start_next_cycle()
        return True

    @property
    def leftover(self) -> bytes:
        """What the server has sent beyond the end of its response."""
        return bytes(self._http.trailing_data[0])

    @property
    def is_closed(self) -> bool:
        """Whether the server has closed the connection."""
        return self._reader.at_eof() or self._writer.is_closing()

    async def start_over(self, tls: SSLContext | None, host: str) -> None:
        """Speak to the host behind a tunnel from now on."""
        if tls is not None:
            async with asyncio.timeout(self._timeout):
                await self._writer.start_tls(tls, server_hostname=host)
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def _send(self, event: h11.Event) -> None:
        if data := self._http.send(event):
            self._writer.write(data)
            async with asyncio.timeout(self._timeout):
                await self._writer.drain()

    async def _receive(self) -> h11.Event:
        """The next event; one that is none comes only after the end of a response."""
        while not isinstance(event := self._http.next_event(), h11.Event):
            async with asyncio.timeout(self._timeout):
                data = await self._reader.read(_READ_AT_ONCE)
            if not data and self._http.their_state in (h11.IDLE, h11.SEND_RESPONSE):
                raise ConnectionError("the connection was closed before the response")
            self._http.receive_data(data)
        return event


class Upstream:
    """The server at one base URL; `timeout` (seconds) bounds connecting, and each wait for more.

    Raises ConfigurationError for a SOCKS proxy of the environment.
    """

    def __init__(self, base_url: str, *, timeout: float, connection: Connection = DIRECT) -> None:
        self._parts = urlsplit(base_url.rstrip("/"))
        #: What precedes the path of every request, the value of its Host header, and what precedes both in a URL.
        self.path, self.host = self._parts.path.encode(), self._parts.netloc.encode()
        self.origin = f"{self._parts.scheme}://{self._parts.netloc}"
        self._timeout = timeout
        self._tls = _tls_context(connection) if self._parts.scheme == "https" else None
        self._proxy = proxy_of(base_url, connection)
        self._tunnel = _forward_proxy(self._parts, connection) if self._proxy is not None else None
        self._idle: list[tuple[float, UpstreamConnection]] = []

    async def connection(self) -> UpstreamConnection:
        """A connection for one request, a kept one if there is any."""
        while self._idle:
            since, connection = self._idle.pop()
            if time.monotonic() - since < _KEEP_ALIVE and not connection.is_closed:
                return connection
            connection.close()
        return await self._connect()

    def release(self, connection: UpstreamConnection) -> None:
        """Keep a connection for the next request, or close one that did not come to its end."""
        if connection.is_reusable():
            self._idle.append((time.monotonic(), connection))
        else:
            connection.close()

    def close(self) -> None:
        """Close the idle connections."""
        for _, connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _connect(self) -> UpstreamConnection:
        host, port = self._parts.hostname or "", self._parts.port or _PORTS[self._parts.scheme]
        if self._tunnel is None:
            return await self._opened(host, port, self._tls)
        connection = await self._opened_tunnel(self._tunnel)
        address = f"{host}:{port}".encode()
        credentials = f"{unquote(self._tunnel.username or '')}:{unquote(self._tunnel.password or '')}".encode()
        own = [(b"proxy-authorization", b"Basic " + base64.b64encode(credentials))] if self._tunnel.username else []
        response = await connection.request(b"CONNECT", address, [(b"host", address), *own])
        if not 200 <= response.status_code < 300:
            connection.close()
            raise ConnectionError(f"{self._named_proxy} answered {response.status_code} to CONNECT")
        with _trusting():
            await connection.start_over(self._tls, host)
        return connection

    @property
    def _named_proxy(self) -> str:
        variable, address = self._proxy or ("", "")
        return f"the proxy {address} ({variable})"

    async def _opened_tunnel(self, proxy: SplitResult) -> UpstreamConnection:
        tls = create_default_context() if proxy.scheme == "https" else None
        try:
            return await self._opened(proxy.hostname or "", proxy.port or _PORTS[proxy.scheme], tls)
        except OSError as error:
            raise ConnectionError(f"{self._named_proxy} does not connect: {error}") from None

    async def _opened(self, host: str, port: int, tls: SSLContext | None) -> UpstreamConnection:
        async with asyncio.timeout(self._timeout):
            with _trusting():
                reader, writer = await asyncio.open_connection(host, port, ssl=tls)
        return UpstreamConnection(reader, writer, self._timeout)


@contextmanager
def _trusting() -> Iterator[None]:
    """Raise ConnectionError, with the fix, for a certificate that is not trusted."""
    try:
        yield
    except SSLCertVerificationError:
        raise ConnectionError("its TLS certificate is not trusted; name its authority with --ca-bundle FILE") from None


def _tls_context(connection: Connection) -> SSLContext:
    context = create_default_context()
    if connection.ca_bundle is not None:
        context.load_verify_locations(cafile=connection.ca_bundle)
    return context


def _forward_proxy(upstream: SplitResult, connection: Connection) -> SplitResult:
    """The proxy that is named, else the one of the environment with its credentials."""
    proxies = getproxies()
    address = connection.proxy or proxies.get(upstream.scheme) or proxies["all"]
    return urlsplit(address if "://" in address else f"http://{address}")
