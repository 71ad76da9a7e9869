"""Reads the calls of a client in recorded traffic: HAR files, access logs, lists of operations."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from ampeco_conformance.client_check.bodies import NotJson
from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN, CallPlace, Client, ClientCall
from ampeco_conformance.compatibility.traffic import logged_requests
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange, header
from ampeco_conformance.core.har import read_har
from ampeco_conformance.core.recorded_files import parsed_json, read_recorded

_PARAMETER = re.compile(r"\{[^{}]*\}")


def calls_in_har(file: Path) -> Client:
    """The calls in a HAR file. Raises ConfigurationError when it cannot be read."""
    recording = read_har(file)
    calls = (call_of(exchange, number) for number, exchange in recording.numbered)
    return Client(file.name, tuple(call for call in calls if call is not None), recording.skipped)


def calls_in_log(file: Path) -> Client:
    """The calls in an access log, or in a list of operations with the fields that are read of their answers.

    Raises ConfigurationError when it cannot be read, or has no request at all.
    """
    calls, skipped = [], []
    for found in logged_requests(read_recorded(file)):
        method, url = found.request or ("", "")
        if found.is_listed:
            url = _PARAMETER.sub(HOLE, url)
        call = _call(method, url, CallPlace(found.place), reads=found.reads) if found.request else None
        if call is None:
            skipped.append(f"{found.place} is not a request of the API")
        else:
            calls.append(call)
    if not calls:
        reason = f": {skipped[0]}" if skipped else ""
        raise ConfigurationError(f"{file} contains no call{reason}")
    return Client(file.name, tuple(calls), tuple(skipped))


def call_of(exchange: Exchange, number: int) -> ClientCall | None:
    """The call of an exchange, which is the entry of this number; None when its address cannot be read."""
    request = exchange.request
    body: object = NOT_SHOWN
    if request.body_is_known:
        value = parsed_json(request.body)
        body = None if not request.body else NotJson() if value is None and request.body.strip() != b"null" else value
    kind = (header(request.headers, "Content-Type") or "") if body is not None else ""
    return _call(request.method, request.url, CallPlace(f"entry {number}"), body=body, kind=kind)


def _call(
    method: str, url: str, place: CallPlace, *, body: object = NOT_SHOWN, kind: str = "", reads: tuple[str, ...] = ()
) -> ClientCall | None:
    try:
        parts = urlsplit(url)
        host = parts.netloc
    except ValueError:  # an address that cannot be read, as scanners send
        return None
    query = tuple(parse_qsl(parts.query, keep_blank_values=True))
    return ClientCall(method, parts.path, place, query, body, kind, reads, host=host)
