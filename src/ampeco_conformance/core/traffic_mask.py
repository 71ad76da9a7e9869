"""Masks the traffic of a client: what it sends is about real people as much as what it is answered.

What is documented as a number, a date, an enum or an id is shown, everything else as its form, so that a contract
judges the masked traffic like the real one.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit, urlunsplit

from ampeco_conformance.core.exchange_mask import ExchangeMask
from ampeco_conformance.core.exchanges import Exchange, Response
from ampeco_conformance.core.json_values import read_json, write_json
from ampeco_conformance.core.redaction import MASK, Redactor
from ampeco_conformance.core.tenant_data import AllowList, TenantData, form_of, is_key, is_personal

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_PLAIN = re.compile(r"-?\d{1,12}|true|false|null|asc|desc|")
_LEAF = re.compile(r"([^\[\].]+)\]*$")
_SHORTEST = 3
_PART = re.compile(r"[^\[\].]+")
#: A date that stands for one of a person: its form, with nines, would be none.
_SOME_DAY = "2000-01-01"
_LONGEST = 64
#: Clients ask for the same again and again: so many masked bodies are remembered, none of them larger than that.
_REMEMBERED, _LARGE = 256, 64 * 1024


class TrafficMask(ExchangeMask):
    """Masks exchanges by what a specification says of their values; `secrets` are masked wherever they occur."""

    masks_alike = True

    def __init__(self, allow: AllowList, secrets: Iterable[str] = ()) -> None:
        self._allow = allow
        super().__init__(Redactor(secrets, tenant=TenantData(allow), disguised=True))
        self._remembered_body = lru_cache(_REMEMBERED)(self._masked_body)

    def url(self, url: str) -> str:
        """A URL, with the literal segments and ids of its path and the documented values of its query."""
        parts = urlsplit(url)
        path = "/".join(self._segment(segment) for segment in parts.path.split("/"))
        pairs = (pair.partition("=") for pair in parts.query.split("&"))
        query = "&".join(self._name(name) + sign + self._in_query(name, value) for name, sign, value in pairs)
        return self.redactor.known(urlunsplit(parts._replace(path=path, query=query)))

    def message(self, text: str, exchange: Exchange) -> str:
        """A message about an exchange, without what the exchange is not shown with."""
        request = exchange.request
        for name, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True):
            for part in _PART.findall(name):
                if len(part) >= _SHORTEST:
                    text = text.replace(part, self._word(part))
        sent = replace(exchange, response=Response(200, "OK", request.headers, request.body or b""))
        return self.redactor.knowing(exchange).knowing(sent).text(text)

    def _segment(self, segment: str) -> str:
        is_shown = segment in self._allow.segments or _PLAIN.fullmatch(segment) or re.fullmatch(r"v\d+\.\d+", segment)
        return segment if is_shown else quote(form_of(unquote(segment)), safe="*")

    def _name(self, name: str) -> str:
        """The name of a parameter, which may be a secret: `?dGhlIHNlY3JldA`."""
        decoded = unquote_plus(name)
        shown = _PART.sub(lambda part: self._word(part[0]), decoded)
        return name if shown == decoded else quote(shown, safe="[]*")

    def _word(self, part: str) -> str:
        """A part of the name of a parameter: as it is when it is written like one, in whatever case, else its form."""
        return part if self._allow.allows_key(part) or is_key(part.lower()) else form_of(part)

    def _in_query(self, name: str, value: str) -> str:
        decoded, key = unquote_plus(value), unquote_plus(name)
        leaf = match[1] if (match := _LEAF.search(key)) else key
        if self.redactor.hides(leaf) or self.redactor.hides(key):
            return quote(form_of(decoded) if is_personal(leaf) else MASK, safe="*@.")
        is_shown = _PLAIN.fullmatch(decoded) or _MOMENT.fullmatch(decoded) or self._allow.allows(leaf, decoded)
        return value if is_shown else quote(form_of(decoded), safe="*@.")

    def body(self, body: bytes, *, received: bool) -> bytes:
        """The body of a message."""
        mask = self._masked_body if len(body) > _LARGE else self._remembered_body
        return mask(body, received)

    def _masked_body(self, body: bytes, received: bool) -> bytes:
        try:
            value = read_json(body)
        except ValueError:
            return form_of(body.decode("utf-8", "replace")).encode()
        masked = _of_same_kind(value, self.redactor.value(value, received=received))
        return self.redactor.known(write_json(masked).decode()).encode()


def _of_same_kind(value: Any, masked: Any) -> Any:
    """The masked value, with dates where dates were masked and secrets as long as before: contracts limit both."""
    if isinstance(value, dict) and isinstance(masked, dict) and len(value) == len(masked):
        pairs = zip(value.values(), masked.items(), strict=True)
        return {name: _of_same_kind(before, after) for before, (name, after) in pairs}
    if isinstance(value, list) and isinstance(masked, list):
        return [_of_same_kind(before, after) for before, after in zip(value, masked, strict=True)]
    if isinstance(value, str) and masked == MASK:
        return "*" * min(max(len(value), 1), _LONGEST)
    if isinstance(value, str) and value != masked and _MOMENT.fullmatch(value):
        return _SOME_DAY + ("T00:00:00Z" if len(value) > len(_SOME_DAY) else "")
    return masked
