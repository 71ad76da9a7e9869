"""Writes exchanges as HAR 1.2, masked: what is about people or secret never reaches the disk."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from ampeco_conformance import __version__
from ampeco_conformance.core.exchanges import Exchange, Headers, header
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.recorded_files import parsed_json

Mask = Callable[[Exchange], Exchange]
"""Makes an exchange whose texts may be written down."""

_HEAD = json.dumps({"version": "1.2", "creator": {"name": "conform", "version": __version__}})[:-1].encode()
_START, _END = b'{"log": ' + _HEAD + b', "entries": [\n', b"\n]}}\n"


class HarFile:
    """A HAR file that is complete after each entry, so that a killed process leaves one that can be read."""

    def __init__(self, path: Path, mask: Mask) -> None:
        self._mask = mask
        self._has_entries = False
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb")
        path.chmod(0o600)
        self._file.write(_START + _END)
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, exchange: Exchange) -> None:
        """Append an exchange."""
        entry = _line(entry_of(self._mask(exchange)))
        self._file.seek(-len(_END), 2)
        self._file.write((b",\n" if self._has_entries else b"") + entry + _END)
        self._file.flush()
        self._has_entries = True


def entry_of(exchange: Exchange) -> dict[str, Any]:
    """The entry of an exchange that is masked already; one without a response has status 0, as browsers write it."""
    milliseconds = round(exchange.elapsed * 1000, 3)
    return {
        "startedDateTime": datetime.fromtimestamp(exchange.started_at, UTC).isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": _request(exchange),
        "response": _response(exchange),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
    }


def _request(exchange: Exchange) -> dict[str, Any]:
    request = exchange.request
    body = request.body or b""
    posted = {
        "mimeType": header(request.headers, "content-type") or "application/octet-stream",
        "text": body.decode("utf-8", "replace"),
    }
    return {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": _pairs(tuple(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))),
        **({"postData": posted} if body else {}),
        "headersSize": -1,
        "bodySize": len(body) if request.body_is_known else -1,
    }


def _response(exchange: Exchange) -> dict[str, Any]:
    response = exchange.response
    body = response.body if response else b""
    headers: Headers = response.headers if response else ()
    return {
        "status": response.status_code if response else 0,
        "statusText": response.reason if response else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": {
            "size": len(body),
            "mimeType": header(headers, "content-type") or "",
            "text": body.decode("utf-8", "replace"),
        },
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(body) if response is None or response.body_is_known else -1,
        **({"_error": exchange.error} if exchange.error else {}),
    }


def _pairs(pairs: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


class HarPart:
    """The entries of one process, one line each; `join_parts` makes a HAR file of all of them."""

    def __init__(self, path: Path, mask: Mask) -> None:
        self._mask = mask
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)

    def add(self, exchange: Exchange) -> None:
        """Append an exchange."""
        with self._path.open("ab") as file:
            file.write(_line(entry_of(self._mask(exchange))) + b"\n")


def join_parts(parts: Iterable[Path], file: Path, *, append: bool = False) -> None:
    """Write the entries of all parts, in the order of their requests, after those of the file if `append` says so."""
    earlier = json.loads(file.read_bytes())["log"]["entries"] if append and file.exists() else []
    lines = [line for part in parts for line in part.read_bytes().splitlines()]
    # A process that was killed may have left its last line unfinished.
    entries = [entry for line in lines if isinstance(entry := parsed_json(line), dict)]
    entries.sort(key=lambda entry: str(entry["startedDateTime"]))
    file.touch(mode=0o600)
    file.write_bytes(_START + b",\n".join(map(_line, [*earlier, *entries])) + _END)


def _line(entry: dict[str, Any]) -> bytes:
    return write_json(entry)
