"""The requests in the collections of Postman, Insomnia, Hoppscotch and Thunder Client, in JSON or YAML."""

from collections.abc import Callable, Iterator
from typing import Any

from ampeco_conformance.client_check.source.written import WrittenRequest, line_at

_MARKS: tuple[Callable[[dict[str, Any]], bool], ...] = (
    lambda content: "info" in content and isinstance(content.get("item"), list),
    lambda content: content.get("_type") == "export" and isinstance(content.get("resources"), list),
    lambda content: str(content.get("type", "")).startswith("collection.insomnia"),
    lambda content: "folders" in content and isinstance(content.get("requests"), list),
    lambda content: "Thunder Client" in (content.get("clientName"), content.get("client")),
)
"""What tells a collection of each tool from other data, such as what a mock server serves."""
_ADDRESSES = ("url", "endpoint")
_QUERIES = ("parameters", "params", "query")
_BODIES = ("raw", "text", "body")


def is_collection(content: Any) -> bool:
    """Whether a value is a collection."""
    return isinstance(content, dict) and any(is_marked(content) for is_marked in _MARKS)


def requests_in_collection(content: Any, text: str) -> Iterator[WrittenRequest]:
    """The requests of a collection and its folders; a request is at the line of its address."""
    end = 0
    for entry in _entries(content):
        url = next((entry[name] for name in _ADDRESSES if entry.get(name)), "")
        address, sought = _address(url)
        if not address:
            continue
        found = text.find(sought, end)
        end = found + len(sought) if found >= 0 else end
        owners = (entry, url) if isinstance(url, dict) else (entry,)
        yield WrittenRequest(
            str(entry.get("method") or "GET"),
            address,
            line_at(text, found),
            [pair for owner in owners for name in _QUERIES for pair in _enabled(owner.get(name))],
            _body(entry.get("body")),
        )


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    """Every object that has an address, in the order of the text, but for what belongs to one, such as its answers."""
    if isinstance(value, list):
        for inner in value:
            yield from _entries(inner)
    elif isinstance(value, dict) and "method" in value and any(name in value for name in _ADDRESSES):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name != "response":
                yield from _entries(inner)


def _address(url: Any) -> tuple[str, str]:
    """An address, and the text by which it is found in the file."""
    if not isinstance(url, dict):
        return str(url), str(url)
    path = url.get("path")
    if isinstance(url.get("raw"), str):
        return url["raw"], url["raw"]
    segments = [str(part) for part in path] if isinstance(path, list) else []
    return ("/".join(["{{host}}", *segments]), f'"{segments[-1]}"') if segments else ("", "")


def _enabled(entries: Any) -> Iterator[tuple[str, str]]:
    """The parameters of a list that are sent; those of the path are not parameters of the query."""
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("disabled") or entry.get("isPath") or entry.get("isDisabled"):
            continue
        name = entry.get("key") or entry.get("name")
        if name and entry.get("active", True) and entry.get("enabled", True):
            yield str(name), str(entry.get("value") or "")


def _body(body: Any) -> str | None:
    """The text of a body; None where it is of another kind, such as a form or a file."""
    if not isinstance(body, dict):
        return None if body else ""
    text = next((body[name] for name in _BODIES if isinstance(body.get(name), str) and body[name]), None)
    return text if text is not None else None if any(body.values()) else ""
