"""Reads the usage of an API: HAR, Allure results, access logs (common, combined, JSON), a list of operations."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ampeco_conformance.compatibility.usage import Usage, fields
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.har import har_exchanges

_METHODS = "GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE"
_LOG_LINE = re.compile(rf'"({_METHODS}) (\S+) HTTP/[\d.]+"')
_LISTED = re.compile(rf"({_METHODS}) (/\S*)(?: (.*))?")
_EXCHANGE = "application/vnd.allure.http+json"
_LABEL = re.compile(rf"({_METHODS}) (/\S*)")


def read_usage(source: Path) -> Usage:
    """What is used according to a file, or a folder of Allure results.

    A list has a line for each operation: `GET /path`, followed by the fields that are read of its answers, if these are
    known (`GET /path data[].id data[].status`). Raises ConfigurationError when nothing can be read from it.
    """
    usage = Usage(source.name)
    if source.is_dir():
        _read_allure(source, usage)
    else:
        _read_file(source, usage)
    if not usage.calls:
        raise ConfigurationError(
            f"{source} contains no call; supported: HAR, Allure results (a folder), access log, list of operations"
        )
    return usage


def _read_file(source: Path, usage: Usage) -> None:
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{source} cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}"
        ) from error
    if source.suffix.lower() == ".har" or text.lstrip().startswith('{"log"') or '"log"' in text[:200]:
        for exchange in har_exchanges(source):
            _add_exchange(usage, exchange)
        return
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line and not line.startswith("#") and not any(read(line, usage) for read in _LINES):
            raise ConfigurationError(
                f"{source}, line {number}: neither an access log line nor METHOD /path: {line[:60]}"
            )


def _add_exchange(usage: Usage, exchange: Exchange) -> None:
    request, response = exchange.request, exchange.response
    received, status = (response.body, response.status_code) if response else (b"", 0)
    _add(usage, request.method, request.url, request.body, received, status)


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


def _add_attached(usage: Usage, exchange: dict[str, Any]) -> None:
    request, response = exchange["request"], exchange.get("response") or {}
    sent, received = ((message.get("body") or {}).get("value") for message in (request, response))
    _add(usage, request["method"], request["url"], sent, received, response.get("status", 0))


def _add(
    usage: Usage, method: str, url: str, sent: str | bytes | None, received: str | bytes | None, status: int
) -> None:
    """Learn from one call. A body that is not JSON, because it was cut off for example, says nothing about fields."""
    use = usage.add(method, url)
    if not sent or _json(sent) is not None:
        use.sent = (use.sent or set()) | fields(_json(sent))
    content = _json(received)
    if content is not None and 200 <= status < 300:
        use.received = (use.received or set()) | fields(content)


def _labels_of_steps(result: dict[str, Any]) -> set[str]:
    """`METHOD /path` in the names of steps, which scenarios have."""
    return {found[0] for step in _steps(result) if (found := _LABEL.search(str(step.get("name", ""))))}


def _steps(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in holder.get("steps", ()):
        yield step
        yield from _steps(step)


def _read_log_line(line: str, usage: Usage) -> bool:
    found = _LOG_LINE.search(line)
    if found:
        usage.add(found[1], found[2])
    return found is not None


def _read_json_line(line: str, usage: Usage) -> bool:
    entry = _json(line)
    if not isinstance(entry, dict):
        return False
    request = entry.get("request")
    if isinstance(request, str) and (found := re.match(rf"({_METHODS}) (\S+)", request)):
        usage.add(found[1], found[2])
        return True
    entry = request if isinstance(request, dict) else entry
    method = next((entry[key] for key in ("method", "request_method", "verb") if key in entry), None)
    url = next((entry[key] for key in ("url", "request_uri", "uri", "path") if key in entry), None)
    if not isinstance(method, str) or not isinstance(url, str):
        return False
    usage.add(method, url)
    return True


def _read_listed(line: str, usage: Usage) -> bool:
    found = _LISTED.fullmatch(line)
    if not found:
        return False
    use = usage.add(found[1], found[2])
    if "?" not in found[2]:
        use.parameters = None
    if found[3]:
        use.read = (use.read or set()) | set(found[3].replace(",", " ").split())
    return True


_LINES: tuple[Callable[[str, Usage], bool], ...] = (_read_log_line, _read_json_line, _read_listed)


def _json(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, (str, bytes)) else None
    except ValueError:
        return None
