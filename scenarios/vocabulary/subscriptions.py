"""Subscriptions to events, and what must be true of each delivery."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from allure import step

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.core.exchanges import header
from ampeco_conformance.emulator_client.clock import RealClock
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.webhooks import Inbox, ReceivedEvent, payload_schema

SUBSCRIPTIONS = "/notifications/v2.0"
SUBSCRIPTION = "/notifications/v2.0/{notification}"
OLD = "/notifications/v1.0"

#: How long an event may have been under way.
AN_HOUR = timedelta(hours=1)


def number_of(subscription: ScenarioResponse) -> int:
    """The id of a subscription; version 1.0 calls it webhookId."""
    return int(subscription.get("id") or subscription["webhookId"])


class Subscriptions:
    """Subscriptions of an inbox; events are timed by the `sender`, also by an emulator whose own clock is virtual."""

    def __init__(
        self, api: ScenarioApi, record: Recorder, cleanup: Cleanup, client: ApiClient, inbox: Inbox, sender: RealClock
    ) -> None:
        self.api = api
        self.inbox = inbox
        self._record = record
        self._cleanup = cleanup
        self._client = client
        self._tokens: set[str] = set()
        self._sender = sender
        self._begun = sender.moment()

    def subscribe(self, *events: str, address: str = "first", version: str = SUBSCRIPTIONS) -> ScenarioResponse:
        """Ask for events at an address of the inbox, in the form of a version."""
        with step(f"A client subscribes to {', '.join(events)}"):
            answer = self.api.post(version, self.body(*events, address=address, version=version))
            self._tokens.add(self._client.token)
            self._cleanup.later("DELETE", f"{version}/{{notification}}", notification=number_of(answer))
        return answer

    def body(self, *events: str, address: str = "first", version: str = SUBSCRIPTIONS) -> dict[str, object]:
        """A subscription to events at an address of the inbox."""
        url = f"{self.inbox.url}/{address}"
        channel = {"callbackUrl": url} if version == OLD else {"via": "webhook", "webhook": {"callbackUrl": url}}
        return {"notifications": list(events), **channel}

    def check_arrives(self, subscription: ScenarioResponse, event: str, **fields: object) -> ReceivedEvent:
        """A delivery of the event with these fields arrives, signed, timed, and in the documented form.

        Fields are those of the payload or of its session; others that are nested are named with a dot.
        """
        expected = ", ".join(f"{name} {value}" for name, value in fields.items())

        def is_awaited(delivery: ReceivedEvent) -> bool:
            payload = delivery.payload.get("session", delivery.payload) if delivery.event == event else {}
            return delivery.event == event and all(str(_at(payload, name)) == str(fields[name]) for name in fields)

        with step(f"{event} arrives with {expected}"):
            delivery = self.inbox.wait_for(is_awaited)
            if delivery is None:
                subscription.violates("event-told", f"no {event} with {expected} arrived; {arrived(self.inbox)}")
            self.check_form(subscription, delivery)
        return delivery

    def check_once(self, subscription: ScenarioResponse) -> None:
        """What was delivered and accepted did not come again."""
        with step("Every event arrived once"):
            came = Counter((delivery.address, delivery.event, delivery.body) for delivery in self.inbox.deliveries)
            twice = sorted({event for (_, event, _), times in came.items() if times > 1})
            subscription.require(not twice, "event-once", f"the same event arrived again: {', '.join(twice)}")

    def _is_present(self, moment: datetime) -> bool:
        """Whether a moment is the present one by the clock of the target or, where that one goes wrong, by ours."""
        return any(abs(now - moment) < AN_HOUR for now in (self._sender.moment(), datetime.now(UTC)))

    def check_form(self, subscription: ScenarioResponse, delivery: ReceivedEvent) -> None:
        """A delivery is signed, timed, named, and in the documented form."""
        subscription.require(
            any(delivery.is_signed_with(token) for token in self._tokens),
            "event-signed",
            f"{delivery.event} has a wrong signature",
        )
        timed = header(delivery.headers, "X-Timestamp")
        subscription.require(bool(timed), "event-timed", f"{delivery.event} came without X-Timestamp")
        subscription.require(
            self._is_present(datetime.fromisoformat(str(timed))),
            "event-timed",
            f"{delivery.event} came with the X-Timestamp {timed}, which is not the present time",
        )
        tenant = header(delivery.headers, "X-Tenant")
        subscription.require(bool(tenant), "event-tenant", f"{delivery.event} came without X-Tenant")
        kind = header(delivery.headers, "X-Webhook-Type")
        subscription.require(kind in (None, delivery.event), "event-named", f"{delivery.event} came as {kind}")
        contract = self._record.contract
        schema = payload_schema(contract.schemas, self.api.operation("POST", SUBSCRIPTIONS), delivery.event)
        if schema is None:
            return
        for error in contract.schema_errors(schema, delivery.payload, Direction.RESPONSE):
            message = f"{delivery.event}: {error.message} in the payload"
            subscription.violates("event-schema", message, expected=error.expected, actual=delivery.payload)
        # What has changed a moment ago says so; other events may be about records that stay as they are.
        is_change = delivery.payload.get("action") in ("created", "updated")
        changed = delivery.payload.get("lastUpdatedAt") if is_change else None
        subscription.require(
            changed is None or datetime.fromisoformat(str(changed)) >= self._begun - AN_HOUR,
            "event-moment",
            f"{delivery.event} is about a change at {changed}, before the subscription",
        )


def arrived(inbox: Inbox) -> str:
    """What was delivered, as the end of a sentence."""
    return "; ".join(f"{one.event} arrived: {one.payload}" for one in inbox.deliveries) or "nothing arrived"


def _at(payload: Any, name: str) -> Any:
    """A field of a payload, a nested one with a dot; None without it."""
    for part in name.split("."):
        payload = payload.get(part) if isinstance(payload, dict) else None
    return payload
