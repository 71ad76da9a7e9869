"""Reads recorded traffic (HAR 1.2) as exchanges."""

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange, Headers, Request, Response


def har_exchanges(file: Path) -> Iterator[Exchange]:
    """The exchanges in a HAR file that had an answer. Raises ConfigurationError when it cannot be read."""
    try:
        for entry in orjson.loads(file.read_bytes())["log"]["entries"]:
            if entry["response"]["status"]:
                yield _exchange(entry)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{file} is no readable HAR file: {type(error).__name__} {error}") from None


def _exchange(entry: dict[str, Any]) -> Exchange:
    request, response = entry["request"], entry["response"]
    content = response.get("content") or {}
    text = content.get("text") or ""
    body = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()
    headers = _headers(response)
    if content.get("mimeType") and not any(name.lower() == "content-type" for name, _ in headers):
        headers += (("Content-Type", content["mimeType"]),)
    return Exchange(
        Request(request["method"], request["url"], _headers(request)),
        Response(response["status"], response.get("statusText", ""), headers, body),
        datetime.fromisoformat(entry["startedDateTime"]).timestamp(),
        entry.get("time", 0) / 1000,
    )


def _headers(message: dict[str, Any]) -> Headers:
    return tuple((each["name"], each["value"]) for each in message.get("headers", ()))
