"""Reads recorded traffic (HAR 1.2) as exchanges."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.recorded_files import parsed_json, read_recorded
from ampeco_conformance.core.urls import is_readable

_WITH_BODY = ("POST", "PUT", "PATCH")
_BODILESS = (204, 205)
"""Statuses of responses that never have a body (RFC 9110). A 304 has one, which the client took from its cache."""


@dataclass(frozen=True, slots=True)
class Recording:
    """The exchanges in a HAR file, each with the number of its entry, and why single entries were left out."""

    numbered: tuple[tuple[int, Exchange], ...]
    skipped: tuple[str, ...]

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The exchanges, in their order."""
        return tuple(exchange for _, exchange in self.numbered)


def read_har(file: Path) -> Recording:
    """The exchanges in a HAR file; one that got no response has None.

    Only the method and the URL of a request are required, since tools leave out the rest when they export a part. An
    entry that lacks one of them is left out, and so are WebSockets. Raises ConfigurationError when the file cannot be
    read, or has no entry that can be.
    """
    return recording_in(file, parsed_json(read_recorded(file)))


def recording_in(file: Path, log: Any) -> Recording:
    """The same of the content of a HAR file that has been read."""
    entries = log["log"].get("entries") if isinstance(log, dict) and isinstance(log.get("log"), dict) else None
    if not isinstance(entries, list):
        raise ConfigurationError(f"{file} is not a readable HAR file: it has no list of log entries")
    read = [_exchange(number, entry) for number, entry in enumerate(entries, 1)]
    exchanges = tuple((number, found) for number, found in enumerate(read, 1) if isinstance(found, Exchange))
    skipped = tuple(found for found in read if isinstance(found, str))
    if skipped and not exchanges:
        raise ConfigurationError(f"{file} is not a readable HAR file: {skipped[0]}")
    return Recording(exchanges, skipped)


def _exchange(number: int, entry: Any) -> Exchange | str:
    """The exchange of an entry, or why it is left out."""
    request, response = (_object(entry).get(name) for name in ("request", "response"))
    method, url = (_object(request).get(name) for name in ("method", "url"))
    if not isinstance(method, str) or not isinstance(url, str):
        return f"entry {number} has no request with a method and a URL"
    if not url.lower().startswith(("http:", "https:", "/")) or not is_readable(url):
        return f"entry {number} is not an HTTP request"
    request, response = _object(request), _object(response)
    body, is_known = _sent(method.upper(), request)
    status = _number(response.get("status"))
    return Exchange(
        Request(method.upper(), _with_query(url, request), _headers(request), body, is_known),
        _response(int(status), response) if 100 <= status < 1000 else None,
        _timestamp(entry.get("startedDateTime")),
        _number(entry.get("time")) / 1000,
    )


def _with_query(url: str, request: dict[str, Any]) -> str:
    """The URL with its query, which some tools record apart only."""
    pairs = [(str(pair["name"]), str(pair.get("value", ""))) for pair in _objects(request, "queryString")]
    return url if "?" in url or not pairs else f"{url}?{urlencode(pairs, errors='replace')}"


def _sent(method: str, request: dict[str, Any]) -> tuple[bytes | None, bool]:
    """The body of a request, and whether it is known: some tools record only that there was one, or not even that."""
    posted, size = _object(request.get("postData")), _number(request.get("bodySize"))
    if body := _body(posted):
        return body, True
    may_have_one = posted.get("params") or posted.get("text") or size > 0 or (size < 0 and method in _WITH_BODY)
    return None, not may_have_one


def _response(status: int, response: dict[str, Any]) -> Response:
    content = _object(response.get("content"))
    headers = _headers(response)
    if content.get("mimeType") and not any(name.lower() == "content-type" for name, _ in headers):
        headers += (("Content-Type", str(content["mimeType"])),)
    body = _body(content)
    is_known = bool(body) or status in _BODILESS
    return Response(status, str(response.get("statusText") or ""), headers, body or b"", is_known)


def _body(content: dict[str, Any]) -> bytes | None:
    """The body of a message; None when the recording does not have it in full."""
    text = content.get("text")
    if isinstance(text, dict | list):
        return write_json(text)  # some tools record JSON as JSON
    if not isinstance(text, str):
        return None
    if str(content.get("encoding")).lower() != "base64":
        return text.encode(errors="surrogatepass")
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return None  # cut off by the tool that recorded it


def _headers(message: dict[str, Any]) -> Headers:
    """The header fields; the pseudo-header fields of HTTP/2, such as `:status`, are none (RFC 9113, section 8.3)."""
    return tuple(
        (str(header["name"]), str(header.get("value", "")))
        for header in _objects(message, "headers")
        if not str(header["name"]).startswith(":")
    )


def _objects(message: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects with a name in a list of a message; some tools record names and values as one object."""
    listed = message.get(key)
    if isinstance(listed, dict):
        listed = [{"name": name, "value": value} for name, value in listed.items()]
    return [found for found in map(_object, listed if isinstance(listed, list) else ()) if found.get("name")]


def _timestamp(moment: Any) -> float:
    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _number(value: Any) -> float:
    try:
        return float(value or 0)
    except (ValueError, TypeError):
        return 0.0


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
