"""One request on its way through the proxy, and what came back: kept for the judge, up to a limit."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import h11

from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response, header
from ampeco_conformance.proxy.content_coding import UnreadableBody, decoded

#: How many bytes of a body are kept; the rest is forwarded all the same.
MOST_RECORDED = 16 * 1024 * 1024


@dataclass(slots=True)
class KeptBody:
    """The beginning of a body."""

    content: bytearray = field(default_factory=bytearray)

    def add(self, part: bytes) -> None:
        """Keep a part, if there is room."""
        if len(self.content) < MOST_RECORDED:
            self.content += part

    def decoded(self, headers: Headers) -> bytes | None:
        """The body as text was encoded; None when not all of it is known. Raises UnreadableBody."""
        if len(self.content) >= MOST_RECORDED:
            return None
        return decoded(bytes(self.content), header(headers, "content-encoding") or "", MOST_RECORDED)


@dataclass(slots=True)
class Passage:
    """What is known of a request and its response; `is_lost` says that no `error` of the target ended it."""

    method: str
    url: str
    headers: Iterable[tuple[bytes, bytes]]
    sent: KeptBody = field(default_factory=KeptBody)
    head: h11.Response | None = None
    received: KeptBody = field(default_factory=KeptBody)
    error: str | None = None
    is_lost: bool = False
    _started_at: float = field(default_factory=time.time)
    _started: float = field(default_factory=time.perf_counter)

    def exchange(self) -> Exchange:
        """The exchange, now that it has ended."""
        elapsed = time.perf_counter() - self._started
        request, response = self._request(), self._response()
        return Exchange(request, response, self._started_at, elapsed, self.error, is_lost=self.is_lost)

    def _request(self) -> Request:
        headers = _texts(self.headers)
        try:
            body = self.sent.decoded(headers)
        except UnreadableBody:
            body = None
        return Request(self.method, self.url, headers, body or None, body is not None)

    def _response(self) -> Response | None:
        if self.head is None:
            return None
        headers = _texts(self.head.headers.raw_items())
        try:
            body = self.received.decoded(headers) if self.error is None else None
        except UnreadableBody as unreadable:
            self.error, body = str(unreadable), None
        return Response(
            self.head.status_code, self.head.reason.decode("latin-1"), headers, body or b"", body is not None
        )


def _texts(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
