"""Reads the usage of an API: HAR, Allure results, access logs, a list of operations, the JSON of client-check."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ampeco_conformance.compatibility.access_log import METHODS, AccessLog, json_documents, requests_in
from ampeco_conformance.compatibility.usage import OperationUsage, Usage, fields
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange, Response, header
from ampeco_conformance.core.har import recording_in
from ampeco_conformance.core.recorded_files import parsed_json, read_recorded

_FIELD = r"[A-Za-z_][\w.\[\]*-]*"
_LISTED = re.compile(rf"({METHODS}) (/\S*)(?: ({_FIELD}(?:[ ,]+{_FIELD})*))?")
"""An operation in a list, with the fields that are read; other words behind it are those of a log."""

_LINE_END = re.compile(r"\r?\n")
_METHODS = METHODS.split("|")
_COMPUTED = "{}"
_EXCHANGE = "application/vnd.allure.http+json"
_LABEL = re.compile(rf"({METHODS}) (/\S*)")


def read_usage(source: Path) -> Usage:
    """What is used according to a file, or a folder of Allure results.

    A list has a line for each operation: `GET /path`, followed by the fields that are read of its answers, if these are
    known (`GET /path data[].id data[].status`). Lines of a log that are no request are left out and counted. Raises
    ConfigurationError when nothing can be read from it, and when a list has a line that is no operation.
    """
    usage = Usage(source.name)
    if source.is_dir():
        _read_allure(source, usage)
    else:
        _read_file(source, usage)
    if not usage.calls:
        reason = f": {usage.skipped[0]}" if usage.skipped else ""
        raise ConfigurationError(
            f"{source} contains no call{reason}; "
            "supported: HAR, Allure results (a folder), access log, list of operations, JSON of client-check"
        )
    return usage


def _read_file(source: Path, usage: Usage) -> None:
    text = read_recorded(source)
    content = parsed_json(text)
    if _is_har(source, content):
        recording = recording_in(source, content)
        usage.skipped += recording.skipped
        for exchange in recording.exchanges:
            _add_exchange(usage, exchange)
    elif isinstance(content, dict) and isinstance(content.get("client_calls"), list):
        _read_checked(source, content["client_calls"], usage)
    else:
        _read_logged(source, text, usage)


def _is_har(source: Path, content: Any) -> bool:
    log = content.get("log") if isinstance(content, dict) else None
    return (isinstance(log, dict) and "entries" in log) or source.name.lower().endswith((".har", ".har.gz"))


def _read_checked(source: Path, calls: list[Any], usage: Usage) -> None:
    """Learn from the JSON of `client-check`; what of a request is computed in the source code is not known."""
    for call in calls:
        try:
            methods = [call["method"]] if call["method"] else _METHODS
            names = {name for name, _ in call["query"]}
            for method in methods:
                use = usage.add(method, f"{call['path']}?{urlencode(dict.fromkeys(names, ''))}")
                use.values.clear()
                if _COMPUTED in names:
                    use.computed_queries += 1
                found = fields(call["body"])
                use.learn_sent(None if call["body"] is None or _COMPUTED in found else found)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{source} was not written by client-check: {error}") from error


def _read_logged(source: Path, text: str, usage: Usage) -> None:
    found = list(logged_requests(text))
    for logged in found:
        if logged.is_listed and logged.request is not None:
            _add_listed(usage, *logged.request, logged.reads)
        else:
            _add_logged(usage, logged)
    is_list = usage.calls and all(logged.is_listed for logged in found if logged.request is not None)
    if is_list and usage.skipped:
        raise ConfigurationError(f"{source}, {usage.skipped[0]}; write METHOD /path")


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A line of a log or a list, or an entry of one in JSON; `request` is its method and URL, None when it has none.

    `reads` are the fields that a list names behind an operation.
    """

    place: str
    request: tuple[str, str] | None
    is_listed: bool = False
    reads: tuple[str, ...] = ()


def logged_requests(text: str) -> Iterator[LoggedRequest]:
    """The requests in an access log or a list of operations, with the lines that are none."""
    lines = _LINE_END.split(text)
    if documents := [] if _is_object(next(filter(str.strip, lines), "")) else json_documents(text):
        for number, request in enumerate((found for content in documents for found in requests_in(content)), 1):
            yield LoggedRequest(f"entry {number}", _with_known_method(request))
        return
    log = AccessLog()
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or log.is_heading(line):
            continue
        if found := _LISTED.fullmatch(line):
            reads = tuple((found[3] or "").replace(",", " ").split())
            yield LoggedRequest(f"line {number}", (found[1], found[2]), True, reads)
        else:
            requests = [log.request(line)]
            if requests == [None] and isinstance(content := parsed_json(line), dict):
                # Exports of clouds and of OpenTelemetry have a list of entries in each line.
                requests = list(requests_in(content))
            yield from (LoggedRequest(f"line {number}", _with_known_method(request)) for request in requests)


def _is_object(line: str) -> bool:
    return isinstance(parsed_json(line), dict)


def _with_known_method(request: tuple[str, str] | None) -> tuple[str, str] | None:
    if request is None or request[0] not in _METHODS:
        return None
    method, url = request
    # A path of a request line that begins with two slashes is a path, and names no host.
    return method, f"/{url.lstrip('/')}" if url.startswith("//") else url


def _add_logged(usage: Usage, logged: LoggedRequest) -> None:
    """Learn from an entry of a log."""
    if logged.request is not None:
        try:
            usage.add(*logged.request)
        except ValueError:  # an address that cannot be read, as scanners send
            pass
        else:
            return
    usage.skipped.append(f"{logged.place} is not a request of the API")


def _add_exchange(usage: Usage, exchange: Exchange) -> None:
    request, response = exchange.request, exchange.response
    use = usage.add(request.method, request.url)
    use.learn_sent(_fields_of(request.body) if request.body_is_known else None)
    use.learn_values("body", parsed_json(request.body) if request.body and request.body_is_known else {})
    if response is not None:
        names = _fields_of(response.body) if response.body_is_known else None
        if names is not None or _may_be_json(response):
            _learn_received(use, response.status_code, names)


def _may_be_json(response: Response) -> bool:
    kind = header(response.headers, "Content-Type")
    return not kind or "json" in kind.lower() or "unknown" in kind.lower()


def _add_attached(usage: Usage, exchange: dict[str, Any]) -> None:
    request, response = exchange["request"], exchange.get("response") or {}
    sent, received = ((message.get("body") or {}).get("value") for message in (request, response))
    use = usage.add(request["method"], request["url"])
    use.learn_sent(_fields_of(sent))
    use.learn_values("body", parsed_json(sent) if sent else {})
    _learn_received(use, response.get("status", 0), _fields_of(received))


def _learn_received(use: OperationUsage, status: int, names: set[str] | None) -> None:
    """Learn from a successful answer; that of a 304 was taken from the client's cache, so it is not known."""
    if 200 <= status < 300 or status == HTTPStatus.NOT_MODIFIED:
        use.learn_received(None if status == HTTPStatus.NOT_MODIFIED else names)


def _fields_of(body: str | bytes | None) -> set[str] | None:
    """The fields of a body; None when it is not JSON, because it was cut off for example."""
    if not body:
        return set()
    content = parsed_json(body)
    return None if content is None else fields(content)


def _add_listed(usage: Usage, method: str, path: str, read: tuple[str, ...]) -> None:
    use = usage.add(method, path)
    if "?" not in path:
        use.parameters = None
    if read:
        use.read = (use.read or set()) | set(read)


def _read_allure(source: Path, usage: Usage) -> None:
    """The exchanges attached to the results; where there are none, the operations their labels and steps name."""
    for file in sorted(source.glob("*-result.json")):
        try:
            result = json.loads(file.read_text(encoding="utf-8"))
            values = [label.get("value") for label in (*result.get("labels", ()), *result.get("parameters", ()))]
            for attachment in _attachments(result):
                _add_attached(usage, json.loads((source / attachment).read_text(encoding="utf-8")))
        except (ValueError, OSError, AttributeError, TypeError, KeyError) as error:
            raise ConfigurationError(f"{file} is not an Allure result: {error}") from error
        for label in {value for value in values if isinstance(value, str)} | _labels_of_steps(result):
            if found := _LABEL.fullmatch(label):
                usage.mention(found[1], found[2])


def _attachments(result: dict[str, Any]) -> Iterator[str]:
    """The files of the HTTP exchanges of a result and its steps."""
    for holder in (result, *_steps(result)):
        yield from (
            attachment["source"] for attachment in holder.get("attachments", ()) if attachment.get("type") == _EXCHANGE
        )


def _labels_of_steps(result: dict[str, Any]) -> set[str]:
    """`METHOD /path` in the names of steps, which scenarios have."""
    return {found[0] for step in _steps(result) if (found := _LABEL.search(str(step.get("name", ""))))}


def _steps(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in holder.get("steps", ()):
        yield step
        yield from _steps(step)
