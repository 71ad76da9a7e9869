"""Charging profiles: set on a charge point (network id 0) or on one EVSE, shown in the platform's terms, cleared.

Facts: the body uses the terms of OCPP; clear-charging-profile without criteria clears ChargePointMaxProfile of the
charge point. A profile limits the sessions that begin after it was set.
"""

from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.domain.charging import evses
from ampeco_emulator.domain.network.charge_points import reachable

_CHARGE_POINT = "POST /public-api/actions/charge-point/v1.0/{chargePoint}"
_MAXIMUM = "ChargePointMaxProfile"


def set_profile(call: EndpointCall) -> EmulatorResponse:
    """Limit an EVSE, or with network id 0 the charge point."""
    backend, charge_point = call.backend, reachable(call)
    number = call.incoming.path_values["evseNetworkId"]
    evse = evses.by_network_id(backend, charge_point, number) if number != "0" else None
    profile = backend.add("charging-profiles", {"profile": call.body})
    shown = _shown(profile.id, call.body)
    owner = evse or charge_point
    for limited in [owner] if evse is not None else [owner, *evses.at_charge_point(backend, charge_point)]:
        limited.state["profile"] = {**call.body, "id": profile.id}
    backend.change(owner, {"chargingProfile": shown})
    payload = {"chargePointId": charge_point.id, "evseId": evse.id if evse else None, "sessionId": None}
    moment = format_timestamp(backend.now())
    backend.announce("chargingProfile.applied", {**payload, "chargingProfile": shown, "appliedAt": moment})
    return accepted(call, id=profile.id)


def clear_profile(call: EndpointCall) -> EmulatorResponse:
    """Clear the profiles that satisfy all criteria."""
    backend, charge_point = call.backend, reachable(call)
    criteria = {name: value for name, value in call.body.items() if value is not None}
    number = str(criteria.pop("evseNetworkId", "0"))
    chosen = evses.at_charge_point(backend, charge_point)
    if number != "0":
        chosen = [evses.numbered(backend, charge_point, number)]
    criteria = criteria or {"chargingProfilePurpose": _MAXIMUM}
    for record in [charge_point, *chosen]:
        if meets(backend, record, criteria):
            record.state.pop("profile", None)
            record.fields["chargingProfile"] = None
            backend.store.touch(record)
    return accepted(call)


@rule
def meets(_backend: Backend, record: Record, criteria: Mapping[str, Any]) -> bool:
    """Whether the profile of a record meets all criteria."""
    known = record.state.get("profile") or {}
    return all(known.get(name) == value for name, value in criteria.items())


def _shown(number: int, body: Mapping[str, Any]) -> dict[str, Any]:
    """A profile in the platform's terms."""
    schedule = body["chargingSchedule"]
    recurrence = body.get("recurrencyKind")
    return {
        "id": number,
        "stackLevel": body["stackLevel"],
        "purpose": body["chargingProfilePurpose"],
        "chargingProfileKind": body["chargingProfileKind"],
        "recurrencyKind": recurrence.lower() if recurrence else None,
        "chargingRateUnit": schedule["chargingRateUnit"],
        "minChargingRate": schedule.get("minChargingRate"),
        "duration": schedule.get("duration"),
        "scheduleStart": schedule.get("startSchedule"),
        "schedulePeriods": schedule["chargingSchedulePeriod"],
        "validFrom": body.get("validFrom"),
        "validTo": body.get("validTo"),
        "chargingCompleteAt": None,
    }


HANDLERS: dict[str, Handler] = {
    f"{_CHARGE_POINT}/set-charging-profile/{{evseNetworkId}}": set_profile,
    f"{_CHARGE_POINT}/clear-charging-profile": clear_profile,
}
