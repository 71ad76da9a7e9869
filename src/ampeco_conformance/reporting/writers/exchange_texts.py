"""The exchange behind a finding as texts for people: request, response around the place, and a curl command.

A test process stores it with the failing case (see replay/cases.py), so that the first page can show it without Allure.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.json_values import read_json, write_json
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.reporting.writers.exchange_viewer import as_curl

_SHOWN_CHARACTERS = 1_200
_LONGEST_COMMAND = 4_000
_SHOWN_FIELDS = 12
_SHOWN_TEXT = 80


def evidence_of(finding: Finding, redact: Redactor) -> dict[str, str]:
    """The texts by name; empty for a finding without an exchange."""
    exchange = finding.exchange
    if exchange is None:
        return {}
    redact = redact.knowing(exchange)
    texts = {"Request": _request(exchange, redact), "Response": _response(exchange, finding.location, redact)}
    curl = as_curl(exchange, redact)
    # A command that is cut would repeat something else.
    return texts | ({"curl": curl} if len(curl) <= _LONGEST_COMMAND else {})


def excerpt(body: str, location: str) -> str:
    """A JSON body around a place, a JSON pointer: what is beside the way to it is folded; another text is cut.

    Without a place it is what the API wraps its responses in, `data`.
    """
    try:
        value = read_json(body)
    except ValueError:
        return body[:_SHOWN_CHARACTERS]
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in (location or "/data").split("/")[1:]]
    return write_json(_around(value, tokens), indent=True).decode()[:_SHOWN_CHARACTERS]


def message_text(line: str, headers: Iterable[tuple[str, str]], body: str) -> str:
    """A request or a response as text: its first line, its headers, its body."""
    shown = "\n".join(f"{name}: {value}" for name, value in headers)[:_SHOWN_CHARACTERS]
    return "\n".join(filter(None, (line, shown, f"\n{body}" if body else "")))


def _around(value: Any, tokens: list[str]) -> Any:
    token, *rest = tokens or [""]
    if isinstance(value, list):
        index = next((index for index in range(len(value)) if str(index) == token), 0)
        others = [f"... {len(value) - 1} more"] if len(value) > 1 else []
        return [*(_around(item, rest) for item in value[index : index + 1]), *others]
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name != token)[:_SHOWN_FIELDS]
        shown = {name: _around(value[name], rest) if name == token else _folded(value[name]) for name in names}
        return shown | ({"...": f"{len(value) - len(names)} more"} if len(value) > len(names) else {})
    return _folded(value)


def _folded(value: Any) -> Any:
    if isinstance(value, Mapping | list) and value:
        return f"... {len(value)} {'fields' if isinstance(value, Mapping) else 'items'}"
    return f"{value[:_SHOWN_TEXT]} ..." if isinstance(value, str) and len(value) > _SHOWN_TEXT else value


def _request(exchange: Exchange, redact: Redactor) -> str:
    request = exchange.request
    url = urlsplit(redact.url(request.url))
    line = f"{request.method} {url.path}{'?' if url.query else ''}{url.query}"
    body = redact.body(request.body)[:_SHOWN_CHARACTERS] if request.body else ""
    return message_text(line, redact.headers(request.headers), body)


def _response(exchange: Exchange, location: str, redact: Redactor) -> str:
    response = exchange.response
    if response is None:
        return redact.text(exchange.error or "no response")
    line = f"{response.status_code} {redact.reason(response.reason, response.status_code)}".rstrip()
    body = excerpt(redact.body(response.body, received=True), location) if response.body else ""
    return message_text(line, redact.headers(response.headers, received=True), body)
