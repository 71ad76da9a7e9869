"""Bodies are decoded as their Content-Encoding says, or known to be unreadable."""

import gzip
import zlib

import pytest

from ampeco_conformance.proxy.content_coding import UnreadableBody, decoded

BODY = b'{"data": []}'
GZIP = gzip.compress(BODY)
_raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
RAW_DEFLATE = _raw.compress(BODY) + _raw.flush()


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (BODY, ""),
        (BODY, "identity"),
        (GZIP, "gzip"),
        (GZIP, "X-GZIP"),
        (gzip.compress(BODY[:5]) + gzip.compress(BODY[5:]), "gzip"),
        (GZIP + b"\0\0", "gzip"),
        (zlib.compress(BODY), "deflate"),
        (RAW_DEFLATE, "deflate"),
        (gzip.compress(zlib.compress(BODY)), "deflate, gzip"),
    ],
)
def test_a_body_is_decoded(body: bytes, codings: str) -> None:
    assert decoded(body, codings, most=100) == BODY


@pytest.mark.parametrize("body", [GZIP[:-4], GZIP[:12], BODY, GZIP[:-8] + b"\1" * 8])
def test_a_body_in_another_encoding_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableBody, match="not in the encoding gzip"):
        decoded(body, "gzip", most=100)


def test_what_is_unknown_or_too_large_is_not_decoded() -> None:
    assert decoded(BODY, "br", most=100) is None
    assert decoded(gzip.compress(b" " * 100_000), "gzip", most=100) is None
    assert decoded(b"", "gzip", most=100) == b""
