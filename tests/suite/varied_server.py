"""A server that is as right as the emulator, and different wherever the contract leaves it free."""

import json
import re
from contextlib import AbstractContextManager
from typing import Any

from tests.reverse_proxy import Passing, reverse_proxy

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")


def varied_server(upstream: str) -> AbstractContextManager[str]:
    """Forward to an emulator and write its answers another way; gives the base URL."""
    return reverse_proxy(upstream, _vary)


def _vary(_method: str, path: str, passing: Passing) -> None:
    if path.startswith("/_emulator"):
        # Nobody but our emulator has a control plane.
        passing.status, passing.content = 404, b"<html><body>Not found</body></html>"
        passing.headers["content-type"] = "text/html"
        return
    passing.headers = {name.upper(): value for name, value in passing.headers.items()} | {"X-Served-By": "node 7"}
    if not passing.content or "json" not in passing.headers.get("CONTENT-TYPE", ""):
        return
    passing.headers["CONTENT-TYPE"] = "application/json; charset=utf-8"
    body = json.loads(passing.content)
    changed = _refusal(body) if passing.status >= 400 else _answer(body)
    passing.content = json.dumps(changed, indent=1, ensure_ascii=True).encode()


def _refusal(body: Any) -> Any:
    """Other words, where the words are not documented, and a field that is not."""
    if isinstance(body, dict) and body.get("message") not in (None, "Unauthenticated."):
        body |= {"message": "This is not possible.", "traceId": "4bf92f3577b34da6"}
        if isinstance(body.get("errors"), dict):
            body["errors"] = {field: ["This is not right."] for field in body["errors"]}
    return body


def _answer(body: Any) -> Any:
    """Resources with a field that is not documented, moments with an offset, fields in another order."""
    if not isinstance(body, dict):
        return body
    if "data" not in body:
        return _resource(body)
    rest = {name: value for name, value in body.items() if name != "data"}
    return {**rest, "data": _resource(body["data"])}


def _resource(value: Any) -> Any:
    match value:
        case dict():
            # An object without an id may be a map of words or languages.
            extra = {"notDocumented": {"a": 1}} if "id" in value else {}
            return extra | {name: _resource(value[name]) for name in reversed(value)}
        case list():
            return [_resource(item) for item in value]
        case str() if moment := _MOMENT.fullmatch(value):
            return f"{moment[1]}+00:00"
        case _:
            return value
