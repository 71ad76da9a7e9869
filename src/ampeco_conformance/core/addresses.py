"""Addresses in request data: only reserved names may be sent, or the run's own receiver.

An API calls the URLs and mails the addresses that it is given, also long after the run. Whoever owns a generated domain
would receive what it sends. Reserved are the names of RFC 2606 and RFC 6761, the networks of RFC 5737 and RFC 3849, and
the phone numbers set aside for fiction (NANP 555-01xx, Ofcom 07700 900xxx).
"""

import hashlib
import ipaddress
import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

#: String formats whose values are addresses.
ADDRESS_FORMATS = frozenset(
    {"uri", "url", "iri", "uri-reference", "iri-reference", "hostname", "idn-hostname", "email", "idn-email"}
    | {"ipv4", "ipv6", "phone", "tel"}
)

#: Words in the names of fields that hold addresses, where the specification names no format.
_ADDRESS_WORDS = frozenset(
    {"url", "urls", "uri", "uris", "link", "links", "href", "host", "hosts", "hostname", "domain", "website"}
    | {
        "callback",
        "webhook",
        "hook",
        "hooks",
        "redirect",
        "endpoint",
        "backend",
        "proxy",
        "smtp",
        "ftp",
        "dns",
        "broker",
        "brokers",
        "server",
        "servers",
        "ip",
        "email",
        "emails",
        "mail",
    }
    | {"recipient", "recipients"}
)
_PHONE_WORDS = frozenset({"phone", "phones", "mobile", "cell", "msisdn", "sms", "fax", "tel", "telephone", "whatsapp"})

_RESERVED_DOMAINS = ("example", "test", "invalid", "example.com", "example.net", "example.org")
_RESERVED_NETWORKS = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)
_RESERVED_PHONE = re.compile(r"(00)?(1?\d{3}55501\d\d|(44)?0?7700900\d{3})")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_URL = re.compile(r"([a-z][a-z0-9+.-]{0,30}):(/+)([^/?#\s\"'<>,;]*)", re.IGNORECASE)
#: `//host/path` takes the scheme from where it is shown.
_WITHOUT_SCHEME = re.compile(r"(?<![:/\w])//([^/?#\s\"'<>,;()]+)")
_CALLED_SCHEMES = frozenset({"http", "https", "ws", "wss", "ftp", "ftps"})
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*:(?!\d+$))?/*", re.IGNORECASE)
_MAILBOX = re.compile(r"@(\[[^\]]*\]|[^\s@/?#:,;<>()\"'\]]+)")
_DOTTED = re.compile(r"(?:[^\W_][\w-]*\.)+[^\W\d_][\w-]+|\d+(?:\.\d+){1,3}")
_PHONE = re.compile(r"\+?[\d\s()./-]{7,}")
# Without these characters, and what others may be normalised to, a text addresses nobody by itself.
_PLAIN = re.compile(r"(?:[^%+:@/\\\x80-\U0010ffff]|[/\\](?![/\\]))*")
_PHONE_URL = re.compile(r"\b(?:tel|sms|callto):([\d\s()./+-]{7,})", re.IGNORECASE)
_WITH_PLUS = re.compile(r"\s*\+\s*\d[\d\s()./-]{6,}")


def is_address_field(name: str) -> bool:
    """Whether a field of this name holds a URL, a host, an e-mail address or a phone number."""
    return not _words(name).isdisjoint(_ADDRESS_WORDS | _PHONE_WORDS)


def foreign_addresses(
    value: Any, *, fields: Collection[str] = (), own_hosts: Collection[str] = (), name: str = ""
) -> Iterator[str]:
    """The texts in a JSON value that address somebody else.

    `fields` are names of fields that hold addresses; others are judged by their own name and by the shape of the value.
    `own_hosts` are hosts that may be addressed besides the reserved ones.
    """
    if isinstance(value, dict):
        for key, item in value.items():
            inner = name if is_address_field(name) and not is_address_field(str(key)) else str(key)
            yield from foreign_addresses(str(key), own_hosts=own_hosts)
            yield from foreign_addresses(item, fields=fields, own_hosts=own_hosts, name=inner)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from foreign_addresses(item, fields=fields, own_hosts=own_hosts, name=name)
    elif _is_foreign(value, name, fields, own_hosts):
        yield str(value)


def with_reserved_addresses(value: Any, *, fields: Collection[str] = (), name: str = "") -> Any:
    """The value with a reserved address, as long as the original if it can be, in place of every foreign one."""
    if isinstance(value, dict):
        replaced = {}
        for key, item in value.items():
            inner = name if is_address_field(name) and not is_address_field(str(key)) else str(key)
            kept = _reserved(key) if isinstance(key, str) and _is_foreign(key, "", (), ()) else key
            replaced[kept] = with_reserved_addresses(item, fields=fields, name=inner)
        return replaced
    if isinstance(value, list):
        return [with_reserved_addresses(item, fields=fields, name=name) for item in value]
    if not _is_foreign(value, name, fields, ()):
        return value
    return _reserved(value) if isinstance(value, str) else 12025550100


def _is_foreign(value: Any, name: str, fields: Collection[str], own_hosts: Collection[str]) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    words = _words(name)
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    if not words.isdisjoint(_PHONE_WORDS) and any(_is_foreign_phone(run) for run in _PHONE.findall(str(value))):
        return True
    if not isinstance(value, str):
        return False
    is_address = name in fields or not words.isdisjoint(_ADDRESS_WORDS)
    if not is_address and _PLAIN.fullmatch(value):
        return False
    text = _normalised(value)
    numbers = [*_PHONE_URL.findall(text), *([text] if _WITH_PLUS.fullmatch(text) else [])]
    if any(_is_foreign_phone(number) for number in numbers):
        return True
    return any(not _is_permitted(host, own_hosts) for host in _hosts(text, is_address=is_address))


def _hosts(text: str, *, is_address: bool) -> Iterator[str]:
    """The hosts that a text names: in URLs and mailboxes anywhere; in a field of addresses also without a scheme."""
    for scheme, slashes, authority in _URL.findall(text):
        host = _without_port(authority.rpartition("@")[2])
        is_dotted = _DOTTED.fullmatch(host.rstrip(".")) is not None or host.startswith("[")
        if host and (scheme.lower() in _CALLED_SCHEMES or (len(slashes) > 1 and is_dotted) or is_address):
            yield host
    for authority in _WITHOUT_SCHEME.findall(text):
        host = _without_port(authority.rpartition("@")[2])
        if _DOTTED.fullmatch(host.rstrip(".")):
            yield host
    for host in _MAILBOX.findall(text):
        if _DOTTED.fullmatch(host.rstrip(".")) or host.startswith("["):
            yield host
    if is_address:
        for part in re.split(r"[,;\s]+", text):
            bare = _without_port(re.split(r"[/?#]", _SCHEME.sub("", part))[0]).rpartition("@")[2]
            if _DOTTED.fullmatch(bare.rstrip(".")) or bare.startswith("["):
                yield bare


def _is_permitted(host: str, own_hosts: Collection[str]) -> bool:
    plain = host.lower().rstrip(".").strip("[]")
    if plain in own_hosts:
        return True
    try:
        address = ipaddress.ip_address(plain.removeprefix("ipv6:"))
    except ValueError:
        return any(plain == domain or plain.endswith(f".{domain}") for domain in _RESERVED_DOMAINS)
    return any(address in network for network in _RESERVED_NETWORKS)


def _is_foreign_phone(text: str) -> bool:
    digits = "".join(character for character in text if character.isdigit())
    return 7 <= len(digits) <= 16 and _RESERVED_PHONE.fullmatch(digits) is None


def _reserved(text: str) -> str:
    """A reserved address of the same kind and, where that is long enough, of the same length."""
    filler = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    plain, length = _normalised(text), len(text)
    if "@" in plain and "://" not in plain:
        domain = "@example.com" if length > 13 else "@a.test"
        return _cut(filler, max(1, length - len(domain))) + domain
    if re.match(r"[a-z][a-z0-9+.-]*:", plain, re.IGNORECASE):
        start = "https://example.com/" if length > 20 else "http://a.test/"
        return start + _cut(filler, max(0, length - len(start)))
    if _PHONE.fullmatch(plain):
        return f"+120255501{int(filler, 16) % 100:02d}"
    return f"{_cut(filler, min(60, max(1, length - len('.example.com'))))}.example.com"


def _cut(filler: str, length: int) -> str:
    return (filler * (length // len(filler) + 1))[:length]


def _without_port(authority: str) -> str:
    return authority if authority.endswith("]") else re.sub(r":\d*$", "", authority)


def _normalised(text: str) -> str:
    """The text as lenient URL parsers read it."""
    text = unicodedata.normalize("NFKC", unquote(text)).replace("\u3002", ".").replace("\\", "/")
    return re.sub(r"[\t\n\r\u00ad\u200b-\u200d\u2060\ufeff]", "", text).strip()


# The same few names come with every request.
@lru_cache(maxsize=4096)
def _words(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(name))
