"""Deliveries of events to subscriptions: signed, in order for each subscription, retried when they fail.

In strict mode an event that breaks the documented payload is not delivered: it is logged and has the status broken.

Facts: headers X-Signature (HMAC-SHA256 of the body, key = the token that subscribed), X-Timestamp, X-Tenant,
X-Webhook-Id, X-Webhook-Type; every payload has `notification`. Deliveries wait in queues, so the API never waits.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import logging
import ssl
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import orjson

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.changes import OLD_SPELLINGS
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import parse_timestamp
from ampeco_emulator.openapi.schemas import SchemaObject
from ampeco_emulator.settings import EmulatorSettings

TENANT = "emulator"
#: Where a subscription keeps which token made it.
SUBSCRIBED_WITH = "subscribed with"
_ATTEMPTS = 5
_TIMEOUT = 5.0
# The latest deliveries that are kept; those that may wait for one subscription.
_KEPT, _MOST_WAITING = 1000, 1000
_LOG = logging.getLogger(__name__)


@dataclass
class WebhookDelivery:
    """One event on its way to a subscription.

    `status` is pending, delivered, failed, stored (kafka) or broken; `violation` describes what is broken.
    """

    id: int
    subscription: int
    event: str
    payload: dict[str, Any]
    created_at: str
    status: str = "pending"
    attempts: int = 0
    resent: bool = False
    violation: str | None = None


class Webhooks:
    """Delivers the events of a backend to its subscriptions."""

    def __init__(self, backend: Backend, settings: EmulatorSettings, token: str) -> None:
        self._backend = backend
        self._settings = settings
        self._token = token
        self._queues: dict[int, deque[WebhookDelivery]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0
        self.deliveries: deque[WebhookDelivery] = deque(maxlen=_KEPT)

    def on_event(self, event: str, payload: dict[str, Any]) -> None:
        """Deliver an event to every subscription to it, or to its old name."""
        for name in filter(None, (event, OLD_SPELLINGS.get(event))):
            subscriptions = subscribers(self._backend, name)
            if subscriptions:
                self._send(name, payload, subscriptions)

    def resend(self, subscription: int, events: list[str], start: datetime | None, end: datetime | None) -> None:
        """Resend the failed deliveries of a subscription, each at most once."""
        for delivery in self.deliveries:
            at = parse_timestamp(delivery.created_at)
            in_time = (start is None or start <= at) and (end is None or at <= end)
            is_meant = delivery.subscription == subscription and delivery.event in events
            if delivery.status == "failed" and not delivery.resent and is_meant and in_time:
                delivery.status, delivery.resent, delivery.attempts = "pending", True, 0
                self._enqueue(delivery)

    def _send(self, event: str, payload: dict[str, Any], subscriptions: list[Record]) -> None:
        content = self._shaped(event, {**payload, "notification": event})
        violation = self._violation(event, payload, content) if self._settings.strict else None
        if violation is not None:
            _LOG.error("%s: %s", event, violation)
        content = delivered_content(self._backend, content)
        for subscription in subscriptions:
            self._count += 1
            now = self._backend.now().isoformat()
            delivery = WebhookDelivery(self._count, subscription.id, event, content, now, violation=violation)
            self.deliveries.append(delivery)
            if violation is not None:
                delivery.status = "broken"
            elif subscription.fields.get("via") == "kafka":
                delivery.status = "stored"
            else:
                self._enqueue(delivery)

    def _violation(self, event: str, payload: dict[str, Any], content: dict[str, Any]) -> str | None:
        """How an event breaks its documented payload, or which required field is not set; None if valid."""
        schema = self.payload_schema(event)
        if schema is None:
            return None
        book = self._backend.router.book
        plain = book.deref(schema)
        # A property can be required without being described.
        required = set(plain.get("required", ())) & plain.get("properties", {}).keys()
        missing = sorted(required - payload.keys() - {"notification"})
        if missing:
            return f"the emulator sets no {missing[0]}"
        error = next(iter(book.validator(schema, incoming=False).iter_errors(content)), None)
        return None if error is None else f"{error.instance_path}: {error.message[:300]}"

    def dump(self) -> list[dict[str, Any]]:
        """The latest deliveries as JSON."""
        return [asdict(delivery) for delivery in self.deliveries]

    def _enqueue(self, delivery: WebhookDelivery) -> None:
        queue = self._queues.get(delivery.subscription)
        if queue is not None and len(queue) >= _MOST_WAITING:
            # It can be resent, like any failed delivery.
            delivery.status = "failed"
            return
        if queue is not None:
            queue.append(delivery)
            return
        self._queues[delivery.subscription] = deque([delivery])
        self._run(self._deliver_all(delivery.subscription))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_all(self, subscription: int) -> None:
        # Imported on first use: it would double the time to start.
        import httpx

        queue = self._queues[subscription]
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, verify=_tls_context()) as client:
            while queue:
                delivery = queue.popleft()
                if seconds := held_back(self._backend, delivery):
                    self._run(self._deliver_later(delivery, seconds))
                else:
                    await self._deliver(client, delivery)
        del self._queues[subscription]

    async def _deliver_later(self, delivery: WebhookDelivery, seconds: float) -> None:
        import httpx

        await asyncio.sleep(seconds)
        async with httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False, verify=_tls_context()) as client:
            await self._deliver(client, delivery)

    async def _deliver(self, client: Any, delivery: WebhookDelivery) -> None:
        body = orjson.dumps(delivery.payload)
        pause = self._settings.retry_pause
        while True:
            record = self._backend.store.peek("notifications", delivery.subscription)
            url = callback_url(record.fields) if record is not None else None
            if record is None or url is None or not (self._settings.deliver_anywhere or _leads_to_loopback(url)):
                delivery.status = "failed"
                return
            delivery.attempts += 1
            if await _is_accepted(client, url, body, self._headers(delivery, record, body)):
                delivery.status = "delivered"
                return
            if delivery.attempts >= _ATTEMPTS:
                delivery.status = "failed"
                return
            await asyncio.sleep(pause)
            pause *= 2

    def _headers(self, delivery: WebhookDelivery, subscription: Record, body: bytes) -> dict[str, str]:
        return {
            **signature_headers(self._backend, self._token_of(subscription), body),
            "Content-Type": "application/json",
            "X-Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "X-Tenant": TENANT,
            "X-Webhook-Id": str(delivery.subscription),
            "X-Webhook-Type": delivery.event,
        }

    def _token_of(self, subscription: Record) -> str:
        """The token that made a subscription; the first one for those that no known token made."""
        known = subscription.state.get(SUBSCRIBED_WITH)
        return next((token for token in self._settings.tokens if fingerprint(token) == known), self._token)

    def _shaped(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        schema = self.payload_schema(event)
        shaped = self._backend.values.shape(schema, payload) if schema is not None else payload
        return shaped if isinstance(shaped, dict) else payload

    def payload_schema(self, event: str) -> SchemaObject | None:
        """The documented schema of an event's payload; None when this version documents none."""
        router = self._backend.router
        for path in ("/public-api/notifications/v2.0", "/public-api/notifications/v1.0"):
            endpoint = router.get("POST", path)
            callback = endpoint.operation.definition.get("callbacks", {}).get(event) if endpoint is not None else None
            if callback:
                items = router.book.deref(callback).items()
                item = next(router.book.deref(item) for name, item in items if not name.startswith("x-"))
                body = router.book.deref(item.get("post", {}).get("requestBody", {}))
                return next((content.get("schema") for content in body.get("content", {}).values()), None)
        return None


@rule
def subscribers(backend: Backend, event: str) -> list[Record]:
    """The subscriptions to an event."""
    subscriptions = backend.store.all("notifications")
    return [item for item in subscriptions if event in (item.fields.get("notifications") or ())]


@rule
def held_back(_backend: Backend, _delivery: WebhookDelivery) -> float:
    """The seconds for which a delivery waits, while others of its subscription pass it."""
    return 0


@rule
def delivered_content(_backend: Backend, content: dict[str, Any]) -> dict[str, Any]:
    """The payload of an event in the form in which it is delivered."""
    return content


@rule
def signature_headers(_backend: Backend, token: str, body: bytes) -> dict[str, str]:
    """The signature of a delivery: the HMAC-SHA256 of its body."""
    return {"X-Signature": hmac.new(token.encode(), body, hashlib.sha256).hexdigest()}


def fingerprint(token: str) -> str:
    """What a saved state keeps of a token: it names the token and does not reveal it."""
    return hashlib.sha256(token.encode()).hexdigest()


def callback_url(subscription: Mapping[str, Any]) -> str | None:
    """The callback URL of a subscription."""
    return subscription.get("callbackUrl") or (subscription.get("webhook") or {}).get("callbackUrl")


def _leads_to_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def _tls_context() -> ssl.SSLContext:
    """The default context, for all deliveries: loading the certificate authorities takes longer than a delivery."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


async def _is_accepted(client: Any, url: str, body: bytes, headers: dict[str, str]) -> bool:
    import httpx

    try:
        response = await client.post(url, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        return False
    return bool(response.is_success)
