"""Defects of webhooks: what is delivered, to whom, and how it is signed."""

from collections.abc import Callable
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import Override, always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.charging import reservations, session_events
from ampeco_emulator.domain.integrations import webhooks
from ampeco_emulator.faults.model import Defect


def _without_name(
    deliver: Callable[[Backend, dict[str, Any]], dict[str, Any]], backend: Backend, content: dict[str, Any]
) -> dict[str, Any]:
    return {name: value for name, value in deliver(backend, content).items() if name != "notification"}


def _updated(
    deliver: Callable[[Backend, dict[str, Any]], dict[str, Any]], backend: Backend, content: dict[str, Any]
) -> dict[str, Any]:
    content = deliver(backend, content)
    return {**content, "action": "updated"} if content.get("action") in ("created", "deleted") else content


def _unless_it_ended(announce: Callable[[Backend, Record], None], backend: Backend, reservation: Record) -> None:
    if reservation.fields["status"] in ("active", "canceled"):
        announce(backend, reservation)


_Content = dict[str, Any]
_LONG_AGO = "2024-01-01T00:00:00Z"


def _content_with(change: Callable[[_Content], _Content]) -> Override:
    """Deliver other payloads than what happened."""

    def corrupt(deliver: Callable[[Backend, _Content], _Content], backend: Backend, content: _Content) -> _Content:
        content = deliver(backend, content)
        return {**content, **change(content)}

    return override(webhooks.delivered_content, corrupt)


def _another_session(content: _Content) -> _Content:
    session = content.get("session")
    return {"session": {**session, "energy": session["energy"] + 1000, "userId": 1}} if session else {}


def _another_stop(content: _Content) -> _Content:
    return {"meterStop": 1, "idTag": "ANOTHERTAG"} if "meterStop" in content and content["action"] == "stop" else {}


def _another_unit(content: _Content) -> _Content:
    values = content.get("meterValues")
    if not values:
        return {}
    return {
        "meterValues": [
            {**value, "value": value["value"] / 1000, "unit": "Celsius"}
            if value["measurand"] == "Energy Consumed"
            else value
            for value in values
        ]
    }


def _another_balance(content: _Content) -> _Content:
    return {"currency": "DKK", "debit": 77, "type": "voucher"} if "updatedBalance" in content else {}


def _unless_pending(announce: Callable[[Backend, Record], None], backend: Backend, session: Record) -> None:
    if session.fields["status"] != "pending":
        announce(backend, session)


CONTENTS = (
    Defect(
        "event-twice",
        "webhooks",
        "every event is delivered twice",
        override(webhooks.subscribers, lambda find, backend, event: find(backend, event) * 2),
    ),
    Defect(
        "pending-untold",
        "webhooks",
        "that a session is pending is not delivered",
        override(session_events.announce_session, _unless_pending),
    ),
    Defect(
        "session-told-otherwise",
        "webhooks",
        "sessions are delivered with another energy and user",
        _content_with(_another_session),
    ),
    Defect(
        "stop-told-otherwise",
        "webhooks",
        "stops are delivered with another meter value and tag",
        _content_with(_another_stop),
    ),
    Defect("meter-in-celsius", "webhooks", "energy is delivered in kWh, as Celsius", _content_with(_another_unit)),
    Defect(
        "told-of-long-ago",
        "webhooks",
        "events are delivered with the time of a change years ago",
        _content_with(lambda content: {"lastUpdatedAt": _LONG_AGO} if "lastUpdatedAt" in content else {}),
    ),
    Defect(
        "balance-told-otherwise",
        "webhooks",
        "changes of a balance are delivered with another currency, debit and type",
        _content_with(_another_balance),
    ),
)
WEBHOOKS = (
    Defect(
        "webhook-wrong-action",
        "webhooks",
        "creations and deletions are delivered as updates",
        override(webhooks.delivered_content, _updated),
    ),
    Defect("unsigned-webhook", "webhooks", "deliveries lack their signature", always(webhooks.signature_headers, {})),
    Defect(
        "wrong-signature",
        "webhooks",
        "deliveries are signed with another key",
        override(webhooks.signature_headers, lambda sign, backend, _token, body: sign(backend, "", body)),
    ),
    Defect(
        "reservation-end-untold",
        "webhooks",
        "a reservation that is used or expires is not announced",
        override(reservations.announce, _unless_it_ended),
    ),
    Defect("lost-webhook", "webhooks", "nothing is delivered", always(webhooks.subscribers, [])),
    Defect(
        "webhook-without-name",
        "webhooks",
        "payloads lack the name of the event",
        override(webhooks.delivered_content, _without_name),
    ),
    Defect(
        "unasked-webhook",
        "webhooks",
        "events without a subscription are delivered",
        override(webhooks.subscribers, lambda _find, backend, _event: backend.store.all("notifications")),
    ),
)
