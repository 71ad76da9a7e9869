"""Hardware status of EVSEs: it follows cars, reservations and commands."""

from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend, RefusedError
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp

# How a charger responds to commands; set through /_emulator/evses.
CHARGERS = ("accept", "reject", "offline", "slow", "faulty")
OFFLINE = frozenset({"never_connected", "temporarily_unavailable", "long-term_unavailable"})
_UNPLUGGED_AFTER = 10
# OCPP 1.6 error codes.
NO_ERROR, GROUND_FAULT = "NoError", "GroundFailure"


def charge_point_of(backend: Backend, evse: Record) -> Record | None:
    """The charge point of an EVSE."""
    return backend.store.peek("charge-points", evse.fields.get("chargePointId"))


def at_charge_point(backend: Backend, charge_point: Record) -> list[Record]:
    """The EVSEs of a charge point."""
    return backend.store.all("evses", {"charge-points": str(charge_point.id)})


def by_network_id(backend: Backend, charge_point: Record, network_id: str) -> Record:
    """The EVSE with this number at a charge point. Raises RefusedError when there is none."""
    for evse in at_charge_point(backend, charge_point):
        if str(evse.fields.get("networkId")) == network_id:
            return evse
    raise RefusedError(404, "No query results for this id.")


def numbered(backend: Backend, charge_point: Record, network_id: str) -> Record:
    """The EVSE that a body refers to by its number at a charge point. Raises RefusedError (422) when there is none."""
    try:
        return by_network_id(backend, charge_point, network_id)
    except RefusedError:
        message = "The selected evseNetworkId is invalid."
        raise RefusedError(422, message, {"evseNetworkId": [message]}) from None


def charger_of(backend: Backend, evse: Record) -> str:
    """How the charger responds to commands: one of `CHARGERS`."""
    charge_point = charge_point_of(backend, evse)
    if charge_point is not None and not is_connected(charge_point):
        return "offline"
    return str(evse.state.get("charger", "accept"))


def takes_commands(backend: Backend, evse: Record) -> bool:
    """Whether the charger accepts commands."""
    return charger_of(backend, evse) not in ("reject", "offline")


def is_connected(charge_point: Record) -> bool:
    """Whether a charge point is connected to the platform."""
    return str(charge_point.fields.get("networkStatus", "available")).replace(" ", "_") not in OFFLINE


def is_reachable(charge_point: Record, backend: Backend) -> bool:
    """Whether a charge point is connected and accepts commands that concern all of its EVSEs."""
    evses = at_charge_point(backend, charge_point)
    return is_connected(charge_point) and not (evses and all(not takes_commands(backend, evse) for evse in evses))


def show(backend: Backend, evse: Record, status: str, at: datetime | None = None) -> None:
    """Set the hardware status of an EVSE, and announce it."""
    if evse.fields.get("hardwareStatus") != status:
        backend.change(evse, {"hardwareStatus": status})
        announce_status(backend, evse, at or backend.now())


def announce_status(backend: Backend, evse: Record, at: datetime) -> None:
    """Announce and log the hardware status of an EVSE."""
    status = evse.fields.get("hardwareStatus")
    payload: dict[str, Any] = {
        "chargePointId": evse.fields.get("chargePointId"),
        "evseId": evse.id,
        "timestamp": format_timestamp(at),
        "hardwareStatus": status,
        "errorCode": GROUND_FAULT if status == "faulted" else NO_ERROR,
    }
    backend.add("hardware-status-logs", {**payload, "status": status})
    backend.announce("HardwareStatusNotification", payload)


def release(backend: Backend, evse: Record, at: datetime) -> None:
    """Release the EVSE of a finished session; the car is unplugged after some seconds."""
    show(backend, evse, "finishing", at)
    backend.schedule.add(at + timedelta(seconds=unplugged_after(backend)), "evse.unplug", "evses", evse.id)


@rule
def unplugged_after(_backend: Backend) -> float:
    """The seconds from the end of a session until the car is unplugged."""
    return _UNPLUGGED_AFTER


def _unplug(backend: Backend, evse: Record, at: datetime) -> None:
    if evse.fields.get("hardwareStatus") == "finishing":
        show(backend, evse, resting_status(evse), at)


def status_at(power: float) -> str:
    """The hardware status of an EVSE that offers a car this power, in W."""
    return "charging" if power > 0 else "suspendedEVSE"


def resting_status(evse: Record) -> str:
    """The hardware status of an EVSE without a car or reservation."""
    return "unavailable" if evse.state.get("inoperative") else "available"


STEPS = {"evse.unplug": _unplug}
