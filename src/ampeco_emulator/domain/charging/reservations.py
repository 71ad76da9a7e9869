"""Reservations of an EVSE for one user: active until used (done), canceled or expired."""

from datetime import datetime, timedelta

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.domain.charging import evses

_ACTIONS = "/public-api/actions"
# Minutes; a real tenant configures the duration.
DURATION = 30
DEFAULT_REASON = "Activated via API"


def reserve(call: EndpointCall) -> EmulatorResponse:
    """Reserve an EVSE now."""
    backend = call.backend
    charge_point = backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    evse = evses.by_network_id(backend, charge_point, call.incoming.path_values["evse"])
    user = backend.store.find("users", str(call.body.get("userId")))
    if user is None:
        raise RefusedError(422, "The selected userId is invalid.", {"userId": ["The selected userId is invalid."]})
    if not _can_be_reserved(backend, evse):
        refuse(call, evse)
    reservation = add(backend, evse, user, call.body.get("reason"))
    return accepted(call, success=True, reservationId=reservation.id)


def add(backend: Backend, evse: Record, user: Record, reason: str | None = None) -> Record:
    """Add an active reservation that begins now."""
    now = backend.now()
    reservation = backend.add(
        "reservations",
        {
            "chargePointId": evse.fields["chargePointId"],
            "evseId": evse.id,
            "userId": user.id,
            "status": "active",
            "reservedAt": format_timestamp(now),
            "canceledAt": None,
            "duration": duration(backend),
        },
    )
    reservation.state["reason"] = reason or DEFAULT_REASON
    backend.schedule.add(now + lifetime(backend), "reservation.expire", "reservations", reservation.id)
    evses.show(backend, evse, "reserved")
    announce(backend, reservation)
    return reservation


@rule
def lifetime(backend: Backend) -> timedelta:
    """How long a reservation lasts."""
    return timedelta(minutes=duration(backend))


@rule
def duration(_backend: Backend) -> int:
    """How many minutes a reservation is made for."""
    return DURATION


@rule
def refuse(_call: EndpointCall, _evse: Record) -> None:
    """Refuse a reservation. Raises RefusedError."""
    raise RefusedError(406, "The charge point did not accept.")


def cancel(call: EndpointCall) -> EmulatorResponse:
    """Cancel a reservation."""
    backend = call.backend
    reservation = backend.named("reservation", call.incoming.path_values["reservation"])
    force = call.body.get("force") in (True, "true")
    if reservation.fields["status"] != "active":
        if force:
            return accepted(call)
        raise RefusedError(406, "The reservation is not active.")
    evse = backend.store.peek("evses", reservation.fields["evseId"])
    if not force and evse is not None and not evses.takes_commands(backend, evse):
        raise RefusedError(406, "The charge point did not accept.")
    end_canceled(backend, reservation)
    return accepted(call)


@rule
def end_canceled(backend: Backend, reservation: Record) -> None:
    """End a reservation whose cancellation was accepted."""
    end(backend, reservation, "canceled", backend.now())


def end(backend: Backend, reservation: Record, status: str, at: datetime) -> None:
    """End a reservation; its EVSE becomes free, unless a session runs there."""
    changes = {"status": status} | ({"canceledAt": format_timestamp(at)} if status == "canceled" else {})
    backend.change(reservation, changes)
    evse = backend.store.peek("evses", reservation.fields["evseId"])
    if evse is not None and evse.fields.get("hardwareStatus") == "reserved":
        evses.show(backend, evse, evses.resting_status(evse), at)
    announce(backend, reservation)


def use(backend: Backend, evse: Record, user: Record | None) -> None:
    """Complete the reservation that a start used."""
    for reservation in backend.store.all("reservations", {"evses": str(evse.id)}):
        if reservation.fields["status"] == "active" and user is not None and reservation.fields["userId"] == user.id:
            end(backend, reservation, "done", backend.now())


def _can_be_reserved(backend: Backend, evse: Record) -> bool:
    return (
        evse.fields.get("allowsReservation", True)
        and evses.takes_commands(backend, evse)
        and evse.fields.get("hardwareStatus") == "available"
        and evse.fields.get("status") in ("enabled", "active")
    )


@rule
def expire(backend: Backend, reservation: Record, at: datetime) -> None:
    """End a reservation whose time is over, unless it was used or canceled."""
    if reservation.fields["status"] == "active":
        end(backend, reservation, "expired", at)


@rule
def announce(backend: Backend, reservation: Record) -> None:
    """Announce a reservation with its status."""
    fields = {"status": reservation.fields["status"], "lastUpdatedAt": reservation.fields["lastUpdatedAt"]}
    backend.announce("reservation.changed", {"reservationId": reservation.id, **fields})


STEPS = {"reservation.expire": expire}
HANDLERS: dict[str, Handler] = {
    f"POST {_ACTIONS}/charge-point/v1.0/{{chargePoint}}/reserve/{{evse}}": reserve,
    f"POST {_ACTIONS}/reservation/v1.0/{{reservation}}/cancel": cancel,
}
