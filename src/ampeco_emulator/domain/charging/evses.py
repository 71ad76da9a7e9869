"""Hardware status of EVSEs: it follows what cars, reservations and operators do."""

from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import RefusedError, World
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import written

# How a charger takes commands; set under /_emulator/evses.
CHARGERS = ("accept", "reject", "offline", "slow", "faulty")
OFFLINE = frozenset({"never_connected", "temporarily_unavailable", "long-term_unavailable"})
UNPLUGGED_AFTER = 10
# OCPP 1.6 error codes.
NO_ERROR, GROUND_FAULT = "NoError", "GroundFailure"
BUSY = frozenset({"preparing", "charging", "suspendedEV", "suspendedEVSE", "finishing", "occupied"})


def charge_point_of(world: World, evse: Record) -> Record | None:
    """The charge point an EVSE is at."""
    return world.store.peek("charge-points", evse.fields.get("chargePointId"))


def at_charge_point(world: World, charge_point: Record) -> list[Record]:
    """The EVSEs of a charge point."""
    return world.store.all("evses", {"charge-points": str(charge_point.id)})


def by_network_id(world: World, charge_point: Record, network_id: str) -> Record:
    """The EVSE with this number at a charge point. Raises RefusedError when there is none."""
    for evse in at_charge_point(world, charge_point):
        if str(evse.fields.get("networkId")) == network_id:
            return evse
    raise RefusedError(404, "No query results for this id.")


def numbered(world: World, charge_point: Record, network_id: str) -> Record:
    """The EVSE that a body names by its number at a charge point. Raises RefusedError (422) when there is none."""
    try:
        return by_network_id(world, charge_point, network_id)
    except RefusedError:
        message = "The selected evseNetworkId is invalid."
        raise RefusedError(422, message, {"evseNetworkId": [message]}) from None


def charger_of(world: World, evse: Record) -> str:
    """How the charger takes commands: one of `CHARGERS`."""
    charge_point = charge_point_of(world, evse)
    if charge_point is not None and not is_connected(charge_point):
        return "offline"
    return str(evse.state.get("charger", "accept"))


def takes_commands(world: World, evse: Record) -> bool:
    """Whether the charger answers, and says yes."""
    return charger_of(world, evse) not in ("reject", "offline")


def is_connected(charge_point: Record) -> bool:
    """Whether a charge point is connected to the platform."""
    return str(charge_point.fields.get("networkStatus", "available")).replace(" ", "_") not in OFFLINE


def is_reachable(charge_point: Record, world: World) -> bool:
    """Whether a charge point answers, and says yes to what concerns all of it."""
    evses = at_charge_point(world, charge_point)
    return is_connected(charge_point) and not (evses and all(not takes_commands(world, evse) for evse in evses))


def show(world: World, evse: Record, status: str, at: datetime | None = None) -> None:
    """The charger reports a hardware status."""
    if evse.fields.get("hardwareStatus") != status:
        world.change(evse, {"hardwareStatus": status})
        tell(world, evse, at or world.now())


def tell(world: World, evse: Record, at: datetime) -> None:
    """Tell the hardware status of an EVSE, and log it."""
    status = evse.fields.get("hardwareStatus")
    payload: dict[str, Any] = {
        "chargePointId": evse.fields.get("chargePointId"),
        "evseId": evse.id,
        "timestamp": written(at),
        "hardwareStatus": status,
        "errorCode": GROUND_FAULT if status == "faulted" else NO_ERROR,
    }
    world.add("hardware-status-logs", {**payload, "status": status})
    world.announce("HardwareStatusNotification", payload)


def release(world: World, evse: Record, at: datetime) -> None:
    """A session is over: the car leaves in a moment."""
    show(world, evse, "finishing", at)
    world.schedule.add(at + timedelta(seconds=UNPLUGGED_AFTER), "evse.unplug", "evses", evse.id)


def _unplug(world: World, evse: Record, at: datetime) -> None:
    if evse.fields.get("hardwareStatus") == "finishing":
        show(world, evse, resting_status(evse), at)


def resting_status(evse: Record) -> str:
    """What an EVSE shows when nothing happens there."""
    return "unavailable" if evse.state.get("inoperative") else "available"


STEPS = {"evse.unplug": _unplug}
