"""What a server in front of the emulator is made of: one row of the table, and functions that rewrite answers."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.support.loopback import Received, Sent, sent_json
from tests.support.reverse_proxy import PassOn, answering_for

#: Answers one request to the API.
Behaviour = Callable[[Received, PassOn], Sent]
#: Changes the JSON body of a successful answer, in place or by returning another one.
BodyChange = Callable[[Received, Any], Any]


@dataclass(frozen=True)
class ServerRow:
    """One server: what it does, how, and the operations that are tested against it.

    A server with memory has a new behaviour for each run. `options` are those of `conform run`, `selection` those of
    pytest that choose the tests.
    """

    meaning: str
    behave: Callable[[], Behaviour]
    operations: Sequence[str]
    options: Sequence[str] = ()
    selection: Sequence[str] = ("--deselect=scenarios",)
    hides_control: bool = False


def rewriting(method: str, path: str, change: BodyChange, *, failed: bool = False) -> Callable[[], Behaviour]:
    """A behaviour that changes the successful (or failed) answers to a method on a path, both regular expressions."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, method, path) and (sent.status >= 400) == failed and sent.content:
            rewrite(received, sent, change)
        return sent

    return lambda: behave


def rewrite(received: Received, sent: Sent, change: BodyChange) -> None:
    """Change the body of an answer, if it is JSON."""
    try:
        body = json.loads(sent.content)
    except (ValueError, RecursionError):
        return
    changed = change(received, body)
    sent.content = json.dumps(body if changed is None else changed).encode()


def is_on(received: Received, method: str, path: str) -> bool:
    """Whether a request has the method, and the path without its query; both are regular expressions."""
    own = received.path.partition("?")[0].removeprefix("/public-api/")
    return re.fullmatch(method, received.method) is not None and re.fullmatch(path, own) is not None


def items_of(body: Any) -> list[dict[str, Any]]:
    """The objects of a listing, or that of a read."""
    data = body.get("data", body) if isinstance(body, dict) else body
    return [item for item in (data if isinstance(data, list) else [data]) if isinstance(item, dict)]


def query_of(received: Received) -> dict[str, str]:
    """The query of a request; of a parameter that comes twice, the last value."""
    return dict(parse_qsl(received.path.partition("?")[2], keep_blank_values=True))


def with_query(received: Received, query: dict[str, str]) -> Received:
    """A request with another query."""
    path = received.path.partition("?")[0]
    return replace(received, path=f"{path}?{urlencode(query)}" if query else path)


def with_body(received: Received, change: Callable[[Any], Any]) -> Received:
    """A request with another JSON body, changed in place or returned; the same when it has none."""
    try:
        body = json.loads(received.body)
    except (ValueError, RecursionError):
        return received
    changed = change(body)
    return replace(received, body=json.dumps(body if changed is None else changed).encode())


def counted() -> Callable[[str], int]:
    """How often a key was asked for before."""
    seen: Counter[str] = Counter()

    def number(key: str) -> int:
        seen[key] += 1
        return seen[key] - 1

    return number


@contextmanager
def front(upstream: str, row: ServerRow) -> Iterator[str]:
    """The server of a row on a free port of loopback; gives the base URL."""
    behave = row.behave()

    def answer(received: Received, pass_on: PassOn) -> Sent:
        if received.path.startswith("/_emulator"):
            return sent_json({"message": "Not found."}, 404) if row.hides_control else pass_on(received)
        return behave(received, pass_on)

    with answering_for(upstream, answer) as base_url:
        yield base_url
