"""Who subscribes to events gets them: signed, in order, in the documented form, until the subscription ends.

Business rule: each thing that happens to a session, reservation or charge point is told once to every subscription
that asked for it, and to no other; nothing is told after unsubscribing.
Documented: notifications 2.0 (subscribe, update, unsubscribe), delivery headers X-Signature (HMAC-SHA256 of the body,
key = the token of the subscription) and X-Timestamp, one payload schema per event.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from allure import step

from ampeco_conformance.checks.schemas import Direction
from ampeco_conformance.exchanges import header
from ampeco_conformance.recording import Recorder
from ampeco_conformance.tenants.configuration import Target
from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import Answer, Api
from scenarios.vocabulary.charging import Charging, Session
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.places import Evse, Places
from scenarios.vocabulary.reservations import Reservations
from scenarios.vocabulary.transactions import TRANSACTIONS
from scenarios.vocabulary.webhooks import SILENCE, Delivery, Inbox, payload_schema, receiving

pytestmark = CRITICAL

SUBSCRIPTIONS = "/notifications/v2.0"
SUBSCRIPTION = "/notifications/v2.0/{notification}"
RESEND = "/actions/notifications/v1.0/{notification}/resend"

SESSION_EVENT = "SessionUpdateNotification"


@pytest.fixture
def inbox(target: Target) -> Iterator[Inbox]:
    """A receiver the target can reach, which a tenant elsewhere cannot."""
    if urlsplit(target.base_url or "").hostname not in ("127.0.0.1", "localhost", "::1"):
        pytest.skip("the target cannot reach a receiver on this machine")
    with receiving() as inbox:
        yield inbox


class Subscriptions:
    """Subscriptions of an inbox."""

    def __init__(self, api: Api, record: Recorder, cleanup: Cleanup, target: Target, inbox: Inbox) -> None:
        self.api = api
        self.inbox = inbox
        self._record = record
        self._cleanup = cleanup
        self._token = target.token

    def subscribe(self, event: str, address: str = "first") -> Answer:
        """Ask for an event at an address of the inbox."""
        with step(f"Somebody subscribes to {event}"):
            answer = self.api.post(SUBSCRIPTIONS, self.body(event, address))
            self._cleanup.later("DELETE", SUBSCRIPTION, notification=int(answer["id"]))
        return answer

    def body(self, event: str, address: str) -> dict[str, object]:
        """A subscription to an event at an address of the inbox."""
        return {"via": "webhook", "notifications": [event], "webhook": {"callbackUrl": f"{self.inbox.url}/{address}"}}

    def check_arrives(self, subscription: Answer, event: str, **fields: object) -> Delivery:
        """A delivery of the event with these fields arrives, signed, timed, and in the documented form."""
        told = ", ".join(f"{name} {value}" for name, value in fields.items())

        def is_awaited(delivery: Delivery) -> bool:
            payload = delivery.payload.get("session", delivery.payload) if delivery.event == event else {}
            return delivery.event == event and all(str(payload.get(name)) == str(fields[name]) for name in fields)

        with step(f"{event} arrives with {told}"):
            delivery = self.inbox.wait_for(is_awaited)
            if delivery is None:
                arrived = [(each.event, each.payload) for each in self.inbox.deliveries]
                subscription.violates("event-told", f"no {event} with {told} arrived; arrived: {arrived}")
            self._check_form(subscription, delivery)
        return delivery

    def _check_form(self, subscription: Answer, delivery: Delivery) -> None:
        subscription.require(
            delivery.is_signed_with(self._token),
            "event-signed",
            f"{delivery.event} has a wrong signature",
        )
        timed = header(delivery.headers, "X-Timestamp")
        subscription.require(bool(timed), "event-timed", f"{delivery.event} came without X-Timestamp")
        contract = self._record.contract
        body = payload_schema(self.api.operation("POST", SUBSCRIPTIONS), delivery.event)
        if body is None:
            return
        definition, pointer = contract.schemas.resolve(body, "")
        schema = f"{pointer}/content/{next(iter(definition['content'])).replace('/', '~1')}/schema"
        for violation, _ in contract.schema_violations(schema, delivery.payload, Direction.RESPONSE, "in the payload"):
            subscription.violates("event-schema", f"{delivery.event}: {violation}", actual=delivery.payload)


@pytest.fixture
def subscriptions(api: Api, record: Recorder, cleanup: Cleanup, target: Target, inbox: Inbox) -> Subscriptions:
    """Subscriptions of the inbox."""
    return Subscriptions(api, record, cleanup, target, inbox)


def test_a_session_is_told_step_by_step(
    charging: Charging, evse: Evse, driver: Driver, subscriptions: Subscriptions, inbox: Inbox
) -> None:
    """Every state of a session arrives once, in its order."""
    subscription = subscriptions.subscribe(SESSION_EVENT)
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    charging.stop(session)
    charging.wait_until_finished(session)
    for status in ("active", "finished"):
        subscriptions.check_arrives(subscription, SESSION_EVENT, id=session.id, status=status)
    with step("The states came in their order"):
        order = {"pending": 0, "active": 1, "finished": 2}
        told = [delivery.payload["session"] for delivery in inbox.of(SESSION_EVENT)]
        states = [entry["status"] for entry in told if str(entry["id"]) == session.id]
        ranks = [order.get(state, 3) for state in states]
        subscription.require(ranks == sorted(ranks), "events-in-order", f"told as {states}", actual=states)


def test_a_reservation_is_told(
    places: Places, reservations: Reservations, driver: Driver, subscriptions: Subscriptions, inbox: Inbox
) -> None:
    """A reservation is told when made and when cancelled."""
    evse = places.free_evse(allowing="allowsReservation")
    subscription = subscriptions.subscribe("reservation.changed")
    reservation = reservations.reserve(evse, driver)
    subscriptions.check_arrives(subscription, "reservation.changed", reservationId=reservation.id, status="active")
    with step("The driver cancels"):
        reservations.cancel(reservation)
    reservations.wait_for_status(reservation, "canceled")
    subscriptions.check_arrives(subscription, "reservation.changed", reservationId=reservation.id, status="canceled")
    with step("Nothing arrives that nobody asked for"):
        others = {delivery.event for delivery in inbox.deliveries} - {"reservation.changed"}
        subscription.require(not others, "only-what-was-asked", f"events that were not asked for: {sorted(others)}")


def test_a_payment_is_told(charging: Charging, paid_evse: Evse, driver: Driver, subscriptions: Subscriptions) -> None:
    """The transaction of a paid session is told."""
    subscription = subscriptions.subscribe("transaction.changed")
    paid = charging.charge_and_pay(paid_evse, driver)
    found = charging.api.listing(TRANSACTIONS, filter={"sessionId": paid["id"]})
    for transaction in found:
        subscriptions.check_arrives(subscription, "transaction.changed", transactionId=transaction["id"])


def test_a_subscription_is_changed_and_ended(
    api: Api, charging: Charging, evse: Evse, driver: Driver, subscriptions: Subscriptions, inbox: Inbox
) -> None:
    """After a change only the new events arrive, after unsubscribing none."""
    subscription = subscriptions.subscribe("reservation.changed")
    number = int(subscription["id"])
    with step("It is changed to session events"):
        api.put(SUBSCRIPTION, subscriptions.body(SESSION_EVENT, "first"), notification=number)
        read = api.get(SUBSCRIPTION, notification=number)
        read.require_equal(read["notifications"], [SESSION_EVENT], "subscription-changed", "notifications")
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    subscriptions.check_arrives(subscription, SESSION_EVENT, id=session.id, status="active")
    other = subscriptions.subscribe(SESSION_EVENT, "second")
    with step("The first subscription is ended, a second one stays"):
        api.delete(SUBSCRIPTION, notification=number)
        api.call("GET", SUBSCRIPTION, expected=(404,), notification=number)
    charging.stop(session)
    charging.wait_until_finished(session)
    subscriptions.check_arrives(other, SESSION_EVENT, id=session.id, status="finished")
    with step("The end of the session arrived for the second subscription only"):
        late = inbox.wait_for(lambda each: each.address == "first" and is_told_as_finished(each, session), SILENCE)
        subscription.require(late is None, "silent-after-end", "an event arrived after the subscription ended")


def is_told_as_finished(delivery: Delivery, session: Session) -> bool:
    """Whether a delivery tells that the session has finished."""
    told = delivery.payload.get("session", {})
    return str(told.get("id")) == session.id and told.get("status") == "finished"


def test_a_resend_is_accepted_once_in_a_while(api: Api, subscriptions: Subscriptions) -> None:
    """Failed deliveries can be sent again, at most once in fifteen minutes."""
    subscription = subscriptions.subscribe(SESSION_EVENT)
    ids = {"notification": int(subscription["id"])}
    with step("A resend is asked for twice"):
        api.post(RESEND, {"notifications": [SESSION_EVENT]}, expected=(202, 409), **ids)
        api.post(RESEND, {"notifications": [SESSION_EVENT]}, expected=(409,), **ids)
