"""Reads the requests in the access logs of servers, proxies and cloud load balancers.

A log holds lines that are no request of the API: handshakes, time-outs, probes of scanners. They are left out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from ampeco_conformance.core.recorded_files import parsed_json

METHODS = "GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE"

_REQUEST_LINE = re.compile(r'"([A-Z]+) (\S+) HTTP/[\d.]+\\?"')
"""As in the common and combined log formats, and in logs of nginx, HAProxy, Envoy, Traefik and AWS ALB."""

_METHOD_KEYS = (
    "method",
    "request_method",
    "requestMethod",
    "RequestMethod",
    "httpMethod",
    "verb",
    "cs-method",
    "ClientRequestMethod",
    "http.method",
    "http.request.method",
)
_URL_KEYS = (
    "url",
    "request_uri",
    "requestUrl",
    "requestUri",
    "RequestPath",
    "uri",
    "path",
    "cs-uri-stem",
    "ClientRequestURI",
    "http.url",
    "url.original",
    "url.path",
    "rawPath",
)
_QUERY_KEYS = ("cs-uri-query", "query", "query_string", "args", "rawQueryString", "url.query", "queryStringParameters")
_NESTED_KEYS = ("request", "httpRequest", "http", "httpContext", "jsonPayload", "req", "requestContext")
"""Names that servers give to parts of a request in JSON and W3C logs; objects in which they nest them."""

_TEXT_KEYS = ("request", "message", "log", "msg", "textPayload")
"""Names under which a log in JSON holds a whole request line."""


class AccessLog:
    """The requests in a log, line by line; a line of W3C names, such as IIS writes, says what is in those below it."""

    def __init__(self) -> None:
        self._columns: list[str] = []

    def is_comment(self, line: str) -> bool:
        """Whether a line is a comment; one that names columns is remembered."""
        if line.startswith("#Fields:"):
            self._columns = line.removeprefix("#Fields:").split()
        return line.startswith("#")

    def request(self, line: str) -> tuple[str, str] | None:
        """Method and URL of the request in a line of a log; None when there is none."""
        entry = parsed_json(line) if line.startswith("{") else None
        if isinstance(entry, dict):
            return request_in(entry)
        if found := _REQUEST_LINE.search(line):
            return found[1], found[2]
        values = line.split()
        return request_in(dict(zip(self._columns, values, strict=True))) if len(values) == len(self._columns) else None


def request_in(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Method and URL of the request in an entry of a log in JSON; None when there is none."""
    for holder in _holders(entry):
        method, url = (_first(holder, keys) for keys in (_METHOD_KEYS, _URL_KEYS))
        if isinstance(method, str) and isinstance(url, str):
            return method.upper(), _with_query(url, _first(holder, _QUERY_KEYS) or _first(entry, _QUERY_KEYS))
    for text in (entry.get(key) for key in _TEXT_KEYS):
        if isinstance(text, str) and (found := re.search(rf"\b({METHODS}) ([^\s\"]+)", text)):
            return found[1], found[2]
    return None


def _holders(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield entry
    for key in _NESTED_KEYS:
        if isinstance(inner := entry.get(key), Mapping):
            yield from _holders(inner)


def _first(holder: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((holder[key] for key in keys if holder.get(key)), None)


def _with_query(url: str, query: Any) -> str:
    text = urlencode(query, doseq=True) if isinstance(query, Mapping) else query
    return f"{url}?{text.lstrip('?')}" if isinstance(text, str) and text not in ("", "-") and "?" not in url else url
