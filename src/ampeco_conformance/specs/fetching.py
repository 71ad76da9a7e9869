"""Gets documents from files and from the web, up to the size that is accepted."""

import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ampeco_conformance.apis import APIS
from ampeco_conformance.core.errors import ConfigurationError, TargetError
from ampeco_conformance.specs.reading import MAXIMUM_BYTES

PUBLISHED = {api.name: api.published_at for api in APIS.values() if api.published_at is not None}
"""Where a vendor serves its newest document (AMPECO's is JSON despite the name)."""

TIMEOUT = 30.0
"""Seconds to wait for a connection or the next part of an answer."""
LONGEST = 300.0
"""Seconds for a whole answer."""


def is_url(source: str) -> bool:
    """Whether a source is an address on the web and not a file."""
    return source.lower().startswith(("http://", "https://"))


def refuse_other_schemes(source: str) -> None:
    """Raise ConfigurationError for an address that is neither a file nor on the web."""
    scheme, sign, _ = source.partition("://")
    if sign and not is_url(source):
        raise ConfigurationError(f"{scheme}:// addresses cannot be read; give a file or an http(s) address")


def public_name(source: str) -> str:
    """The source as it may be shown and stored: an address without its user, password and query."""
    if not is_url(source):
        return source
    url = urlsplit(source)
    return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, "", ""))


def fetch(source: str) -> bytes:
    """The content of a file or an http(s) address.

    Raises ConfigurationError when it cannot be read or is too large, TargetError when the network fails.
    """
    refuse_other_schemes(source)
    return _fetch_url(source) if is_url(source) else _fetch_file(Path(source))


def _fetch_file(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(MAXIMUM_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error
    return _limited(content, str(file))


def _fetch_url(url: str) -> bytes:
    # Imported on first use: it would take a fifth of the time to start.
    import httpx

    content, name, ends_at = bytearray(), public_name(url), time.monotonic() + LONGEST
    try:
        with httpx.stream("GET", url, timeout=TIMEOUT, follow_redirects=True) as response:
            if response.status_code != httpx.codes.OK:
                raise ConfigurationError(f"{name} answers {response.status_code} {response.reason_phrase}")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAXIMUM_BYTES:
                    break
                if time.monotonic() > ends_at:
                    raise TargetError(f"{name} cannot be fetched: it is not complete after {LONGEST:.0f} s")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TargetError(f"{name} cannot be fetched: {error or type(error).__name__}") from error
    return _limited(bytes(content), name)


def _limited(content: bytes, name: str) -> bytes:
    if len(content) > MAXIMUM_BYTES:
        raise ConfigurationError(f"{name} is larger than {MAXIMUM_BYTES // 2**20} MB, the most that is accepted")
    return content
