"""How a target is connected to, beside its address: through a proxy, with a certificate authority, with headers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.secret_forms import MASK

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
#: Of `conform`, and of pytest where another plugin has that name.
_HEADER_OPTIONS = frozenset({"--header", "--conform-header"})
_SET_BY_THE_CLIENT = {"authorization": "the token is given with --token-env", "host": "it follows from the address"}


@dataclass(frozen=True, slots=True)
class Connection:
    """`headers` are sent with every request; their values are secrets. `ca_bundle` is trusted beside what is usual."""

    proxy: str | None = None
    ca_bundle: Path | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


DIRECT = Connection()


def connection_of(proxy: str | None, ca_bundle: Path | None, headers: Sequence[str]) -> Connection:
    """The connection that the options name. Raises ConfigurationError, without repeating the value of a header."""
    return Connection(
        None if proxy is None else checked_proxy(proxy),
        None if ca_bundle is None else checked_bundle(ca_bundle),
        tuple(map(_header, headers)),
    )


def checked_proxy(text: str) -> str:
    """The address of an HTTP proxy. Raises ConfigurationError."""
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError(f"--proxy is invalid: {error}") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("--proxy must not contain a user name or password; put the URL into HTTPS_PROXY")
    if parts.scheme.startswith("socks"):
        raise ConfigurationError(f"--proxy {text}: SOCKS proxies are not supported; give the address of an HTTP proxy")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"--proxy {text} must look like http://proxy.example.com:3128")
    return text.strip()


def masked_header(text: str) -> str:
    """`Name: ***`, for whatever is shown of a header."""
    return f"{text.partition(':')[0].strip()}: {MASK}"


def without_header_values(words: Iterable[str]) -> Iterator[str]:
    """The words of a command line, with the values of headers masked."""
    is_value = False
    for word in words:
        name, sign, value = word.partition("=")
        is_option = name in _HEADER_OPTIONS and not is_value
        if is_value:
            yield masked_header(word)
        elif is_option and sign:
            yield f"{name}={masked_header(value)}"
        else:
            yield word
        is_value = is_option and not sign


def _header(text: str) -> tuple[str, str]:
    name, colon, value = (part.strip() for part in text.partition(":"))
    if not colon or not _NAME.fullmatch(name):
        raise ConfigurationError("--header must look like 'X-Gateway-Key: value'")
    if (reason := _SET_BY_THE_CLIENT.get(name.lower())) is not None:
        raise ConfigurationError(f"--header {name} is not possible: {reason}")
    if value in ("", MASK):
        raise ConfigurationError(f"--header {name} has no value; reports show {MASK} in its place")
    if not value.isascii() or not value.isprintable():
        raise ConfigurationError(f"--header {name} has a character that a header cannot carry")
    return name, value


def checked_bundle(file: Path, named_by: str = "--ca-bundle") -> Path:
    """A file of certificate authorities. Raises ConfigurationError with the option or variable that names it."""
    # Here, because it takes long to load and most commands do not connect.
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except FileNotFoundError:
        raise ConfigurationError(f"{named_by} {file} does not exist") from None
    except ssl.SSLError:
        raise ConfigurationError(f"{named_by} {file} has no certificate in PEM format") from None
    except OSError as error:
        raise ConfigurationError(f"{named_by} {file} cannot be read: {error.strerror}") from None
    return file
