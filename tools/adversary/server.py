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
from tests.support.runs import TOKEN

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


def storing(method: str, path: str, change: Callable[[Any], Any]) -> Callable[[], Behaviour]:
    """A behaviour that stores something else than what was sent."""

    def behave(received: Received, forward: PassOn) -> Sent:
        return forward(with_body(received, change) if is_on(received, method, path) else received)

    return lambda: behave


def object_sent(received: Received) -> dict[str, Any]:
    """The object in the body of a request; an empty one when there is none."""
    try:
        body = json.loads(received.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def allowing(
    method: str, path: str, is_let: Callable[[Received, PassOn], bool] = lambda *_: True
) -> Callable[[], Behaviour]:
    """A behaviour that does what is refused with 403 or 404 all the same, if it is let."""

    def behave(received: Received, forward: PassOn) -> Sent:
        sent = forward(received)
        if is_on(received, method, path) and sent.status in (403, 404) and is_let(received, forward):
            received.headers.replace_header("Authorization", f"Bearer {TOKEN}")
            return forward(received)
        return sent

    return lambda: behave


def number_in(query: dict[str, str], name: str, default: int) -> int:
    """A number in a query; the default where it is none."""
    given = query.get(name, "")
    return int(given) if given.isdecimal() else default


def invalid(field: str) -> Sent:
    """A 422 that names a field."""
    return sent_json({"message": "Invalid.", "errors": {field: ["Invalid."]}}, 422)


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
