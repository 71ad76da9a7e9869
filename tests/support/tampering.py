"""A reverse proxy that spoils chosen answers, to show that a scenario notices."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.loopback import Sent
from tests.support.reverse_proxy import reverse_proxy


@dataclass
class TamperedResponse:
    """What the server answered; `body` is its JSON, None without one."""

    status: int
    body: Any

    @property
    def item(self) -> Any:
        """The resource, without the `data` wrapper."""
        return self.body["data"] if isinstance(self.body.get("data"), dict) else self.body


Spoil = Callable[[TamperedResponse], None]


@dataclass
class Tampering:
    """Spoils the answers to one method on paths that match a pattern; `seen` has all requests as `METHOD path`."""

    method: str
    path: str
    spoil: Spoil
    seen: list[str] = field(default_factory=list)

    def apply(self, method: str, path: str, sent: Sent) -> None:
        """Change the answer on its way back."""
        self.seen.append(f"{method} {path}")
        if method != self.method or not re.search(self.path, path):
            return
        answer = TamperedResponse(sent.status, json.loads(sent.content) if sent.content else None)
        self.spoil(answer)
        sent.status = answer.status
        sent.content = json.dumps(answer.body).encode() if answer.body is not None else b""
        sent.headers |= {"content-type": "application/json"} if sent.content else {}


@dataclass
class SwitchedTampering:
    """Applies one tampering after the other, and none in between."""

    current: Tampering | None = None

    @contextmanager
    def switched_to(self, tampering: Tampering) -> Iterator[None]:
        """Apply this one until the block ends."""
        self.current = tampering
        try:
            yield
        finally:
            self.current = None

    def apply(self, method: str, path: str, sent: Sent) -> None:
        """Change the response on its way back."""
        if self.current is not None:
            self.current.apply(method, path, sent)


def setting(pointer: str, value: Any) -> Spoil:
    """Set a field; `totalAmount.withTax` and `data.0.userId` reach deeper."""

    def spoil(answer: TamperedResponse) -> None:
        _replace(answer, pointer, lambda _: value)

    return spoil


def adding_to(pointer: str, amount: float) -> Spoil:
    """Make a number greater."""

    def spoil(answer: TamperedResponse) -> None:
        _replace(answer, pointer, lambda number: number + amount)

    return spoil


def in_turn(pointer: str, values: list[Any]) -> Spoil:
    """Set a field to one value after the other; the last one stays."""
    remaining = list(values)

    def spoil(answer: TamperedResponse) -> None:
        _replace(answer, pointer, lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0])

    return spoil


def clearing(*names: str) -> Spoil:
    """Leave fields out."""

    def spoil(answer: TamperedResponse) -> None:
        for name in names:
            answer.item.pop(name, None)

    return spoil


def duplicating(name: str) -> Spoil:
    """List everything twice, the second time with another id."""

    def spoil(answer: TamperedResponse) -> None:
        copies = [entry | {name: type(entry[name])(int(entry[name]) + 424242)} for entry in answer.body["data"]]
        answer.body["data"] += copies

    return spoil


def empty_list(answer: TamperedResponse) -> None:
    """List nothing."""
    answer.body["data"] = []


def with_status(status: int, body: Any = None) -> Spoil:
    """TamperedResponse something else altogether."""

    def spoil(answer: TamperedResponse) -> None:
        answer.status, answer.body = status, body

    return spoil


def when(applies: Callable[[TamperedResponse], bool], spoil: Spoil) -> Spoil:
    """Spoil some answers only."""
    return lambda answer: spoil(answer) if applies(answer) else None


def both(first: Spoil, second: Spoil) -> Spoil:
    """Spoil in two ways."""

    def spoil(answer: TamperedResponse) -> None:
        first(answer)
        second(answer)

    return spoil


def having_status(status: str) -> Callable[[TamperedResponse], bool]:
    """Whether the resource has this status."""
    return lambda answer: bool(answer.item.get("status") == status)


def _replace(answer: TamperedResponse, pointer: str, change: Callable[[Any], Any]) -> None:
    way: list[Any] = [int(part) if part.lstrip("-").isdigit() else part for part in pointer.split(".")]
    last = way.pop()
    place: Any = answer.body if way[:1] == ["data"] else answer.item
    try:
        for part in way:
            place = place[part]
        place[last] = change(place[last] if isinstance(place, list) else place.get(last))
    except (IndexError, KeyError, TypeError):
        return


def tampering_proxy(upstream: str, tampering: Tampering | SwitchedTampering) -> AbstractContextManager[str]:
    """Forward to `upstream` from a free port of loopback; gives the base URL."""
    return reverse_proxy(upstream, tampering.apply)
