"""Reads the requests in the access logs of servers, proxies and cloud load balancers.

A log holds lines that are no request of the API: handshakes, time-outs, probes of scanners. They are left out.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from ampeco_conformance.core.recorded_files import parsed_json

METHODS = "GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE"

_REQUEST_LINE = re.compile(r'"([A-Z]+) (\S+) HTTP/[\d.]+\\?"')
"""As in the common and combined log formats, and in logs of nginx, HAProxy, Envoy, Traefik and AWS ALB."""

_ADDRESS = r"""["']?(%s[^\s"]*)"""
_REQUEST_IN_TEXT = re.compile(
    rf"\b({METHODS})\s+{_ADDRESS % '(?:https?://|/)'}|\b((?i:{METHODS}))\s+{_ADDRESS % 'https?://'}"
)
"""As in logs of Tomcat, Squid, Rails, Gin and morgan, in the output of curl, and as `get https://...` of clients."""

_QUOTE_AT_END = re.compile(r"'[,;:.)]*$")

_PAIR = re.compile(r'(?<![\w.-])([\w.-]+)=(?:"([^"]*)"|(\S+))')
"""As in logfmt, which Heroku and lograge write. What stands before a name bounds the time that a long line takes."""

_LABELLED = re.compile(r"(?:^|\t)([\w.-]+):([^\t]*)(?=\t|$)")
"""As in LTSV, where tabs part the pairs."""

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_BLANKS = re.compile(r"\s*")
_JSON_BEGINS = re.compile(r'\{\s*"')
"""A line may say before its JSON where it comes from, as those of Kubernetes, syslog and Docker Compose do."""

_METHOD_NAMES = (
    "method",
    "requestmethod",
    "httpmethod",
    "httprequestmethod",
    "verb",
    "csmethod",
    "reqmethod",
    "clientrequestmethod",
    "requestcontexthttpmethod",
)
_URL_NAMES = (
    "url",
    "requesturi",
    "requesturl",
    "requestpath",
    "uri",
    "path",
    "urlfull",
    "urloriginal",
    "urlpath",
    "uripath",
    "httpurl",
    "httptarget",
    "httppath",
    "httprequesturi",
    "csuri",
    "csuristem",
    "reqpath",
    "clientrequesturi",
    "clientrequestpath",
    "rawpath",
    "resourcepath",
)
_QUERY_NAMES = (
    "query",
    "querystring",
    "querystr",
    "args",
    "urlquery",
    "uriquery",
    "csuriquery",
    "requestquery",
    "rawquerystring",
    "clientrequestquery",
    "querystringparameters",
    "multivaluequerystringparameters",
)
"""What servers call the parts of a request: in lower case, letters and digits alone, objects and names run together."""

_CLOUDFRONT = "xedgelocation"
"""A column that only CloudFront has; in its values each `%` is written as `%25`."""

_DEEPEST_NAME = 3


class AccessLog:
    """The requests in a log, line by line; a comment or a first line that names columns says what is in the others."""

    def __init__(self) -> None:
        self._columns: list[str] = []
        self._separator = ""
        self._is_first = True

    def is_heading(self, line: str) -> bool:
        """Whether a line is a comment or names columns, as in the logs of IIS and in CSV files; they are remembered."""
        if line.startswith("#"):
            if line.startswith("#Fields:"):
                self._columns = [_plain(name) for name in line.removeprefix("#Fields:").split()]
            return True
        is_first, self._is_first = self._is_first and not self._columns, False
        for separator in ",;\t" if is_first else "":
            names = [_plain(name) for name in _cells(line, separator)]
            if any(name in _METHOD_NAMES for name in names) and any(name in _URL_NAMES for name in names):
                self._columns, self._separator = names, separator
                return True
        return False

    def request(self, line: str) -> tuple[str, str] | None:
        """Method and URL of the request in a line of a log; None when there is none."""
        return self._in_columns(line) or _in_text(_COLOUR.sub("", line))

    def _in_columns(self, line: str) -> tuple[str, str] | None:
        values = (_cells(line, self._separator) if self._separator else line.split()) if self._columns else []
        if not values or len(values) != len(self._columns):
            return None
        if _CLOUDFRONT in self._columns:
            values = [value.replace("%25", "%") for value in values]
        return _request_in(dict(zip(self._columns, values, strict=True)))


def requests_in(content: Any) -> Iterator[tuple[str, str] | None]:
    """Method and URL of each request in a log that is one JSON document; None for an entry without a request."""
    if found := _in_text(content) if isinstance(content, str) else _request_in(content):
        yield found
        return
    for entries in _lists(content):
        requests = [request for entry in entries for request in requests_in(entry)]
        is_line = all(not isinstance(entry, Mapping | list) for entry in entries)
        yield from [request for request in requests if request or not is_line]
    if not any(True for _ in _lists(content)):
        yield None


def json_documents(text: str) -> list[Any]:
    """The JSON documents in a text that has nothing else, each over several lines maybe; empty when it has."""
    found: list[Any] = []
    decoder, text = json.JSONDecoder(), text.strip()
    position = 0
    try:
        while position < len(text):
            document, position = decoder.raw_decode(text, position)
            found.append(document)
            position = _BLANKS.match(text, position).end()  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        return []
    return found


def _request_in(entry: Any) -> tuple[str, str] | None:
    """Method and URL of the request that the names in an object, or one inside it, or its texts say."""
    holders = list(_holders(entry))
    everything = dict(_named(entry))
    for holder in holders:
        named = dict(_named(holder))
        method, url = (_first(named, names, str) for names in (_METHOD_NAMES, _URL_NAMES))
        if method and url:
            query = _first(named, _QUERY_NAMES) or _first(everything, _QUERY_NAMES)
            return method.upper(), _with_query(url, query)
    texts = (value for holder in holders for value in holder.values() if isinstance(value, str))
    return next((found for found in map(_in_text, texts) if found), None)


def _in_text(text: str) -> tuple[str, str] | None:
    """Method and URL of the request in a text: as JSON, a request line, names and values, or in a sentence."""
    begin = _JSON_BEGINS.search(text)
    entry = parsed_json(text[begin.start() : text.rfind("}") + 1]) if begin else None
    if entry and (request := _request_in(entry)):
        return request
    if found := _REQUEST_LINE.search(text):
        return found[1], found[2]
    pairs = {_plain(name): quoted or bare for name, quoted, bare in _PAIR.findall(text)}
    pairs |= {_plain(name): value for name, value in _LABELLED.findall(text if "\t" in text else "")}
    if any(name in pairs for name in _METHOD_NAMES) and (request := _request_in(pairs)):
        return request
    found = _REQUEST_IN_TEXT.search(text)
    if found is None or _is_cut_off(found):
        return None
    return (found[1] or found[3]).upper(), _QUOTE_AT_END.sub("", found[2] or found[4])


def _is_cut_off(found: re.Match[str]) -> bool:
    """Whether the quotes around a request are opened and not closed: the end of its address is not known."""
    return found.string[: found.start()].endswith('"') and '"' not in found.string[found.end() :]


def _holders(entry: Any) -> Iterator[Mapping[str, Any]]:
    """An object and those inside it, the outer ones first; not what is in lists."""
    level = [entry] if isinstance(entry, Mapping) else []
    while level:
        yield from level
        level = [inner for holder in level for inner in holder.values() if isinstance(inner, Mapping)]


def _lists(content: Any) -> Iterator[Sequence[Any]]:
    """The outermost lists in a JSON document."""
    if isinstance(content, list):
        yield content
    for holder in _holders(content):
        yield from (inner for inner in holder.values() if isinstance(inner, list))


def _named(holder: Any, prefix: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """The names in an object and in those inside it, run together, with their values."""
    for name, value in holder.items() if isinstance(holder, Mapping) else ():
        if isinstance(value, list):
            yield from _attributes(value)
        yield (path := prefix + _plain(str(name))), value
        if depth < _DEEPEST_NAME:
            yield from _named(value, path, depth + 1)


def _attributes(entries: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    """The names and values in a list of `{"key": ..., "value": ...}`, as in traces of OpenTelemetry and Jaeger."""
    for entry in entries:
        if isinstance(entry, Mapping) and isinstance(entry.get("key"), str) and "value" in entry:
            value = entry["value"]
            yield _plain(entry["key"]), next(iter(value.values()), None) if isinstance(value, Mapping) else value


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        # Not a table, such as a picture or an archive.
        return []


def _first(named: Mapping[str, Any], names: tuple[str, ...], kind: type = object) -> Any:
    return next((named[name] for name in names if named.get(name) and isinstance(named[name], kind)), None)


def _with_query(url: str, query: Any) -> str:
    url = url if url.startswith(("/", "http:", "https:", "*")) else f"/{url}"
    text = urlencode(query, doseq=True, errors="replace") if isinstance(query, Mapping) else query
    return f"{url}?{text.lstrip('?')}" if isinstance(text, str) and text not in ("", "-") and "?" not in url else url
