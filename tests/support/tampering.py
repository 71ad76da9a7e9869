"""A reverse proxy that corrupts chosen responses, to show that a scenario notices."""

import itertools
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


Corruption = Callable[[TamperedResponse], None]


@dataclass
class Tampering:
    """Corrupts the responses to a method (`*`: to any) on paths that match a pattern.

    `seen` has all requests as `METHOD path`.
    """

    method: str
    path: str
    corrupt: Corruption
    seen: list[str] = field(default_factory=list)

    def apply(self, method: str, path: str, sent: Sent) -> None:
        """Change the answer on its way back."""
        self.seen.append(f"{method} {path}")
        if self.method not in ("*", method) or not re.search(self.path, path):
            return
        answer = TamperedResponse(sent.status, json.loads(sent.content) if sent.content else None)
        self.corrupt(answer)
        sent.status = answer.status
        sent.content = json.dumps(answer.body).encode() if answer.body is not None else b""
        sent.headers |= {"content-type": "application/json"} if sent.content else {}


@dataclass
class SwitchedTampering:
    """Applies some tamperings after others, and none in between."""

    current: tuple[Tampering, ...] = ()

    @contextmanager
    def switched_to(self, *tamperings: Tampering) -> Iterator[None]:
        """Apply these until the block ends."""
        self.current = tamperings
        try:
            yield
        finally:
            self.current = ()

    def apply(self, method: str, path: str, sent: Sent) -> None:
        """Change the response on its way back."""
        for tampering in self.current:
            tampering.apply(method, path, sent)


def setting(pointer: str, value: Any) -> Corruption:
    """Set a field; `totalAmount.withTax` and `data.0.userId` reach deeper."""

    def corrupt(answer: TamperedResponse) -> None:
        _replace(answer, pointer, lambda _: value)

    return corrupt


def adding_to(pointer: str, amount: float) -> Corruption:
    """Make a number greater."""

    def corrupt(answer: TamperedResponse) -> None:
        _replace(answer, pointer, lambda number: number + amount)

    return corrupt


def in_turn(pointer: str, values: list[Any]) -> Corruption:
    """Set a field to one value after the other; the last one stays."""
    remaining = list(values)

    def corrupt(answer: TamperedResponse) -> None:
        _replace(answer, pointer, lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0])

    return corrupt


def clearing(*names: str) -> Corruption:
    """Leave fields out."""

    def corrupt(answer: TamperedResponse) -> None:
        for name in names:
            answer.item.pop(name, None)

    return corrupt


def duplicating(name: str) -> Corruption:
    """List everything twice, the second time with another id."""

    def corrupt(answer: TamperedResponse) -> None:
        copies = [entry | {name: type(entry[name])(int(entry[name]) + 424242)} for entry in answer.body["data"]]
        answer.body["data"] += copies

    return corrupt


def empty_list(answer: TamperedResponse) -> None:
    """List nothing."""
    answer.body["data"] = []


def with_status(status: int, body: Any = None) -> Corruption:
    """Answer with another status and body."""

    def corrupt(answer: TamperedResponse) -> None:
        answer.status, answer.body = status, body

    return corrupt


def after(count: int, corrupt: Corruption) -> Corruption:
    """Leave the first responses as they are, and corrupt all later ones."""
    seen = itertools.count()
    return lambda answer: corrupt(answer) if next(seen) >= count else None


def when(applies: Callable[[TamperedResponse], bool], corrupt: Corruption) -> Corruption:
    """Corrupt some responses only."""
    return lambda answer: corrupt(answer) if applies(answer) else None


def both(first: Corruption, second: Corruption) -> Corruption:
    """Corrupt in two ways."""

    def corrupt(answer: TamperedResponse) -> None:
        first(answer)
        second(answer)

    return corrupt


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
