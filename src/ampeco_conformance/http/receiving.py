"""Reads response bodies within bounds of size and time, also when they are compressed."""

import time
import zlib
from collections.abc import Iterator

import httpx

from ampeco_conformance.http.deadline import Deadline, beyond_the_body, body_of_none

#: The largest body that is read, in bytes, once it is decoded.
MAXIMUM_BODY = 16 * 1024 * 1024
#: The content codings that are asked for, and understood.
ACCEPTED_CODING = "gzip"

_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_WINDOW_BITS = {"": None, "identity": None, "gzip": _GZIP_OR_ZLIB, "x-gzip": _GZIP_OR_ZLIB, "deflate": _GZIP_OR_ZLIB}
#: How many bytes are decoded between two looks at the clock.
_STEP = 1024 * 1024


class UnreadableAnswer(Exception):
    """The body of a response cannot be read; the message says why."""


def receive(http: httpx.Client, request: httpx.Request, deadline: Deadline, at: float) -> tuple[httpx.Response, bytes]:
    """The response to a request and its decoded body, before a time of the monotonic clock.

    The connections of the client keep the deadline (see `enforce`). Raises what httpx raises, and UnreadableAnswer.
    """
    with deadline.until(at):
        received = http.send(request, stream=True)
        try:
            body = read_body(received, at)
            if received.status_code == 204:
                body = body_of_none(received)
            elif beyond := beyond_the_body(received):
                raise UnreadableAnswer(f"the response is followed by {len(beyond)} bytes that no request asked for")
        finally:
            received.close()
    return received, body


def read_body(received: httpx.Response, deadline: float) -> bytes:
    """The decoded body of a streamed response. `deadline` is a time of the monotonic clock.

    Raises UnreadableAnswer when it is too large or cannot be decoded, httpx.ReadTimeout after the deadline.
    """
    body = bytearray()
    for part in _decoded(received):
        body += part
        if len(body) > MAXIMUM_BODY:
            raise UnreadableAnswer(f"the response body is larger than {MAXIMUM_BODY // 2**20} MB")
        # httpx bounds each read, not their sum: a server that trickles would never time out.
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the body kept coming")
    return bytes(body)


def _decoded(received: httpx.Response) -> Iterator[bytes]:
    coding = received.headers.get("content-encoding", "").strip().lower()
    if coding not in _WINDOW_BITS:
        raise UnreadableAnswer(f"the response has the Content-Encoding {coding}, and {ACCEPTED_CODING} was asked for")
    window_bits = _WINDOW_BITS[coding]
    # Not iter_raw, which gives the connection back before what follows the body is looked at.
    assert isinstance(received.stream, httpx.SyncByteStream)
    chunks = iter(received.stream)
    return chunks if window_bits is None else _inflated(chunks, window_bits)


def _inflated(chunks: Iterator[bytes], window_bits: int) -> Iterator[bytes]:
    """The content of compressed chunks, in parts of bounded size; gzip may have several members (RFC 1952, 2.2)."""
    inflate = None
    try:
        for chunk in chunks:
            while chunk:
                if inflate is None or inflate.eof:
                    inflate = zlib.decompressobj(window_bits)
                yield inflate.decompress(chunk, _STEP)
                chunk = inflate.unconsumed_tail or inflate.unused_data
        if inflate is not None:
            yield inflate.flush()
    except zlib.error as error:
        raise UnreadableAnswer(f"the response body does not match its Content-Encoding: {error}") from None
    if inflate is not None and not inflate.eof:
        raise UnreadableAnswer("the response body does not match its Content-Encoding: it ends early")
