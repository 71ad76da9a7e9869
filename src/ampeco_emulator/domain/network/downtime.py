"""Manual downtime periods: exempt, and the only ones that can be removed."""

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall, Handler
from ampeco_emulator.crud.resources import remove

_RESOURCE_TYPES = {
    "charge-point-downtime-periods": "chargePointDowntimePeriod",
    "evse-downtime-periods": "evseDowntimePeriod",
}


def complete(backend: Backend, period: Record) -> None:
    """Complete a manual period: entry mode, type, location and statuses."""
    evse = backend.store.peek("evses", period.fields.get("evseId"))
    number = period.fields.get("chargePointId") or (evse.fields.get("chargePointId") if evse else None)
    charge_point = backend.store.peek("charge-points", number)
    period.fields |= {
        "entryMode": "manual",
        "type": "exempt",
        "locationId": charge_point.fields.get("locationId") if charge_point is not None else None,
        "statuses": {"hardware": "unavailable", "network": "available", "system": "enabled"},
        **({"chargePointId": number} if number is not None else {}),
    }


def remove_manual(call: EndpointCall) -> EmulatorResponse:
    """Remove a manual period."""
    period = call.backend.addressed(call.endpoint, call.incoming.path_values)
    if period.fields.get("entryMode") != "manual":
        raise RefusedError(403, "This action is unauthorized.")
    return remove(call)


CREATED = dict.fromkeys(_RESOURCE_TYPES, complete)
HANDLERS: dict[str, Handler] = {
    f"DELETE /public-api/resources/{resource_type}/v1.0/{{{name}}}": remove_manual
    for resource_type, name in _RESOURCE_TYPES.items()
}
