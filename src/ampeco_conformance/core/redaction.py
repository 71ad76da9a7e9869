"""Masks secrets and personal data in everything that is shown or written.

By name (headers, query keys, JSON keys), by form (credentials after `Bearer`) and by known value: the token of the run
is masked everywhere, and so are, in messages about an exchange, the secrets in its bodies. A token that is an ordinary
word, such as `status`, is masked as credentials and in the values of answers only: keys, paths and the suite's own
sentences keep their words. On a tenant, not on the
emulator, an answer is shown by an allow-list (tenant_data.py), and what it hides is masked everywhere else too.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit, urlunsplit

from ampeco_conformance.core.exchanges import Exchange, Headers
from ampeco_conformance.core.json_values import read_json
from ampeco_conformance.core.secret_forms import MASK, SecretForms, is_ordinary
from ampeco_conformance.core.tenant_data import (
    MESSAGE_NAMES,
    TenantData,
    form_of,
    form_of_number,
    header_name,
    is_personal,
)

__all__ = ["MASK", "Redactor"]

_SECRET_NAME = re.compile(
    r"authorization|cookie|signature|token|passw(or)?d|passphrase|secret|api[-_]?key|private[-_]?key|credential"
    r"|sharing[-_]?code|iban|accountnumber|\bpin(code)?\b",
    re.IGNORECASE,
)
# Names that only look like secrets: ids of things called token, and pages of listings.
_PLAIN_NAME = re.compile(r"(Ids?|cursor|tokenType|tagUid)$|^authorization(Id|s)?$")
_QUERY_PAIR = re.compile(r"(?P<before>[?&]|^)(?P<name>[^=&#?\s]+)=(?P<value>[^&#\s]*)")
_QUOTED_PAIR = re.compile(
    r"""(?P<before>(?P<tuple>\(\s*)?(?P<quote>["'])(?P<name>[\w-]+)(?P=quote)\s*(?(tuple),|:)\s*)"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)"""
)
# Not the end of a test's name, `-v3.90.0@staging.example.com`.
_EMAIL_ADDRESS = re.compile(r"(?<![\w.+-])(?![\w.+-]*v\d+(\.\d+)+@)[\w.+-]+(@|%40)([\w-]+\.)+[A-Za-z]{2,}")
# Phone numbers, IBANs and numbers of cards.
_PERSONAL_NUMBER = re.compile(
    r"(?<![\w+])\+\d[\d ()-]{6,}\d|\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,}( ?[A-Z0-9]{1,4})?\b"
    r"|\b\d{4}(?P<gap>[ -]?)\d{4}(?P=gap)\d{4}(?P=gap)\d{1,7}\b"
)
_ASSIGNED = re.compile(r"""(?P<name>[\w-]{2,40})(?P<between>\s?[=:]\s?["']?)(?P<value>[^\s"'&,;]+)""")
# Values of switches such as `withAuthorization`, which are no secrets.
_SWITCHES = frozenset({"true", "false"})
# The form of an address, as drift shows it: letters as x, digits as 9.
_MASKED_ADDRESS = re.compile(r"[xX9_.+@-]+")
# Nothing in such a text, most of which are keys, is written like a secret.
_IS_PLAIN = re.compile(r"[A-Za-z_]{0,40}")
_CREDENTIALS = re.compile(r"\b(?P<before>Bearer|Basic)\s+(?P<value>[A-Za-z0-9._~+/=-]{4,})", re.IGNORECASE)


# They precede credentials, which are masked by themselves.
_SCHEMES = frozenset({"Bearer", "Basic"})
# Shorter values and numbers occur by chance in any message.
_SHORTEST_VALUE, _SHORTEST_NUMBER = 3, 4


class Redactor:
    """Masks secrets; `secrets` are values known to be secret, such as the token of the run.

    With `disguised` also parts, encodings and the reverse of these. `tenant` is what the target has answered, when that
    is about real people.
    """

    def __init__(self, secrets: Iterable[str], *, tenant: TenantData | None = None, disguised: bool = False) -> None:
        self._tenant = tenant
        self._secrets = SecretForms((), disguised=disguised)
        self._words: frozenset[str] = frozenset()
        self._word: re.Pattern[str] | None = None
        for secret in secrets:
            self.learn(secret)
        #: Secrets and hidden values of the exchanges that messages are about.
        self._found = SecretForms(())
        self._values: dict[str, str] = {}
        #: How keys are shown, at this revision of the tenant's data: the items of a listing all have the same.
        self._keys: dict[str, str] = {}
        self._keys_at = 0

    def learn(self, secret: str) -> None:
        """Mask another secret too, such as a token that was fetched in the middle of the run."""
        if not is_ordinary(secret):
            self._secrets.learn(secret)
        elif secret:
            self._words |= {secret}
            masked = sorted(map(re.escape, filter(_is_masked_in_answers, self._words)), key=len, reverse=True)
            self._word = re.compile(rf"(?<!\w)(?:{'|'.join(masked)})(?!\w)") if masked else None

    def knowing(self, exchange: Exchange) -> "Redactor":
        """A redactor that also masks the secrets of an exchange, and what is hidden of it, for messages about it."""
        known = Redactor((), tenant=self._tenant)
        known._secrets, known._words, known._word = self._secrets, self._words, self._word
        known._found = SecretForms(self._found.secrets | set(self._secrets_of(exchange)))
        hidden = self._tenant.hidden_in(exchange) if self._tenant else ()
        known._values = self._values | {k: v for name, text in hidden for k, v in self._replacements(name, text)}
        return known

    def hides(self, name: str) -> bool:
        """Whether the value of a query key, JSON key or parameter of this name is masked."""
        return _is_secret_name(name) or (self._tenant is not None and is_personal(name))

    def holds_secret(self, text: str) -> bool:
        """Whether a whole secret of the run occurs in a text, or did before it was masked."""
        is_word = self._credentials_in(text) in self._words
        return is_word or MASK in text or any(secret in text for secret in self._secrets.secrets)

    def reveals_secret(self, text: str) -> bool:
        """Whether a text that should be masked contains a known secret or a real e-mail address."""
        if self._secrets.occur_in(text) or self._found.occur_in(text):
            return True
        return self._tenant is not None and any(
            not _is_made_up(found[0].replace("%40", "@")) for found in _EMAIL_ADDRESS.finditer(text)
        )

    def known(self, text: str) -> str:
        """Any text, with the known secrets masked and everything else as it is."""
        credentials = self._credentials_in(text)
        if credentials in self._words:
            return text.removesuffix(credentials) + MASK
        return self._found.masked(self._secrets.masked(text))

    def _credentials_in(self, text: str) -> str:
        """What follows the scheme in the value of an Authorization header; empty in any other text."""
        scheme, _, credentials = text.partition(" ")
        return credentials if scheme in _SCHEMES else ""

    def _answered(self, text: str) -> str:
        """A text that the target has answered, without secrets that are ordinary words."""
        return self._word.sub(MASK, text) if self._word is not None else text

    def text(self, text: str) -> str:
        """Any text (a message, a traceback, a log): secrets and what the tenant has answered are masked."""
        for value, shown in self._values.items():
            text = text.replace(value, shown)
        text = self.known(text)
        if not _IS_PLAIN.fullmatch(text):
            text = self._by_form(text)
        return text if self._tenant is None else self._tenant.words(text)

    def _by_form(self, text: str) -> str:
        """Any text, with what is written like a secret or, on a tenant, like personal data masked."""
        text = _CREDENTIALS.sub(lambda match: f"{match['before']} {MASK}", text)
        if self._tenant is None:
            return _QUOTED_PAIR.sub(self._masked_quoted_pair, text)
        text = _EMAIL_ADDRESS.sub(MASK, text)
        text = _PERSONAL_NUMBER.sub(lambda match: form_of(match[0]), text)
        return _ASSIGNED.sub(self._masked_assignment, _QUOTED_PAIR.sub(self._masked_quoted_pair, text))

    def headers(self, headers: Headers, *, received: bool = False) -> Headers:
        """Headers, with the values of secret ones masked; the scheme of an Authorization stays readable.

        `received` are those of an answer.
        """
        return tuple((self._header_name(name), self._header(name, value, received)) for name, value in headers)

    def reason(self, reason: str, status: int) -> str:
        """The reason phrase of a status line."""
        if reason == responses.get(status):
            return reason
        return self.known(self._answered(reason)) if self._tenant is None else form_of(reason)

    def url(self, url: str) -> str:
        """A URL that was sent, with the values of secret keys masked."""
        if self._tenant is None:
            return self.known(_QUERY_PAIR.sub(self._masked_pair, url))
        parts = urlsplit(url)
        path = "/".join(self._in_url(segment, "") for segment in parts.path.split("/"))
        pairs = (pair.partition("=") for pair in parts.query.split("&"))
        query = "&".join(name + sign + self._in_url(value, unquote_plus(name)) for name, sign, value in pairs)
        return self.known(urlunsplit(parts._replace(path=path, query=query)))

    def location(self, location: str) -> str:
        """A JSON pointer, or the name of a header or parameter."""
        if self._tenant is None:
            return location
        return self.text("/".join(self._key(part) if part else part for part in location.split("/")))

    def keys(self, value: Any) -> Any:
        """A JSON value whose keys come from an answer and whose values are masked already."""
        if isinstance(value, dict):
            return {self._key(str(key)): self.keys(item) for key, item in value.items()}
        return [self.keys(item) for item in value] if isinstance(value, list) else value

    def body(self, body: bytes, *, received: bool = False) -> str:
        """A body as text, with the values of secret keys masked at every depth; JSON is indented.

        `received` is one of an answer.
        """
        text = body.decode("utf-8", "replace")
        try:
            value = read_json(text)
        except ValueError:
            if received and self._tenant is not None:
                return form_of(text)
            shown = self._answered(text) if received else text
            return self.known(_QUERY_PAIR.sub(self._masked_pair, self.text(shown)))
        return self.known(json.dumps(self.value(value, received=received), ensure_ascii=False, indent=2))

    def sent_body(self, body: bytes) -> str:
        """A body that was sent, masked, and otherwise as it was: an indented one would be another request."""
        text = body.decode("utf-8", "backslashreplace")
        try:
            value = read_json(text)
        except ValueError:
            return self.text(text)
        shown = self.value(value)
        return self.known(text if shown == value else json.dumps(shown, ensure_ascii=False))

    def value(self, value: Any, name: str = "", *, received: bool = False) -> Any:
        """A JSON value, with the values of secret keys masked at every depth; `name` is that of the key it is under.

        `received` is one of an answer.
        """
        if self.hides(name):
            return _masked(value) if _is_secret_name(name) else _formed(value)
        if isinstance(value, dict):
            return {
                self._key(str(key)): self.value(item, self._below(name, str(key), received), received=received)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item, name, received=received) for item in value]
        if received and isinstance(value, str):
            value = self._answered(value)
        if received and self._tenant is not None:
            return self._received(value, name)
        if not isinstance(value, str):
            return value
        is_answered = self._tenant is not None and self._tenant.has_answered(value)
        return form_of(value) if is_answered else self.text(value)

    def _below(self, name: str, key: str, received: bool) -> str:
        if not received or self._tenant is None or self.hides(key):
            return key
        return self._tenant.allow.below(name, key)

    def _received(self, value: Any, name: str) -> Any:
        """A value that is no container, of an answer of a tenant."""
        if self._tenant is None or self._tenant.shows(name, value):
            return self.known(value) if isinstance(value, str) else value
        if isinstance(value, int | float):
            return form_of_number(value)
        if value.startswith(("https://", "http://")):
            return self._received_url(value)
        return self._form(name, value)

    def _form(self, name: str, text: str) -> str:
        """The form of a text that a tenant answered; of a message the words that the specification uses stay."""
        if name in MESSAGE_NAMES and self._tenant is not None:
            return self._tenant.allow.message(self.text(text))
        return form_of(text)

    def _received_url(self, url: str) -> str:
        """A URL in an answer, such as the next page of a listing: documented names and ids are shown."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return form_of(url)
        path = "/".join(self._in_received_url(segment, "id") for segment in parts.path.split("/"))
        pairs = (pair.partition("=") for pair in parts.query.split("&"))
        query = "&".join(
            self._key(unquote_plus(name)) + sign + self._in_received_url(value, "id") for name, sign, value in pairs
        )
        return self.known(f"{parts.scheme}://{form_of(parts.netloc)}{path}{'?' if query else ''}{query}")

    def _in_received_url(self, part: str, name: str) -> str:
        allow = self._tenant.allow if self._tenant else None
        shown = (
            part == ""
            or re.fullmatch(r"\d{1,12}", part)
            or (allow and (part in allow.segments or allow.allows(name, part)))
        )
        return part if shown else form_of(unquote(part))

    def _in_url(self, part: str, name: str) -> str:
        """A part of a URL that was sent: as it is, or quoted when something in it was masked."""
        if not part or part in _SWITCHES:
            return part
        decoded = unquote_plus(part)
        shown = MASK if self.hides(name) else self.value(decoded)
        return part if shown == decoded else quote(shown, safe="*")

    def _key(self, key: str) -> str:
        if self._tenant is None:
            return self.known(key)
        if self._keys_at != self._tenant.revision:
            self._keys, self._keys_at = {}, self._tenant.revision
        shown = self._keys.get(key)
        if shown is None:
            shown = self._keys[key] = self.text(self._tenant.key(key))
        return shown

    def _header_name(self, name: str) -> str:
        return self.text(header_name(name)) if self._tenant is not None else name

    def _header(self, name: str, value: str, received: bool) -> str:
        if not self._hides_header(name):
            if received and self._tenant is not None and not self._tenant.shows_header(name, value):
                return form_of(value)
            return self.text(self._answered(value) if received else value)
        scheme, _, rest = value.partition(" ")
        return f"{scheme} {MASK}" if rest and name.lower() == "authorization" else MASK

    def _hides_header(self, name: str) -> bool:
        return name.lower() == "authorization" or self.hides(name)

    def _masked_pair(self, match: re.Match[str]) -> str:
        is_hidden = match["value"] and match["value"] not in _SWITCHES and self.hides(unquote_plus(match["name"]))
        return f"{match['before']}{match['name']}={MASK}" if is_hidden else match[0]

    def _masked_assignment(self, match: re.Match[str]) -> str:
        """`password=x` and `password: x` in a sentence."""
        is_hidden = self.hides(match["name"]) and match["value"] not in _SCHEMES
        return f"{match['name']}{match['between']}{MASK}" if is_hidden else match[0]

    def _masked_quoted_pair(self, match: re.Match[str]) -> str:
        """`"password": "x"` of JSON that was cut, and `'password': 'x'` or `('Cookie', 'x')` of Python's reprs."""
        is_hidden = len(match["value"]) > len('""') and self._hides_header(match["name"])
        return f"{match['before']}{match['value'][0]}{MASK}{match['value'][0]}" if is_hidden else match[0]

    def _replacements(self, name: str, text: str) -> Iterator[tuple[str, str]]:
        """What to replace in messages for a hidden value: itself, or a short one where it is quoted."""
        is_word = self._tenant is not None and text.casefold() in self._tenant.allow.words
        if not text.strip() or is_word or (text.isdigit() and len(text) < _SHORTEST_NUMBER):
            return
        if len(text) >= _SHORTEST_VALUE:
            yield text, self._form(name, text)
        else:
            yield from ((f"{quotes}{text}{quotes}", f"{quotes}{form_of(text)}{quotes}") for quotes in "'\"")

    def _secrets_of(self, exchange: Exchange) -> Iterator[str]:
        for name, value in parse_qsl(urlsplit(exchange.request.url).query):
            if value not in _SWITCHES and self.hides(name):
                yield value
        messages = (exchange.request, exchange.response) if exchange.response else (exchange.request,)
        for message in messages:
            yield from (value for name, value in message.headers if self._hides_header(name))
            try:
                yield from self._secrets_in(read_json(message.body or b""), hidden=False)
            except ValueError:
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


def _is_masked_in_answers(word: str) -> bool:
    return len(word) > _SHORTEST_VALUE


@lru_cache(10_000)
def _is_secret_name(name: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _PLAIN_NAME.search(name)


def _is_made_up(address: str) -> bool:
    """Whether an e-mail address is of a domain that RFC 2606 reserves, as the suite's own users have, or a mask."""
    reserved = re.search(r"[@.]example(\.(com|net|org))?$|\.(test|invalid)$", address)
    return reserved is not None or _MASKED_ADDRESS.fullmatch(address) is not None


def _masked(value: Any) -> Any:
    """The shape of a secret value: everything in it masked but what cannot be a secret."""
    if isinstance(value, dict):
        return {key: _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value if value is None or isinstance(value, bool) or value == "" else MASK


def _formed(value: Any) -> Any:
    """The shape of personal data: the form of everything in it."""
    if isinstance(value, dict):
        return {key: _formed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_formed(item) for item in value]
    if isinstance(value, str):
        return form_of(value)
    return value if value is None or isinstance(value, bool) else form_of_number(value)
