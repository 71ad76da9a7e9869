"""Defects of webhooks: what is delivered, to whom, and how it is signed."""

from collections.abc import Callable
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.charging import reservations
from ampeco_emulator.domain.integrations import webhooks
from ampeco_emulator.faults.model import Defect, always, override


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
