"""Exchanges in reports: Allure's HTTP viewer, and a curl command that repeats the request."""

import shlex
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response, header
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.redaction import MASK, Redactor

MEDIA_TYPE = "application/vnd.allure.http+json"
EXTENSION = "httpexchange"
_SHOWN_BYTES = 16_384
# Headers that curl sets itself.
_IMPLIED = frozenset({"content-length", "host", "accept-encoding", "connection", "user-agent"})


def as_viewer_json(exchange: Exchange, redact: Redactor) -> bytes:
    """The exchange in the form of Allure's viewer (schemaVersion 1); long bodies are cut, with their full size."""
    redact = redact.knowing(exchange)
    content: dict[str, object] = {
        "schemaVersion": 1,
        "start": _milliseconds(exchange.started_at),
        "stop": _milliseconds(exchange.started_at + exchange.elapsed),
        "request": _request(exchange.request, redact),
    }
    if exchange.response is not None:
        content["response"] = _response(exchange.response, redact)
    if exchange.error is not None:
        content["error"] = {"name": "no response", "message": redact.text(exchange.error)}
    return write_json(content)


def _request(request: Request, redact: Redactor) -> dict[str, object]:
    url = redact.url(request.url)
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    return {
        "method": request.method,
        "url": url,
        "headers": _headers(redact.headers(request.headers)),
        "query": [{"name": name, "value": redact.text(value)} for name, value in query],
        **_body(request.body, request.headers, redact),
    }


def _response(response: Response, redact: Redactor) -> dict[str, object]:
    return {
        "status": response.status_code,
        "statusText": redact.reason(response.reason, response.status_code),
        "headers": _headers(redact.headers(response.headers, received=True)),
        **_body(response.body, response.headers, redact, received=True),
    }


def as_curl(exchange: Exchange, redact: Redactor) -> str:
    """A command that repeats the request.

    The token of the run is taken from $API_TOKEN, one that is limited to a partner from $LIMITED_TOKEN.
    """
    request, run = exchange.request, redact
    redact = run.knowing(exchange)
    parts = ["curl", "--request", request.method, shlex.quote(redact.url(request.url))]
    for name, value in request.headers:
        if name.lower() == "authorization":
            # Credentials that the suite invented are part of the test.
            # The client has masked the token of the run.
            variable = "API_TOKEN" if MASK in value else "LIMITED_TOKEN"
            credentials = (
                f'"{name}: Bearer ${variable}"' if run.holds_secret(value) else _quoted(name, run.known(value))
            )
            parts += ["--header", credentials]
        elif name.lower() not in _IMPLIED:
            parts += ["--header", *(_quoted(*shown) for shown in redact.headers(((name, value),)))]
    if request.body:
        parts += ["--data-binary", shlex.quote(redact.sent_body(request.body))]
    return " ".join(parts)


def _quoted(name: str, value: str) -> str:
    return shlex.quote(f"{name}: {value}")


def title_of(exchange: Exchange, redact: Redactor) -> str:
    """The exchange in short: `GET /users/v1.0: 200`."""
    outcome = exchange.response.status_code if exchange.response else redact.text(exchange.error or "")
    return f"{exchange.request.method} {urlsplit(redact.url(exchange.request.url)).path}: {outcome}"


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _body(body: bytes | None, headers: Headers, redact: Redactor, *, received: bool = False) -> dict[str, object]:
    """The entry of a body; nothing when there is none."""
    if not body:
        return {}
    text = redact.body(body, received=received)
    ((_, media_type),) = redact.headers((("Content-Type", header(headers, "Content-Type") or ""),), received=received)
    return {
        "body": {
            "contentType": media_type,
            "encoding": "utf8",
            "value": text[:_SHOWN_BYTES],
            "size": len(body),
            "truncated": len(text) > _SHOWN_BYTES,
        }
    }


def _milliseconds(seconds: float) -> int:
    return int(datetime.fromtimestamp(seconds, UTC).timestamp() * 1000)
