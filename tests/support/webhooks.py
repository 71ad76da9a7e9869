"""A server that receives webhook deliveries, and what tests ask the emulator about its deliveries."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.emulator import RunningEmulator
from tests.support.loopback import Received, Sent, serving

SUBSCRIBE = "/notifications/v2.0"


class Receiver:
    """A real HTTP server that keeps what it is sent; it answers with `answers`, then 202."""

    def __init__(self) -> None:
        self.address = ""
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    def events(self) -> list[Any]:
        return [json.loads(body) for _, body in self.received]

    def wait_for(self, count: int) -> None:
        deadline = time.monotonic() + 20
        while len(self.received) < count:
            assert time.monotonic() < deadline, f"{len(self.received)} of {count} deliveries"
            time.sleep(0.01)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens."""
    kept = Receiver()

    def answer(received: Received) -> Sent:
        kept.received.append(({name.lower(): value for name, value in received.headers.items()}, received.body))
        return Sent(kept.answers.pop(0) if kept.answers else 202)

    with serving(answer) as base_url:
        kept.address = f"{base_url}/hook"
        yield kept


def subscribe(emulator: RunningEmulator, address: str, *events: str) -> int:
    emulator.control("PATCH", "/settings", {"retryPause": 0.01})
    body = {"via": "webhook", "notifications": [*events], "webhook": {"callbackUrl": address}}
    answer = emulator.post(SUBSCRIBE, body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["data"]["id"])


def store(emulator: RunningEmulator, *events: str) -> int:
    """Subscribe over kafka: the deliveries are kept in the emulator."""
    kafka = {"topic": "t", "brokers": ["127.0.0.1:9092"]}
    answer = emulator.post(SUBSCRIBE, {"via": "kafka", "notifications": [*events], "kafka": kafka})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["data"]["id"])


def deliveries(emulator: RunningEmulator, subscription: int) -> list[Any]:
    kept = emulator.control("GET", "/deliveries")["data"]
    return [delivery for delivery in kept if delivery["subscription"] == subscription]


def settled(emulator: RunningEmulator, subscription: int, count: int) -> list[Any]:
    """The deliveries of a subscription once none of them is pending."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        known = deliveries(emulator, subscription)
        if len(known) >= count and all(item["status"] != "pending" for item in known):
            return known
        time.sleep(0.01)
    raise AssertionError(known)
