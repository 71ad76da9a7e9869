"""A receiver of webhooks: the suite's own little server, and what a delivery must look like.

Facts: each delivery is a POST with JSON, signed in X-Signature with HMAC-SHA256 of the body under the token that made
the subscription, timed in X-Timestamp; the receiver answers 202; the payload of each event is in the specification.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ampeco_conformance.exchanges import Headers, header
from ampeco_conformance.specs import Operation

#: Real seconds a delivery may take to arrive, and in which one that must not come is waited for.
ARRIVAL = 5.0
SILENCE = 1.0


@dataclass(frozen=True)
class Delivery:
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
    """What has arrived so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.deliveries: list[Delivery] = []
        self._arrived = threading.Condition()

    def add(self, delivery: Delivery) -> None:
        """Keep a delivery."""
        with self._arrived:
            self.deliveries.append(delivery)
            self._arrived.notify_all()

    def wait_for(self, is_awaited: Callable[[Delivery], bool], seconds: float = ARRIVAL) -> Delivery | None:
        """The first delivery of that kind, waited for in real time; None when it does not come."""
        with self._arrived:
            self._arrived.wait_for(lambda: any(map(is_awaited, self.deliveries)), seconds)
            return next(filter(is_awaited, self.deliveries), None)

    def of(self, event: str) -> list[Delivery]:
        """The deliveries of an event, in the order they came."""
        return [delivery for delivery in self.deliveries if delivery.event == event]


@contextmanager
def receiving() -> Iterator[Inbox]:
    """A receiver on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep the delivery, answer 202 as the API expects."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            inbox.add(Delivery(self.path.rpartition("/")[2], tuple(self.headers.items()), body))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    inbox = Inbox(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()


def payload_schema(subscribe: Operation, event: str) -> dict[str, Any] | None:
    """The request body object of an event among the callbacks of the subscribe operation; None when it has none."""
    callback = (subscribe.definition.get("callbacks") or {}).get(event)
    if not callback:
        return None
    (path,) = callback.values()
    return dict(path["post"]["requestBody"])
