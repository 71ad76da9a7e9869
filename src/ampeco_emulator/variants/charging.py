"""Variants of charging: when sessions begin and end, what EVSEs show meanwhile, reservations, bookings, refusals."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend, shown_fields
from ampeco_emulator.backend.rules import always, override
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.charging import bookings, evses, refusals, reservations, sessions
from ampeco_emulator.domain.charging.refusals import Refusal, StartAttempt
from ampeco_emulator.openapi.endpoints import Endpoint
from ampeco_emulator.openapi.validation import Incoming
from ampeco_emulator.variants.model import EmulatorVariant

_Slots = list[tuple[datetime, datetime]]
_AN_HOUR = timedelta(hours=1)
#: How long a status takes to show.
_LAG = timedelta(seconds=10)

#: Other documented codes that fit the same causes.
_OTHER_CODES = {
    "CHARGING_NOT_ALLOWED": "ACCESS_RESTRICTED",
    "SESSION_ALREADY_RUNNING": "SESSION_EXISTS",
    "SESSION_EXISTS": "CHARGING_NOT_ALLOWED",
    "ACCESS_RESTRICTED": "CHARGING_NOT_ALLOWED",
    "PAYMENT_NO_FUNDS": "CANNOT_USE_PAYMENT_METHOD",
    "USER_IS_DISABLED": "ACCESS_RESTRICTED",
    "PREVIOUS_SESSION_NOT_PAID": "PAYMENT_NO_FUNDS",
    "LOCATION_IS_CLOSED": "CHARGING_NOT_ALLOWED",
    "SUBSCRIPTION_REQUIRED": "ACCESS_RESTRICTED",
    "CANNOT_USE_PAYMENT_METHOD": "PAYMENT_NO_FUNDS",
}


def _shown_late(
    show: Callable[[Backend, Endpoint, Record, Incoming | None], dict[str, Any]],
    backend: Backend,
    endpoint: Endpoint,
    record: Record,
    incoming: Incoming | None,
) -> dict[str, Any]:
    """Show the hardware status that an EVSE had some seconds ago, and the present one once it has lasted."""
    fields = show(backend, endpoint, record, incoming)
    if record.resource_type != "evses":
        return fields
    logged = backend.store.all("hardware-status-logs", {"evses": str(record.id)})
    before = format_timestamp(backend.now() - _LAG)
    since = [str(log.fields["timestamp"]) for log in logged[-1:]]
    known = [log for log in logged if str(log.fields["timestamp"]) <= before]
    if not since or since[0] <= before:
        return fields
    return {**fields, "hardwareStatus": known[-1].fields["hardwareStatus"] if known else "available"}


def _other_code(decide: Callable[[StartAttempt], Refusal | None], attempt: StartAttempt) -> Refusal | None:
    refusal = decide(attempt)
    is_ordered = attempt.evse.state.get("refuseWith") is not None
    return (
        refusal
        if refusal is None or is_ordered
        else replace(refusal, code=_OTHER_CODES.get(refusal.code, refusal.code))
    )


def _hourly_slots(
    decide: Callable[[Backend, Record, datetime, datetime], _Slots],
    backend: Backend,
    evse: Record,
    start: datetime,
    end: datetime,
) -> _Slots:
    """The free hours that begin on the full hour, from three hours on."""
    begin = max(start, backend.now() + 3 * _AN_HOUR).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    slots = []
    while begin + _AN_HOUR <= end:
        is_open = (begin, begin + _AN_HOUR) in decide(backend, evse, begin, begin + _AN_HOUR)
        if begin >= start and begin >= backend.now() + 2 * _AN_HOUR and is_open:
            slots.append((begin, begin + _AN_HOUR))
        begin += _AN_HOUR
    return slots


def _in_a_slot(
    decide: Callable[[Backend, Record, datetime, datetime, Record | None], bool],
    backend: Backend,
    evse: Record,
    start: datetime,
    end: datetime,
    but: Record | None,
) -> bool:
    is_slot = start.minute == start.second == 0 and end - start == _AN_HOUR
    return is_slot and start >= backend.now() + 2 * _AN_HOUR and decide(backend, evse, start, end, but)


def _undecided(_decide: Callable[[Backend, Record], None], backend: Backend, request: Record) -> None:
    backend.change(request, {"status": "pending"})


CHARGING = (
    EmulatorVariant(
        "nobody-plugs-in",
        "charging",
        "sessions expire after a minute, because no car is connected",
        (always(sessions.begins_after, 60), always(sessions.failure_at, ("expired", "no_ev_connected"))),
    ),
    EmulatorVariant(
        "slow-charge-points", "charging", "charging begins after a minute", (always(sessions.begins_after, 60),)
    ),
    EmulatorVariant(
        "stops-late", "charging", "a session ends 30 s after its stop", (always(sessions.stops_after, 30),)
    ),
    EmulatorVariant(
        "car-stays", "charging", "the car stays plugged in for half an hour", (always(evses.unplugged_after, 1800),)
    ),
    EmulatorVariant(
        "status-lag",
        "charging",
        "the hardware status of EVSEs shows after 10 s",
        (override(shown_fields, _shown_late),),
    ),
    EmulatorVariant(
        "short-reservations", "charging", "reservations last 5 minutes", (always(reservations.duration, 5),)
    ),
    EmulatorVariant(
        "long-reservations", "charging", "reservations last 4 hours", (always(reservations.duration, 240),)
    ),
    EmulatorVariant(
        "hourly-bookings",
        "charging",
        "bookings are for whole hours, from two hours on: those that the location offers",
        (override(bookings.free_slots, _hourly_slots), override(bookings.is_free, _in_a_slot)),
    ),
    EmulatorVariant(
        "bookings-by-hand", "charging", "a person decides about bookings", (override(bookings.decide, _undecided),)
    ),
)


def _for_new_users(code: str, message: str) -> Callable[..., Refusal | None]:
    def refuse(decide: Callable[[StartAttempt], Refusal | None], attempt: StartAttempt) -> Refusal | None:
        is_new = attempt.user is not None and attempt.user.id > _SEEDED_USERS
        return Refusal(code, message) if is_new else decide(attempt)

    return refuse


def _refused_later(decide: Callable[[StartAttempt], Refusal | None], attempt: StartAttempt) -> Refusal | None:
    """Accept what the charge point will not take: the session then fails."""
    refusal = decide(attempt)
    is_of_charger = refusal is not None and refusal.code == "INTERNAL_ISSUE"
    return None if is_of_charger and attempt.evse.state.get("refuseWith") is None else refusal


#: Users that the seed may have made.
_SEEDED_USERS = 25

STARTS = (
    EmulatorVariant(
        "other-codes", "charging", "refusals have other codes", (override(refusals.refusal_of, _other_code),)
    ),
    EmulatorVariant(
        "refused-later",
        "charging",
        "a start that the charge point does not take is accepted, and its session fails",
        (override(refusals.refusal_of, _refused_later),),
    ),
    EmulatorVariant(
        "terms-first",
        "charging",
        "new users must accept the terms before they charge",
        (override(refusals.refusal_of, _for_new_users("TERMS_NOT_ACCEPTED", "Accept the terms first.")),),
    ),
)
