"""Bookings: created by a request, reserved at their time, then completed, cancelled or missed (no-show)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError, ScheduledStep
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp, parse_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler
from ampeco_emulator.domain.charging import evses

LIVE = frozenset({"accepted", "reserved"})
_LONGEST_WINDOW = timedelta(days=7)
_AVAILABILITY = "POST /public-api/actions/locations/v2.0/{location}/check-booking-availability"


@rule
def decide(backend: Backend, request: Record) -> None:
    """Approve a request at once, or reject it when it cannot be fulfilled."""
    problem = _DECISIONS[str(request.fields["type"])](backend, request)
    decision = {"status": "rejected", "rejectionReason": problem} if problem else {"status": "approved"}
    backend.change(request, decision)


def can_be_used(backend: Backend, booking_id: Any) -> bool:
    """Whether a start may use this booking."""
    booking = backend.store.find("bookings", str(booking_id))
    return booking is not None and booking.fields["status"] in LIVE


def use(backend: Backend, booking_id: Any, session: Record) -> None:
    """Complete a booking that a start used."""
    booking = backend.store.find("bookings", str(booking_id)) if booking_id is not None else None
    if booking is not None:
        backend.change(booking, {"status": "completed", "sessionId": session.id})


@rule
def free_slots(backend: Backend, evse: Record, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The free slots of an EVSE in a window of time."""
    slots = []
    for begin, finish in sorted(_times(booking) for booking in _live(backend, evse)):
        if finish > start and begin < end:
            if begin > start:
                slots.append((start, begin))
            start = max(start, finish)
    return [*slots, (start, end)] if start < end else slots


def check_availability(call: EndpointCall) -> EmulatorResponse:
    """The free times of every bookable EVSE of a location, in a window of at most seven days."""
    backend = call.backend
    location = backend.named("location", call.incoming.path_values["location"])
    start, end = parse_timestamp(call.body["startAfter"]), parse_timestamp(call.body["endBefore"])
    if end <= start or end - start > _LONGEST_WINDOW:
        message = "The window must end after it starts and be at most seven days long."
        raise RefusedError(422, message, {"endBefore": [message]})
    data = [
        {
            "evseId": evse.id,
            "availableSlots": [
                {"startAt": format_timestamp(begin), "endAt": format_timestamp(finish)}
                for begin, finish in free_slots(backend, evse, start, end)
            ],
        }
        for evse in _bookable(backend, location.id)
    ]
    return EmulatorResponse(200, {"data": data})


def _create(backend: Backend, request: Record) -> str | None:
    fields = request.fields
    start, end = parse_timestamp(fields["startAt"]), parse_timestamp(fields["endAt"])
    if end <= start or start < backend.now() - timedelta(minutes=1):
        return "The booking must lie in the future and end after it starts."
    wanted = fields.get("evseId")
    criteria = fields.get("evseCriteria") or {}
    candidates = [
        evse
        for evse in _bookable(backend, fields["locationId"])
        if (evse.id == wanted if wanted is not None else meets_criteria(backend, evse, criteria))
    ]
    evse = next((item for item in candidates if is_free(backend, item, start, end, None)), None)
    if evse is None:
        return "No EVSE is free at that time."
    booking = backend.add(
        "bookings",
        {
            "userId": fields["userId"],
            "locationId": fields["locationId"],
            "startAt": fields["startAt"],
            "endAt": fields["endAt"],
            "status": "accepted",
            "bookedEvses": [{"id": evse.id, "evseId": evse.id}],
        },
    )
    backend.store.attach(booking, "evses", str(evse.id))
    fields["bookingId"] = booking.id
    _plan(backend, booking)
    return None


def _update(backend: Backend, request: Record) -> str | None:
    booking = backend.store.find("bookings", str(request.fields.get("bookingId")))
    if booking is None or booking.fields["status"] not in LIVE:
        return "The booking cannot be changed."
    changes = {name: request.fields[name] for name in ("startAt", "endAt", "userId") if request.fields.get(name)}
    start, end = (parse_timestamp({**booking.fields, **changes}[name]) for name in ("startAt", "endAt"))
    evse = backend.store.find("evses", booking.parents.get("evses", ""))
    if end <= start or (evse is not None and not is_free(backend, evse, start, end, booking)):
        return "The EVSE is not free at that time."
    backend.change(booking, changes)
    _plan(backend, booking)
    return None


def _cancel(backend: Backend, request: Record) -> str | None:
    booking = backend.store.find("bookings", str(request.fields.get("bookingId")))
    if booking is None or booking.fields["status"] not in LIVE:
        return "The booking cannot be cancelled."
    _end(backend, booking, "cancelled", backend.now())
    return None


_DECISIONS = {"create": _create, "update": _update, "cancel": _cancel}


def _plan(backend: Backend, booking: Record) -> None:
    start, end = _times(booking)
    backend.schedule.add(start, "booking.begin", "bookings", booking.id)
    backend.schedule.add(end, "booking.end", "bookings", booking.id)


def _begin(backend: Backend, booking: Record, at: datetime) -> None:
    """Reserve the EVSE at the time of a booking; a booking fails when that is impossible."""
    if booking.fields["status"] != "accepted" or _times(booking)[0] > at:
        return
    evse = backend.store.find("evses", booking.parents.get("evses", ""))
    if evse is None or not evses.takes_commands(backend, evse):
        backend.change(booking, {"status": "failed"})
        return
    backend.change(booking, {"status": "reserved"})
    if evse.fields.get("hardwareStatus") == "available":
        evses.show(backend, evse, "reserved", at)


@rule
def end_unused(backend: Backend, booking: Record, at: datetime) -> None:
    """End a booking that nobody used by its end."""
    if booking.fields["status"] in LIVE and _times(booking)[1] <= at:
        _end(backend, booking, "no-show", at)


def _end(backend: Backend, booking: Record, status: str, at: datetime) -> None:
    backend.change(booking, {"status": status})
    evse = backend.store.find("evses", booking.parents.get("evses", ""))
    if evse is not None and evse.fields.get("hardwareStatus") == "reserved":
        evses.show(backend, evse, evses.resting_status(evse), at)


@rule
def meets_criteria(backend: Backend, evse: Record, criteria: Mapping[str, Any]) -> bool:
    """Whether an EVSE has the current, the connector and the power in kW that a request asks for."""
    power = float((evse.fields.get("powerOptions") or {}).get("maxPower") or 0) / 1000
    types = {connector.fields.get("type") for connector in backend.store.all("connectors", {"evses": str(evse.id)})}
    return (
        criteria.get("currentType") in (None, evse.fields.get("currentType"))
        and (criteria.get("connectorType") is None or criteria["connectorType"] in types)
        and float(criteria.get("minPower") or 0) <= power
        and (criteria.get("maxPower") is None or power <= float(criteria["maxPower"]))
    )


@rule
def is_free(backend: Backend, evse: Record, start: datetime, end: datetime, but: Record | None) -> bool:
    """Whether an EVSE has no booking between two moments, other than `but`."""
    others = (booking for booking in _live(backend, evse) if booking is not but)
    return all(finish <= start or begin >= end for begin, finish in map(_times, others))


def _live(backend: Backend, evse: Record) -> list[Record]:
    return [item for item in backend.store.all("bookings", {"evses": str(evse.id)}) if item.fields["status"] in LIVE]


def _times(booking: Record) -> tuple[datetime, datetime]:
    return parse_timestamp(booking.fields["startAt"]), parse_timestamp(booking.fields["endAt"])


def _bookable(backend: Backend, location_id: Any) -> list[Record]:
    charge_points = backend.store.all("charge-points", {"locations": str(location_id)})
    found = (evse for charge_point in charge_points for evse in evses.at_charge_point(backend, charge_point))
    return [evse for evse in found if evse.fields.get("bookingEnabled")]


STEPS: dict[str, ScheduledStep] = {"booking.begin": _begin, "booking.end": end_unused}
CREATED = {"booking-requests": decide}
HANDLERS: dict[str, Handler] = {_AVAILABILITY: check_availability}
