"""A receiver of webhooks: the suite's own little server, and what a delivery must look like.

Facts: each delivery is a POST with JSON, signed in X-Signature with HMAC-SHA256 of the body under the token that made
the subscription, timed in X-Timestamp; the receiver answers 202; the payload of each event is in the specification.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Headers, header
from ampeco_conformance.specs import Operation
from ampeco_conformance.specs.model import METHODS
from ampeco_conformance.specs.walking import escape_pointer

#: Real seconds a delivery may take to arrive, from an emulator and from another server on this machine (elsewhere the
#: tenant's patience counts), and those in which one that must not come is waited for.
ARRIVAL = 5.0
ARRIVAL_HERE = 30.0
SILENCE = 1.0


@dataclass(frozen=True)
class ReceivedEvent:
    """One notification as it arrived, at an address of the inbox."""

    address: str
    headers: Headers
    body: bytes

    @property
    def payload(self) -> Any:
        """The JSON that was sent."""
        return json.loads(self.body)

    @property
    def event(self) -> str:
        """The name of the event."""
        return str(self.payload.get("notification"))

    def is_signed_with(self, token: str) -> bool:
        """Whether the signature is that of the body; hexadecimal or base64, for the encoding is not documented."""
        digest = hmac.new(token.encode(), self.body, hashlib.sha256).digest()
        signature = (header(self.headers, "X-Signature") or "").strip()
        return signature.lower() == digest.hex() or signature == base64.b64encode(digest).decode()


class Inbox:
    """The events that have arrived below `url`; an event is waited for `arrival` real seconds.

    Each scenario has addresses of its own: what comes late for another one is not kept. An address in `failing` answers
    the next delivery with 500, once.
    """

    def __init__(self, url: str, arrival: float) -> None:
        self.folder = secrets.token_hex(4)
        self.url = f"{url}/{self.folder}"
        self.arrival = arrival
        self.failing: set[str] = set()
        self.deliveries: list[ReceivedEvent] = []
        self._arrived = threading.Condition()

    def add(self, delivery: ReceivedEvent) -> None:
        """Keep a delivery."""
        with self._arrived:
            self.deliveries.append(delivery)
            self._arrived.notify_all()

    def wait_for(
        self, is_awaited: Callable[[ReceivedEvent], bool], seconds: float | None = None
    ) -> ReceivedEvent | None:
        """The first delivery of that kind, waited for in real time; None when it does not come."""
        with self._arrived:
            self._arrived.wait_for(lambda: any(map(is_awaited, self.deliveries)), seconds or self.arrival)
            return next(filter(is_awaited, self.deliveries), None)

    def of(self, event: str) -> list[ReceivedEvent]:
        """The deliveries of an event, in the order they came."""
        return [delivery for delivery in self.deliveries if delivery.event == event]


@contextmanager
def receiving(port: int | None, url: str | None, arrival: float) -> Iterator[Inbox]:
    """A receiver on loopback, at a port or a free one; `url` is where others reach it, when that is elsewhere.

    Raises TargetError when the port is taken.
    """

    class WebhookHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep the event; respond with 202, or once with 500 at a failing address."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            above, _, address = self.path.rpartition("/")
            is_failing = address in inbox.failing
            if above.endswith(f"/{inbox.folder}"):
                inbox.failing.discard(address)
                inbox.add(ReceivedEvent(address, tuple(self.headers.items()), body))
            self.send_response(500 if is_failing else 202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port or 0), WebhookHandler)
    except OSError as taken:
        raise TargetError(f"webhooks cannot be received at port {port}: {taken.strerror}") from None
    inbox = Inbox(url or f"http://127.0.0.1:{server.server_port}", arrival)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()


def payload_schema(schemas: Schemas, subscribe: Operation, event: str) -> str | None:
    """The pointer of the schema of an event's payload, among the callbacks of the operation; None when it has none.

    Each part on the way may be a reference.
    """
    callback = (subscribe.definition.get("callbacks") or {}).get(event)
    if not callback:
        return None
    pointer = f"/paths/{escape_pointer(subscribe.path)}/{subscribe.method.lower()}/callbacks/{escape_pointer(event)}"
    item, pointer = schemas.resolve(callback, pointer)
    for names in (item.keys(), METHODS, ("requestBody",), ("content",), None):
        # Extensions have names of their own anywhere.
        name = next((name for name in names or item if name in item and not name.startswith("x-")), None)
        if name is None:
            return None
        item, pointer = schemas.resolve(item[name], f"{pointer}/{escape_pointer(name)}")
    return f"{pointer}/schema" if "schema" in item else None
