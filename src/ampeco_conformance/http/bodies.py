"""Reads the bodies of requests and answers for the safety guard: ids, and what a receiver could read."""

import json
from collections.abc import Iterator
from typing import Any

import orjson

from ampeco_conformance.apis import IndirectCreation
from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.core.exchanges import Request, Response, header


def identifiers_in(response: Response, field: str) -> Iterator[str]:
    """The ids of what an answer shows: an item, or the items of a listing."""
    for item in items_of(json_of(response)):
        yield from ids_of(item.get(field))


def ids_of(value: Any) -> Iterator[str]:
    """The ids in a field that has one, or a list of them."""
    for identifier in value if isinstance(value, list) else [value]:
        if isinstance(identifier, int | str) and identifier != "":
            yield str(identifier)


def shown_fields(creation: IndirectCreation, *sources: Any) -> dict[str, str]:
    """The fields by which a read shows what a request made, with the values that it or its answer has for them."""
    known = {name: value for source in sources for name, value in next(items_of(source), {}).items()}
    return {
        field: str(known[name])
        for field, name in creation.shown.items()
        if isinstance(known.get(name), int | str) and known[name] != ""
    }


def sent_object(request: Request) -> Any:
    """The JSON object that the receiver of a request could read; None for any other body."""
    is_json = "json" in (header(request.headers, "Content-Type") or "")
    body = readable(request.body or b"") if is_json else None
    return body if isinstance(body, dict) else None


def readable(body: bytes) -> Any:
    """A body that is valid JSON, in UTF-8; None for any other."""
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def json_of(response: Response) -> Any:
    """The JSON of an answer; None for any other, and for one that is nested too deeply."""
    try:
        return response.json()
    except ValueError:
        return None


def decoded(body: bytes) -> Any:
    """A JSON body, also one that only a lenient receiver could read; None for any other."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
