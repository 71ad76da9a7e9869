"""Masks secrets and personal data in everything that is shown or written.

By name (headers, query keys, JSON keys), by form (credentials after `Bearer`) and by known value: the token of the run
is masked everywhere, and so are, in messages about an exchange, the secrets in its bodies. Personal data
(e-mail addresses, phone numbers, names, personal ids) is masked in the same ways on tenants, not on the emulator.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

from ampeco_conformance.core.exchanges import Exchange, Headers

MASK = "***"
# Shorter values occur by chance in any text.
_SHORTEST_SECRET = 4

_SECRET_NAME = re.compile(
    r"authorization|cookie|signature|token|passw(or)?d|passphrase|secret|api[-_]?key|private[-_]?key|credential"
    r"|sharing[-_]?code|iban|accountnumber|\bpin(code)?\b",
    re.IGNORECASE,
)
# Names that only look like secrets: ids of things called token, and pages of listings.
_PLAIN_NAME = re.compile(r"(Ids?|cursor|tokenType|tagUid)$|^authorization(Id|s)?$")
_PERSONAL_NAME = re.compile(
    r"e[-_]?mail|phone|(first|middle|last|full|given|family|individual|holder)[-_]?name|personal[-_]?(id|number|code)$"
    r"|individual[-_]?tax|tax[-_]?identification[-_]?number$|birth|licen[cs]e[-_]?plate|street[-_]?address",
    re.IGNORECASE,
)
_QUERY_PAIR = re.compile(r"(?P<before>[?&]|^)(?P<name>[^=&#?\s]+)=(?P<value>[^&#\s]*)")
_QUOTED_PAIR = re.compile(
    r"""(?P<before>(?P<tuple>\(\s*)?(?P<quote>["'])(?P<name>[\w-]+)(?P=quote)\s*(?(tuple),|:)\s*)"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)"""
)
# Not the end of a test's name, `-v3.90.0@staging.example.com`.
_EMAIL_ADDRESS = re.compile(r"(?<![\w.+-])(?![\w.+-]*v\d+(\.\d+)+@)[\w.+-]+@([\w-]+\.)+[A-Za-z]{2,}")
# The form of an address, as drift shows it: letters as x, digits as 9.
_MASKED_ADDRESS = re.compile(r"[xX9_.+@-]+")
_CREDENTIALS = re.compile(r"\b(?P<before>Bearer|Basic)\s+(?P<value>[A-Za-z0-9._~+/=-]{4,})", re.IGNORECASE)


class Redactor:
    """Masks secrets; `secrets` are values known to be secret, such as the token of the run.

    `personal` masks personal data too.
    """

    def __init__(self, secrets: Iterable[str], *, personal: bool = False) -> None:
        self._personal = personal
        self._secrets = frozenset(s for s in secrets if len(s) >= _SHORTEST_SECRET and MASK not in s)
        forms = {form for secret in self._secrets for form in _forms(secret)}
        self._known = sorted(forms, key=len, reverse=True)

    def knowing(self, exchange: Exchange) -> "Redactor":
        """A redactor that also masks the secrets of an exchange, for messages about it."""
        found = frozenset(self._secrets_of(exchange))
        return Redactor(self._secrets | found, personal=self._personal) if found - self._secrets else self

    def hides(self, name: str) -> bool:
        """Whether the value of a query key, JSON key or parameter of this name is masked."""
        return _is_secret_name(name) or (self._personal and bool(_PERSONAL_NAME.search(name)))

    def holds_secret(self, text: str) -> bool:
        """Whether a known secret occurs in a text, or did before it was masked."""
        return MASK in text or any(secret in text for secret in self._known)

    def reveals_secret(self, text: str) -> bool:
        """Whether a text that should be masked contains a known secret or a real e-mail address."""
        if any(secret in text for secret in self._known):
            return True
        return self._personal and any(not _is_made_up(found[0]) for found in _EMAIL_ADDRESS.finditer(text))

    def known(self, text: str) -> str:
        """Any text, with the known secrets masked and everything else as it is."""
        for secret in self._known:
            text = text.replace(secret, MASK)
        return text

    def text(self, text: str) -> str:
        """Any text (a message, a traceback, a log): known secrets, credentials and values of secret names masked."""
        text = _CREDENTIALS.sub(rf"\g<before> {MASK}", self.known(text))
        if self._personal:
            text = _EMAIL_ADDRESS.sub(MASK, text)
        return _QUOTED_PAIR.sub(self._masked_quoted_pair, text)

    def headers(self, headers: Headers) -> Headers:
        """Headers, with the values of secret ones masked; the scheme of an Authorization stays readable."""
        return tuple((name, self._header(name, value)) for name, value in headers)

    def url(self, url: str) -> str:
        """A URL or a form, with the values of secret keys masked."""
        return self.known(_QUERY_PAIR.sub(self._masked_pair, url))

    def body(self, body: bytes) -> str:
        """A body as text, with the values of secret keys masked at every depth; JSON is indented."""
        text = body.decode("utf-8", "replace")
        try:
            value = json.loads(text)
        except ValueError:
            return self.url(self.text(text))
        return self.known(json.dumps(self.value(value), ensure_ascii=False, indent=2))

    def value(self, value: Any) -> Any:
        """A JSON value, with the values of secret keys masked at every depth."""
        if isinstance(value, dict):
            return {key: _masked(item) if self.hides(str(key)) else self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return self.text(value) if isinstance(value, str) else value

    def _header(self, name: str, value: str) -> str:
        if not self._hides_header(name):
            return self.text(value)
        scheme, _, rest = value.partition(" ")
        return f"{scheme} {MASK}" if rest and name.lower() == "authorization" else MASK

    def _hides_header(self, name: str) -> bool:
        return name.lower() == "authorization" or self.hides(name)

    def _masked_pair(self, match: re.Match[str]) -> str:
        is_hidden = match["value"] and self.hides(unquote_plus(match["name"]))
        return f"{match['before']}{match['name']}={MASK}" if is_hidden else match[0]

    def _masked_quoted_pair(self, match: re.Match[str]) -> str:
        """`"password": "x"` of JSON that was cut, and `'password': 'x'` or `('Cookie', 'x')` of Python's reprs."""
        is_hidden = len(match["value"]) > len('""') and self._hides_header(match["name"])
        return f"{match['before']}{match['value'][0]}{MASK}{match['value'][0]}" if is_hidden else match[0]

    def _secrets_of(self, exchange: Exchange) -> Iterator[str]:
        for name, value in parse_qsl(urlsplit(exchange.request.url).query):
            if self.hides(name):
                yield value
        messages = (exchange.request, exchange.response) if exchange.response else (exchange.request,)
        for message in messages:
            yield from (value for name, value in message.headers if self._hides_header(name))
            try:
                yield from self._secrets_in(json.loads(message.body or b""), hidden=False)
            except (ValueError, RecursionError):
                continue

    def _secrets_in(self, value: Any, *, hidden: bool) -> Iterator[str]:
        """The strings under hidden keys, at every depth."""
        if isinstance(value, dict):
            for key, item in value.items():
                yield from self._secrets_in(item, hidden=hidden or self.hides(str(key)))
        elif isinstance(value, list):
            for item in value:
                yield from self._secrets_in(item, hidden=hidden)
        elif hidden and isinstance(value, str):
            yield value


def _is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _PLAIN_NAME.search(name)


def _is_made_up(address: str) -> bool:
    """Whether an e-mail address is of a domain that RFC 2606 reserves, as the suite's own users have, or a mask."""
    reserved = re.search(r"[@.]example(\.(com|net|org))?$|\.(test|invalid)$", address)
    return reserved is not None or _MASKED_ADDRESS.fullmatch(address) is not None


def _forms(secret: str) -> set[str]:
    """A secret as it is written in plain text, in URLs and in JSON."""
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}


def _masked(value: Any) -> Any:
    """The shape of a secret value: everything in it masked but what cannot be a secret."""
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value if value is None or isinstance(value, bool) or value == "" else MASK
