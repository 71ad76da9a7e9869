"""A server that is as right as the emulator, and different wherever the contract leaves it free."""

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from ampeco_conformance.specs import Specification
from tests.support.loopback import Sent
from tests.support.reverse_proxy import reverse_proxy

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")
_OBJECTS_THAT_ARE_CLOSED = re.compile(r"/configuration-templates/[^/]+/\d+/variables")


def varied_server(upstream: str, specification: Specification) -> AbstractContextManager[str]:
    """Forward to an emulator and write its answers another way; gives the base URL."""
    return reverse_proxy(upstream, _Variation(specification).apply)


class _Variation:
    """Other words, other order, other spelling of moments, no empty fields that may be left out, more fields."""

    def __init__(self, specification: Specification) -> None:
        self._required = frozenset(_required_names(specification.document))

    def apply(self, _method: str, path: str, sent: Sent) -> None:
        """Write an answer another way."""
        if path.startswith("/_emulator"):
            # Nobody but our emulator has a control plane.
            sent.status, sent.content = 404, b"<html><body>Not found</body></html>"
            sent.headers["content-type"] = "text/html"
            return
        sent.headers = {name.upper(): value for name, value in sent.headers.items()} | {"X-Served-By": "node 7"}
        if not sent.content or "json" not in sent.headers.get("CONTENT-TYPE", ""):
            return
        sent.headers["CONTENT-TYPE"] = "application/json; charset=utf-8"
        body = json.loads(sent.content)
        if sent.status >= 400:
            body = _refusal(body)
        elif isinstance(body, dict):
            is_open = not _OBJECTS_THAT_ARE_CLOSED.search(path)
            body |= {"data": self._resource(body["data"], is_open)} if "data" in body else {}
            body = body if "data" in body else self._resource(body, is_open)
        sent.content = json.dumps(body, indent=1, ensure_ascii=True).encode()

    def _resource(self, value: Any, is_open: bool) -> Any:
        match value:
            case dict():
                # An object without an id may be a map of words or languages.
                extra = {"notDocumented": {"a": 1}} if "id" in value and is_open else {}
                kept = (name for name in reversed(value) if value[name] is not None or name in self._required)
                return extra | {name: self._resource(value[name], is_open) for name in kept}
            case list():
                return [self._resource(item, is_open) for item in value]
            case str() if moment := _MOMENT.fullmatch(value):
                return f"{moment[1]}+00:00"
            case _:
                return value


def _refusal(body: Any) -> Any:
    """Other words, where the words are not documented, and a field that is not."""
    if isinstance(body, dict) and body.get("message") not in (None, "Unauthenticated."):
        body |= {"message": "This is not possible.", "traceId": "4bf92f3577b34da6"}
        if isinstance(body.get("errors"), dict):
            body["errors"] = {field: ["This is not right."] for field in body["errors"]}
    return body


def _required_names(node: Any) -> Iterator[str]:
    """The names that some schema requires."""
    match node:
        case dict():
            required = node.get("required")
            yield from required if isinstance(required, list) else ()
            for inner in node.values():
                yield from _required_names(inner)
        case list():
            for inner in node:
                yield from _required_names(inner)
