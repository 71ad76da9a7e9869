"""The usage of an API by a caller: operations, parameters, fields sent and read."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_SEGMENT = re.compile(r"\{[^}]*\}")
_BRACKET = re.compile(r"\[([^\]]*)\]")


@dataclass(slots=True)
class OperationUsage:
    """What was seen of one operation; None means that the source does not show it."""

    calls: int = 0
    parameters: set[str] | None = None
    sent: set[str] | None = None
    received: set[str] | None = None
    read: set[str] | None = None
    computed_queries: int = 0
    unread_requests: int = 0
    unread_answers: int = 0
    """Calls whose queries or bodies the source does not show in full: what they have is not known."""
    values: dict[str, set[str]] = field(default_factory=dict)
    """The scalars that were sent, as text, by part and field: `query.status`, `body.items[].kind`."""

    def learn_values(self, part: str, sent: Any) -> None:
        """Learn the scalars of a value that was sent."""
        if isinstance(sent, dict):
            for name, child in sent.items():
                self.learn_values(f"{part}.{name}", child)
        elif isinstance(sent, list):
            for child in sent:
                self.learn_values(f"{part}[]", child)
        else:
            self.values.setdefault(part, set()).add(written(sent))

    def learn_sent(self, names: set[str] | None) -> None:
        """Learn the fields of a request body; None when the body cannot be read."""
        if names is None:
            self.unread_requests += 1
        else:
            self.sent = (self.sent or set()) | names

    def learn_received(self, names: set[str] | None) -> None:
        """Learn the fields of a successful answer; None when its body cannot be read."""
        if names is None:
            self.unread_answers += 1
        else:
            self.received = (self.received or set()) | names


@dataclass(slots=True)
class Usage:
    """What a caller uses, by concrete call: (method, path as it was called or as a template).

    `skipped` says what was left out of the source, and why.
    """

    source: str
    calls: dict[tuple[str, str], OperationUsage] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def of(self, label: str) -> OperationUsage | None:
        """All that was seen of an operation (`METHOD /template`); None when it was not called."""
        method, _, template = label.partition(" ")
        pattern = re.compile(".*" + "[^/]+".join(map(re.escape, _SEGMENT.split(template))))
        seen = [
            use
            for (verb, path), use in self.calls.items()
            if verb == method
            and (
                path == template or pattern.fullmatch(path) or _SEGMENT.sub("{}", path) == _SEGMENT.sub("{}", template)
            )
        ]
        return _together(seen) if seen else None

    def mention(self, method: str, path: str) -> None:
        """Learn that an operation is called, and nothing else of it."""
        self.calls.setdefault((method, path), OperationUsage(calls=1))

    def add(self, method: str, url: str) -> OperationUsage:
        """Count a call and learn its parameters from its query."""
        parts = urlsplit(url)
        use = self.calls.setdefault((method.upper(), parts.path.rstrip("/") or "/"), OperationUsage())
        use.calls += 1
        names = use.parameters if use.parameters is not None else set()
        for raw, value in parse_qsl(parts.query, keep_blank_values=True):
            names.add(_parameter(raw))
            use.learn_values(f"query.{_parameter(raw)}", value)
        use.parameters = names
        return use


def written(scalar: Any) -> str:
    """A scalar as text."""
    return scalar if isinstance(scalar, str) else json.dumps(scalar)


def fields(value: Any, path: str = "") -> set[str]:
    """The paths of all fields of a JSON value, such as `data[].id`."""
    if isinstance(value, dict):
        inner = ((f"{path}.{name}" if path else name, child) for name, child in value.items())
        return {found for name, child in inner for found in (name, *fields(child, name))}
    if isinstance(value, list):
        return {found for child in value for found in fields(child, f"{path}[]")}
    return set()


def _parameter(name: str) -> str:
    """`filter[userId]` -> `filter.userId`, `include[]` -> `include[]`, as locations write them."""
    return _BRACKET.sub(lambda found: f".{found[1]}" if found[1] and not found[1].isdigit() else "[]", name)


def _together(uses: list[OperationUsage]) -> OperationUsage:
    def union(sets: list[set[str] | None]) -> set[str] | None:
        known = [names for names in sets if names is not None]
        return set().union(*known) if known else None

    values: dict[str, set[str]] = {}
    for use in uses:
        for place, sent in use.values.items():
            values.setdefault(place, set()).update(sent)
    return OperationUsage(
        values=values,
        calls=sum(use.calls for use in uses),
        parameters=union([use.parameters for use in uses]),
        sent=union([use.sent for use in uses]),
        received=union([use.received for use in uses]),
        read=union([use.read for use in uses]),
        computed_queries=sum(use.computed_queries for use in uses),
        unread_requests=sum(use.unread_requests for use in uses),
        unread_answers=sum(use.unread_answers for use in uses),
    )
