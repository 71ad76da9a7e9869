"""Reads recorded traffic (HAR 1.2) as exchanges."""

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def har_exchanges(file: Path) -> Iterator[Exchange]:
    """The exchanges in a HAR file; one that got no response has None.

    Only the method and the URL of a request are required, since tools leave out the rest when they export a part.
    Raises ConfigurationError when the file cannot be read.
    """
    try:
        for entry in orjson.loads(file.read_bytes().removeprefix(_BYTE_ORDER_MARK))["log"]["entries"]:
            yield _exchange(entry)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{file} is not a readable HAR file: {type(error).__name__} {error}") from None


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry.get("response") or {}
    started = entry.get("startedDateTime")
    return Exchange(
        Request(request["method"], request["url"], _headers(request), _request_body(request)),
        _response(response) if response.get("status") else None,
        datetime.fromisoformat(started).timestamp() if started else 0.0,
        (entry.get("time") or 0) / 1000,
    )


def _request_body(request: dict[str, Any]) -> bytes | None:
    text = (request.get("postData") or {}).get("text")
    return text.encode() if isinstance(text, str) else None


def _response(response: dict[str, Any]) -> Response:
    content = response.get("content") or {}
    headers = _headers(response)
    if content.get("mimeType") and not any(name.lower() == "content-type" for name, _ in headers):
        headers += (("Content-Type", content["mimeType"]),)
    return Response(response["status"], response.get("statusText") or "", headers, _response_body(content))


def _response_body(content: dict[str, Any]) -> bytes:
    text = content.get("text")
    if not isinstance(text, str):
        return b""
    if content.get("encoding") != "base64":
        return text.encode()
    try:
        return base64.b64decode(text)
    except binascii.Error:
        return b""  # cut off by the tool that recorded it


def _headers(message: dict[str, Any]) -> Headers:
    return tuple((header["name"], header["value"]) for header in message.get("headers") or ())
