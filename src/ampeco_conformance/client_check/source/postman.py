"""The requests in a collection of Postman."""

import re
from collections.abc import Iterator
from typing import Any

from ampeco_conformance.client_check.model import HOLE, NOT_SHOWN
from ampeco_conformance.client_check.source.addresses import AddressReader, SourceRequest
from ampeco_conformance.core.recorded_files import parsed_json

_VARIABLE = re.compile(r"\{\{[^{}]*\}\}")


def is_collection(content: Any) -> bool:
    """Whether a JSON value is a collection."""
    return isinstance(content, dict) and isinstance(content.get("item"), list) and "info" in content


def requests_in_collection(content: Any, text: str, reader: AddressReader) -> Iterator[SourceRequest]:
    """The requests of a collection and its folders; a request is at the line of its address."""
    end = 0
    for request in _requests(content):
        url = request.get("url")
        raw = url.get("raw") if isinstance(url, dict) else url
        if not isinstance(raw, str):
            continue
        found = text.find(raw, end)
        end = max(found, end)
        made = reader.request(
            _VARIABLE.sub(HOLE, raw), str(request.get("method", "GET")), text.count("\n", 0, max(found, 0)) + 1
        )
        if made is not None:
            made.body = _body(request)
            yield made


def _requests(item: Any) -> Iterator[dict[str, Any]]:
    if isinstance(item, dict) and isinstance(item.get("request"), dict):
        yield item["request"]
    for inner in item.get("item", ()) if isinstance(item, dict) else ():
        yield from _requests(inner)


def _body(request: dict[str, Any]) -> Any:
    body = request.get("body")
    raw = body.get("raw") if isinstance(body, dict) else None
    if not isinstance(raw, str) or not raw:
        return NOT_SHOWN if body else None
    quoted = re.sub(r"(?<=[:\[,\s])\{\{[^{}]*\}\}(?=\s*[,\]}])", f'"{HOLE}"', raw)
    value = parsed_json(_VARIABLE.sub(HOLE, quoted))
    return NOT_SHOWN if value is None else value
