"""What a charge point misses while it is not connected: an automatic downtime period, and one of each of its EVSEs."""

from datetime import datetime
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.charging import evses

_CHARGE_POINTS, _EVSES = "charge-point-downtime-periods", "evse-downtime-periods"
# What says that a period began with a lost connection, and at which charge point.
_OFFLINE = "offline"


def begin_downtime(backend: Backend, charge_point: Record, at: datetime) -> None:
    """Begin the periods of a charge point that has lost its connection."""
    system = str(charge_point.fields.get("status") or "enabled").replace("_", " ")
    known: dict[str, Any] = {
        "chargePointId": charge_point.id,
        "locationId": charge_point.fields.get("locationId"),
        "entryMode": "automatic",
        "type": "downtime",
        "startedAt": format_timestamp(at),
        "endedAt": None,
        "statuses": {"system": system, "network": "temporarily unavailable", "hardware": "available"},
    }
    begun = [backend.add(_CHARGE_POINTS, known)]
    begun += [
        backend.add(_EVSES, {**known, "evseId": evse.id}) for evse in evses.at_charge_point(backend, charge_point)
    ]
    for period in begun:
        period.state[_OFFLINE] = charge_point.id


def end_downtime(backend: Backend, charge_point: Record, at: datetime) -> None:
    """End the periods of a charge point that is connected again."""
    for resource_type in (_CHARGE_POINTS, _EVSES):
        for period in backend.store.all(resource_type):
            if period.state.get(_OFFLINE) == charge_point.id:
                del period.state[_OFFLINE]
                backend.change(period, {"endedAt": format_timestamp(at)})
