"""The events that announce the creation, change or deletion of a record, with their payloads."""

from collections.abc import Callable, Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record

# Facts: the old name of an event; both names are delivered, with the same payload.
OLD_SPELLINGS = {
    "reservation.changed": "ReservationChangedNotification",
    "user.paymentMethod.changed": "PaymentMethodChangedNotification",
    "partnerInvite.changed": "PartnerInviteChangedNotification",
}
Payload = Callable[[Record, str], dict[str, Any]]


def announce_change(backend: Backend, record: Record, action: str) -> None:
    """Announce that a record was created, updated or deleted, where there is an event for it."""
    for event, payload in EVENTS.get(record.resource_type, ()):
        backend.announce(event, {"lastUpdatedAt": record.fields.get("lastUpdatedAt"), **payload(record, action)})


def _by(name: str) -> Payload:
    return lambda record, action: {name: record.id, "action": action}


def _whole(name: str) -> Payload:
    return lambda record, action: {name: record.fields, "action": action}


def _open(record: Record, action: str) -> dict[str, Any]:
    return {**record.fields, "action": action}


def _with(name: str) -> Payload:
    return lambda record, action: {**record.fields, name: record.id, "action": action}


EVENTS: Mapping[str, tuple[tuple[str, Payload], ...]] = {
    "charge-points": (
        ("chargePoint.changed", _by("chargePointId")),
        ("ChargePointChangedNotification", _whole("chargePoint")),
    ),
    "evses": (("evse.changed", _by("evseId")),),
    "circuits": (("circuit.changed", _by("circuitId")),),
    "locations": (("LocationChangedNotification", _whole("location")),),
    "tariffs": (("TariffChangedNotification", _whole("tariff")),),
    "users": (("UserChangedNotification", _whole("user")),),
    "partners": (
        ("partner.changed", _with("partnerId")),
        ("PartnerChangedNotification", _whole("user")),
    ),
    "partner-invites": (("partnerInvite.changed", _with("partnerInviteId")),),
    "id-tags": (("idTag.changed", _by("idTagsId")),),
    "payment-methods": (("user.paymentMethod.changed", _with("paymentMethodId")),),
    "sub-operators": (("SubOperatorChangedNotification", _whole("subOperator")),),
    "subscription-plans": (("subscriptionPlan.changed", _by("subscriptionPlanId")),),
    "roaming-platforms": (("roamingPlatform.changed", _by("roamingPlatformId")),),
    "installer-jobs": (("installerJob.changed", _open),),
}
