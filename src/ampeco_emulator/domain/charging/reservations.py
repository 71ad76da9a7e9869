"""Reservations: active until used (done), canceled, or over (expired). They keep an EVSE for one user from now on."""

from datetime import datetime, timedelta

from ampeco_emulator.backend.backend import Answer, RefusedError, World
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import written
from ampeco_emulator.crud.resources import Call, Handler, accepted
from ampeco_emulator.domain.charging import evses

_ACTIONS = "/public-api/actions"
# Minutes; the real length is the tenant's.
DURATION = 30
DEFAULT_REASON = "Activated via API"


def reserve(call: Call) -> Answer:
    """Reserve an EVSE now."""
    world = call.world
    charge_point = world.named("chargePoint", call.incoming.path_values["chargePoint"])
    evse = evses.by_network_id(world, charge_point, call.incoming.path_values["evse"])
    user = world.store.find("users", str(call.body.get("userId")))
    if user is None:
        raise RefusedError(422, "The selected userId is invalid.", {"userId": ["The selected userId is invalid."]})
    if not _can_be_reserved(world, evse):
        raise RefusedError(406, "The charge point did not accept.")
    reservation = add(world, evse, user, call.body.get("reason"))
    return accepted(call, success=True, reservationId=reservation.id)


def add(world: World, evse: Record, user: Record, reason: str | None = None) -> Record:
    """An active reservation from now on."""
    now = world.now()
    reservation = world.add(
        "reservations",
        {
            "chargePointId": evse.fields["chargePointId"],
            "evseId": evse.id,
            "userId": user.id,
            "status": "active",
            "reservedAt": written(now),
            "canceledAt": None,
            "duration": DURATION,
        },
    )
    reservation.state["reason"] = reason or DEFAULT_REASON
    world.schedule.add(now + timedelta(minutes=DURATION), "reservation.expire", "reservations", reservation.id)
    evses.show(world, evse, "reserved")
    _tell(world, reservation)
    return reservation


def cancel(call: Call) -> Answer:
    """End a reservation before its time."""
    world = call.world
    reservation = world.named("reservation", call.incoming.path_values["reservation"])
    force = call.body.get("force") in (True, "true")
    if reservation.fields["status"] != "active":
        if force:
            return accepted(call)
        raise RefusedError(406, "The reservation is not active.")
    evse = world.store.peek("evses", reservation.fields["evseId"])
    if not force and evse is not None and not evses.takes_commands(world, evse):
        raise RefusedError(406, "The charge point did not accept.")
    if not world.misbehaves("cancel-ignored"):
        end(world, reservation, "canceled", world.now())
    return accepted(call)


def end(world: World, reservation: Record, status: str, at: datetime) -> None:
    """The reservation is over; its EVSE is free, unless somebody charges there."""
    changes = {"status": status} | ({"canceledAt": written(at)} if status == "canceled" else {})
    world.change(reservation, changes)
    evse = world.store.peek("evses", reservation.fields["evseId"])
    if evse is not None and evse.fields.get("hardwareStatus") == "reserved":
        evses.show(world, evse, evses.resting_status(evse), at)
    _tell(world, reservation)


def use(world: World, evse: Record, user: Record | None) -> None:
    """A start uses up the user's reservation of the EVSE."""
    for reservation in world.store.all("reservations", {"evses": str(evse.id)}):
        if reservation.fields["status"] == "active" and user is not None and reservation.fields["userId"] == user.id:
            end(world, reservation, "done", world.now())


def _can_be_reserved(world: World, evse: Record) -> bool:
    return (
        evse.fields.get("allowsReservation", True)
        and evses.takes_commands(world, evse)
        and evse.fields.get("hardwareStatus") == "available"
        and evse.fields.get("status") in ("enabled", "active")
    )


def _expire(world: World, reservation: Record, at: datetime) -> None:
    if reservation.fields["status"] == "active" and not world.misbehaves("never-expires"):
        end(world, reservation, "expired", at)


def _tell(world: World, reservation: Record) -> None:
    fields = {"status": reservation.fields["status"], "lastUpdatedAt": reservation.fields["lastUpdatedAt"]}
    world.announce("reservation.changed", {"reservationId": reservation.id, **fields})


STEPS = {"reservation.expire": _expire}
HANDLERS: dict[str, Handler] = {
    f"POST {_ACTIONS}/charge-point/v1.0/{{chargePoint}}/reserve/{{evse}}": reserve,
    f"POST {_ACTIONS}/reservation/v1.0/{{reservation}}/cancel": cancel,
}
