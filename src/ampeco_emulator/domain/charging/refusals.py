"""Reasons to refuse a start: one condition per function, the first that refuses decides.

Fact: the response to a refused start is 202 with success=false, a message and one of the documented error codes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import Overrides, rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.domain.billing import post_paid
from ampeco_emulator.domain.billing.tariffs import tariff_for, zone_at
from ampeco_emulator.domain.charging import evses, power

_FREE = frozenset({"free", "charging not allowed"})
_USABLE = frozenset({"enabled", "active", "demo"})


@dataclass(frozen=True)
class StartAttempt:
    """An attempt to start a session: where, by whom, and how it is paid."""

    backend: Backend
    charge_point: Record
    evse: Record
    user: Record | None
    body: Mapping[str, Any]

    @property
    def overrides(self) -> Overrides:
        """The overrides in effect."""
        return self.backend.overrides

    @property
    def sessions(self) -> list[Record]:
        """The running sessions."""
        return self.backend.store.running_sessions()


@dataclass(frozen=True)
class Refusal:
    """The error code and the message of a refused start."""

    code: str
    message: str


@rule
def refusal_of(attempt: StartAttempt) -> Refusal | None:
    """The refusal of an attempt; None when it is accepted."""
    for condition in CONDITIONS:
        refusal = condition(attempt)
        if refusal is not None:
            return refusal
    return None


def _as_ordered(attempt: StartAttempt) -> Refusal | None:
    """Refuse with the error code that the control plane has set."""
    code = attempt.evse.state.get("refuseWith")
    return Refusal(str(code), "Refused as set through the control plane.") if code else None


def _charger(attempt: StartAttempt) -> Refusal | None:
    if evses.takes_commands(attempt.backend, attempt.evse):
        return None
    return Refusal(
        "INTERNAL_ISSUE", f"The charge point did not accept: {evses.charger_of(attempt.backend, attempt.evse)}."
    )


@rule
def user_disabled(attempt: StartAttempt) -> Refusal | None:
    """Refuse users who are disabled."""
    is_disabled = attempt.user is not None and attempt.user.fields.get("status") == "disabled"
    return Refusal("USER_IS_DISABLED", "The user is disabled.") if is_disabled else None


@rule
def out_of_service(attempt: StartAttempt) -> Refusal | None:
    """Refuse EVSEs that are disabled or broken."""
    statuses = [str(record.fields.get("status", "enabled")) for record in (attempt.evse, attempt.charge_point)]
    broken = attempt.evse.fields.get("hardwareStatus") in ("faulted", "unavailable")
    if broken or any(status not in _USABLE for status in statuses):
        return Refusal("CHARGING_NOT_ALLOWED", "The EVSE is out of service.")
    return None


def _tariff_forbids(attempt: StartAttempt) -> Refusal | None:
    tariff = tariff_for(attempt.backend, attempt.evse, attempt.user)
    if tariff is not None and tariff.fields.get("type") == "charging not allowed":
        return Refusal("CHARGING_NOT_ALLOWED", "The tariff does not allow charging.")
    return None


@rule
def closed(attempt: StartAttempt) -> Refusal | None:
    """Refuse locations outside their working hours."""
    location = attempt.backend.store.peek("locations", attempt.charge_point.fields.get("locationId"))
    hours = (location.fields.get("workingHours") or {}) if location is not None else {}
    if hours.get("isAlwaysOpen", True) or not hours.get("hours"):
        return None
    open_now = _is_open(
        hours["hours"], attempt.backend.now().astimezone(zone_at(attempt.backend, attempt.charge_point))
    )
    return None if open_now else Refusal("LOCATION_IS_CLOSED", "The location is closed.")


@rule
def private(attempt: StartAttempt) -> Refusal | None:
    """Refuse strangers at charge points that are not public."""
    fields = attempt.charge_point.fields
    kind = fields.get("type") or fields.get("accessType")
    partner, owner = fields.get("partner") or {}, fields.get("user") or {}
    if attempt.user is None or kind not in ("private", "personal"):
        return None
    if kind == "private" and partner.get("accessType") == "private_view_public_use":
        return None
    shared = attempt.backend.store.all("shares", {"charge-points": str(attempt.charge_point.id)})
    allowed = {owner.get("id"), fields.get("ownerUserId"), *(share.fields.get("userId") for share in shared)}
    return None if attempt.user.id in allowed else Refusal("ACCESS_RESTRICTED", "The charge point is not public.")


@rule
def without_plan(attempt: StartAttempt) -> Refusal | None:
    """Refuse users without a plan that the charge point requires."""
    wanted = attempt.charge_point.fields.get("subscription") or {}
    if attempt.user is None or not wanted.get("required"):
        return None
    subscription = attempt.backend.store.peek("subscriptions", attempt.user.fields.get("subscriptionId"))
    if subscription is not None and subscription.fields.get("planId") in (wanted.get("planIds") or ()):
        return None
    return Refusal("SUBSCRIPTION_REQUIRED", "The charge point requires a subscription.")


@rule
def occupying_sessions(attempt: StartAttempt) -> list[Record]:
    """The sessions that run at the EVSE of an attempt."""
    return [session for session in attempt.sessions if session.fields["evseId"] == attempt.evse.id]


@rule
def occupied(attempt: StartAttempt) -> Refusal | None:
    """Refuse EVSEs where a session runs."""
    if occupying_sessions(attempt):
        return Refusal("SESSION_EXISTS", "A session runs at the EVSE.")
    return None


def _circuit_full(attempt: StartAttempt) -> Refusal | None:
    """Refuse a session that would leave those on a circuit less than the minimum."""
    for circuit in power.circuits_of(attempt.backend, attempt.evse):
        share = power.share_of(circuit, len(power.beside(attempt.backend, [circuit])) + 1)
        least = circuit.fields.get("minChargePointCurrent")
        if share is not None and least is not None and share < least:
            return Refusal("CHARGING_NOT_ALLOWED", "The circuit has not enough current for another session.")
    return None


def _second_session(attempt: StartAttempt) -> Refusal | None:
    if attempt.user is None:
        return None
    allowed = (attempt.user.fields.get("options") or {}).get("sessionsAllowed", "single_session")
    runs = any(session.fields["userId"] == attempt.user.id for session in attempt.sessions)
    return (
        Refusal("SESSION_ALREADY_RUNNING", "The user charges already.")
        if runs and allowed == "single_session"
        else None
    )


@rule
def reserved(attempt: StartAttempt) -> Refusal | None:
    """Refuse EVSEs that are reserved or booked for somebody else."""
    for reservation in attempt.backend.store.all("reservations", {"evses": str(attempt.evse.id)}):
        is_other = attempt.user is None or reservation.fields["userId"] != attempt.user.id
        if reservation.fields["status"] == "active" and is_other:
            return Refusal("ACCESS_RESTRICTED", "The EVSE is reserved for another user.")
    for booking in attempt.backend.store.all("bookings", {"evses": str(attempt.evse.id)}):
        is_other = attempt.user is None or booking.fields.get("userId") != attempt.user.id
        if booking.fields["status"] == "reserved" and is_other:
            return Refusal("ACCESS_RESTRICTED", "The EVSE is booked by another user.")
    return None


def _unpaid(attempt: StartAttempt) -> Refusal | None:
    if attempt.user is None:
        return None
    sessions = attempt.backend.store.all("sessions", {"users": str(attempt.user.id)})
    unpaid = any(session.fields.get("paymentStatus") == "failed" for session in sessions)
    return Refusal("PREVIOUS_SESSION_NOT_PAID", "An earlier session is not paid.") if unpaid else None


@rule
def method_unusable(attempt: StartAttempt) -> Refusal | None:
    """Refuse payment methods that are not the user's, or have expired."""
    method = attempt.body.get("paymentMethodId")
    if attempt.user is None or method in (None, "", "balance"):
        return None
    if method == post_paid.SUBSCRIPTION:
        is_accumulated = post_paid.accumulates(attempt.backend, attempt.evse, attempt.user)
        return None if is_accumulated else Refusal("CANNOT_USE_PAYMENT_METHOD", "The user has no plan that pays here.")
    if method.startswith("corporate"):
        return None
    methods = attempt.backend.store.all("payment-methods", {"users": str(attempt.user.id)})
    found = next((item for item in methods if method in (item.fields.get("id"), str(item.id))), None)
    if found is None:
        return Refusal("CANNOT_USE_PAYMENT_METHOD", "The user has no such payment method.")
    now = attempt.backend.now()
    if (found.fields.get("expireYear") or now.year, found.fields.get("expireMonth") or now.month) < (
        now.year,
        now.month,
    ):
        return Refusal("CANNOT_USE_EXPIRED_PAYMENT_METHOD", "The payment method has expired.")
    return None


@rule
def tag_unusable(attempt: StartAttempt) -> Refusal | None:
    """Refuse tags that do not authorize, where the start names no user: only enabled ones of a user do."""
    uid = attempt.body.get("idTag")
    if attempt.user is not None or not uid:
        return None
    tag = next((item for item in attempt.backend.store.all("id-tags") if item.fields.get("idTagUid") == uid), None)
    if tag is None or (tag.fields.get("status") == "enabled" and tag.fields.get("userId") is not None):
        return None
    return Refusal("ACCESS_RESTRICTED", "The id tag does not authorize.")


def _funds(attempt: StartAttempt) -> Refusal | None:
    tariff = tariff_for(attempt.backend, attempt.evse, attempt.user)
    method = attempt.body.get("paymentMethodId") or post_paid.method_of(attempt.backend, attempt.evse, attempt.user)
    pays_from_balance = method in (None, "balance")
    if attempt.user is None or not pays_from_balance or tariff is None or tariff.fields.get("type") in _FREE:
        return None
    has_money = (attempt.user.fields.get("balance") or 0) > 0
    return None if has_money else Refusal("PAYMENT_NO_FUNDS", "The balance of the user is too low.")


CONDITIONS: tuple[Callable[[StartAttempt], Refusal | None], ...] = (
    _as_ordered,
    _charger,
    user_disabled,
    out_of_service,
    _tariff_forbids,
    closed,
    private,
    without_plan,
    occupied,
    _circuit_full,
    _second_session,
    reserved,
    _unpaid,
    method_unusable,
    tag_unusable,
    _funds,
)


def _is_open(hours: Any, now: datetime) -> bool:
    """Whether a time is within opening hours: a list of from/to for each day, by its name or first three letters."""
    if not isinstance(hours, Mapping):
        return True
    name = now.strftime("%A").lower()
    periods = next((hours[key] for key in (name, name[:3]) if key in hours), None)
    if not isinstance(periods, list):
        return periods is None
    time = now.strftime("%H:%M")
    texts = [[str(value)[:5] for value in item.values()][:2] for item in periods if isinstance(item, Mapping)]
    return any(len(item) == 2 and min(item) <= time < max(item) for item in texts)
