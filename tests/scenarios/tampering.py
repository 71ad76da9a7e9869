"""A reverse proxy that spoils chosen answers, to show that a story notices."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx


@dataclass
class Answer:
    """What the server answered; `body` is its JSON, None without one."""

    status: int
    body: Any

    @property
    def item(self) -> Any:
        """The resource, without the `data` wrapper."""
        return self.body["data"] if isinstance(self.body.get("data"), dict) else self.body


Spoil = Callable[[Answer], None]


@dataclass
class Tampering:
    """Spoils the answers to one method on paths that match a pattern; `seen` has all requests as `METHOD path`."""

    method: str
    path: str
    spoil: Spoil
    seen: list[str] = field(default_factory=list)

    def apply(self, method: str, path: str, status: int, content: bytes) -> tuple[int, bytes]:
        """The status and body to pass on."""
        self.seen.append(f"{method} {path}")
        if method != self.method or not re.search(self.path, path):
            return status, content
        answer = Answer(status, json.loads(content) if content else None)
        self.spoil(answer)
        return answer.status, json.dumps(answer.body).encode() if answer.body is not None else b""


def setting(pointer: str, value: Any) -> Spoil:
    """Set a field; `totalAmount.withTax` and `data.0.userId` reach deeper."""

    def spoil(answer: Answer) -> None:
        _replace(answer, pointer, lambda _: value)

    return spoil


def adding_to(pointer: str, amount: float) -> Spoil:
    """Make a number greater."""

    def spoil(answer: Answer) -> None:
        _replace(answer, pointer, lambda number: number + amount)

    return spoil


def in_turn(pointer: str, values: list[Any]) -> Spoil:
    """Set a field to one value after the other; the last one stays."""
    remaining = list(values)

    def spoil(answer: Answer) -> None:
        _replace(answer, pointer, lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0])

    return spoil


def clearing(*names: str) -> Spoil:
    """Leave fields out."""

    def spoil(answer: Answer) -> None:
        for name in names:
            answer.item.pop(name, None)

    return spoil


def duplicating(name: str) -> Spoil:
    """List everything twice, the second time with another id."""

    def spoil(answer: Answer) -> None:
        copies = [entry | {name: type(entry[name])(int(entry[name]) + 424242)} for entry in answer.body["data"]]
        answer.body["data"] += copies

    return spoil


def empty_list(answer: Answer) -> None:
    """List nothing."""
    answer.body["data"] = []


def with_status(status: int, body: Any = None) -> Spoil:
    """Answer something else altogether."""

    def spoil(answer: Answer) -> None:
        answer.status, answer.body = status, body

    return spoil


def when(applies: Callable[[Answer], bool], spoil: Spoil) -> Spoil:
    """Spoil some answers only."""
    return lambda answer: spoil(answer) if applies(answer) else None


def both(first: Spoil, second: Spoil) -> Spoil:
    """Spoil in two ways."""

    def spoil(answer: Answer) -> None:
        first(answer)
        second(answer)

    return spoil


def having_status(status: str) -> Callable[[Answer], bool]:
    """Whether the resource has this status."""
    return lambda answer: bool(answer.item.get("status") == status)


def _replace(answer: Answer, pointer: str, change: Callable[[Any], Any]) -> None:
    way: list[Any] = [int(part) if part.lstrip("-").isdigit() else part for part in pointer.split(".")]
    last = way.pop()
    place: Any = answer.body if way[:1] == ["data"] else answer.item
    try:
        for part in way:
            place = place[part]
        place[last] = change(place[last] if isinstance(place, list) else place.get(last))
    except (IndexError, KeyError, TypeError):
        return


@contextmanager
def tampering_proxy(upstream: str, tampering: Tampering) -> Iterator[str]:
    """Forward to `upstream` from a free port of loopback; gives the base URL."""
    client = httpx.Client(base_url=upstream, timeout=30, trust_env=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One packet per answer, sent at once: a delayed acknowledgement costs 40 ms.
        wbufsize = -1
        disable_nagle_algorithm = True

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in DROPPED}
            headers |= {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Proto": "http"}
            response = client.request(self.command, self.path, content=body, headers=headers)
            status, content = tampering.apply(self.command, self.path, response.status_code, response.content)
            self.send_response(status)
            for name, value in response.headers.items():
                if name.lower() not in OWN:
                    self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            if content:
                self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward  # noqa: N815 - the names http.server wants

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        client.close()


OWN = frozenset({"content-length", "content-type", "connection", "transfer-encoding", "date", "server"})
DROPPED = frozenset({"host", "content-length", "connection", "accept-encoding"})
