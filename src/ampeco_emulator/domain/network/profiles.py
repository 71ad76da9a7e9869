"""Charging profiles: set on a charge point (network id 0) or on one EVSE, shown in the platform's terms, cleared.

Facts: the body uses the terms of OCPP; clear-charging-profile without criteria clears ChargePointMaxProfile of the
charge point. A profile limits the sessions that run, and those that begin later; one for a transaction ends with it.
"""

from collections.abc import Mapping
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.domain.charging import evses, power, sessions
from ampeco_emulator.domain.charging.schedules import ChargingProfile
from ampeco_emulator.domain.network.charge_points import reachable

_CHARGE_POINT = "POST /public-api/actions/charge-point/v1.0/{chargePoint}"


def set_profile(call: EndpointCall) -> EmulatorResponse:
    """Limit an EVSE, or with network id 0 the charge point."""
    backend, charge_point = call.backend, reachable(call)
    number = call.incoming.path_values["evseNetworkId"]
    evse = evses.by_network_id(backend, charge_point, number) if number != "0" else None
    profile = {**call.body, "id": backend.add("charging-profiles", {"profile": call.body}).id}
    owner = evse or charge_point
    others = [item for item in power.profiles_at(owner) if not _is_replaced(item, profile)]
    _limit(backend, charge_point, owner, [*others, profile])
    shown = owner.fields["chargingProfile"]
    payload = {"chargePointId": charge_point.id, "evseId": evse.id if evse else None, "sessionId": None}
    moment = format_timestamp(backend.now())
    backend.announce("chargingProfile.applied", {**payload, "chargingProfile": shown, "appliedAt": moment})
    return accepted(call, id=profile["id"])


def clear_profile(call: EndpointCall) -> EmulatorResponse:
    """Clear the profiles that satisfy all criteria."""
    backend, charge_point = call.backend, reachable(call)
    criteria = {name: value for name, value in call.body.items() if value is not None}
    number = str(criteria.pop("evseNetworkId", "0"))
    chosen = evses.at_charge_point(backend, charge_point)
    if number != "0":
        chosen = [evses.numbered(backend, charge_point, number)]
    criteria = criteria or {"chargingProfilePurpose": power.MAXIMUM}
    for record in [charge_point, *chosen]:
        known = power.profiles_at(record)
        kept = [profile for profile in known if not meets(backend, profile, criteria)]
        if kept != known:
            _limit(backend, charge_point, record, kept)
    return accepted(call)


@rule
def meets(_backend: Backend, profile: ChargingProfile, criteria: Mapping[str, Any]) -> bool:
    """Whether a profile meets all criteria."""
    return all(profile.get(name) == value for name, value in criteria.items())


def _is_replaced(known: ChargingProfile, new: ChargingProfile) -> bool:
    return all(known[name] == new[name] for name in ("chargingProfilePurpose", "stackLevel"))


def _limit(backend: Backend, charge_point: Record, record: Record, profiles: list[ChargingProfile]) -> None:
    """Limit a charge point or an EVSE by these profiles from now on; the latest one is shown."""
    record.state[power.PROFILES] = profiles
    backend.change(record, {"chargingProfile": _shown(profiles[-1]) if profiles else None})
    for session in backend.store.running_sessions():
        if session.fields["chargePointId"] == charge_point.id:
            sessions.adjust(backend, session, backend.now())


def _shown(body: ChargingProfile) -> dict[str, Any]:
    """A profile in the platform's terms."""
    schedule = body["chargingSchedule"]
    recurrence = body.get("recurrencyKind")
    return {
        "id": body["id"],
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
