"""Decodes bodies as their Content-Encoding says (RFC 9110, section 8.4)."""

import zlib

_GZIP = b"\x1f\x8b"
#: zlib finds out by itself whether a stream has the header of gzip or of zlib.
_ANY_HEADER = 32 + zlib.MAX_WBITS


class UnreadableBody(Exception):
    """A body is not in the encoding that its header names."""


def decoded(body: bytes, codings: str, most: int) -> bytes | None:
    """A body without its encodings; None when one of them is unknown, or it has more than `most` bytes without them.

    Raises UnreadableBody.
    """
    for coding in reversed([name.strip().lower() for name in codings.split(",")]):
        if coding in ("", "identity") or not body:
            continue
        if coding not in ("gzip", "x-gzip", "deflate"):
            return None
        try:
            inflated = _inflated(body, most)
        except zlib.error:
            raise UnreadableBody(f"the body is not in the encoding {coding} that it names") from None
        if inflated is None:
            return None
        body = inflated
    return body


def _inflated(body: bytes, most: int) -> bytes | None:
    """All members of a compressed body; None when they are too large. Raises zlib.error, also when it breaks off."""
    whole = b""
    bits = _ANY_HEADER if body.startswith(_GZIP) or _has_zlib_header(body) else -zlib.MAX_WBITS
    while body:
        stream = zlib.decompressobj(bits)
        whole += stream.decompress(body, most + 1 - len(whole))
        if len(whole) > most:
            return None
        if not stream.eof:
            raise zlib.error("breaks off")
        # What follows that is no other member is padding.
        body = stream.unused_data if stream.unused_data.startswith(_GZIP) else b""
    return whole


def _has_zlib_header(body: bytes) -> bool:
    """Whether a body begins as RFC 1950 says; some servers send `deflate` without that header."""
    return body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
