"""Optional parts of a session: its authorization, clock-aligned consumption, statistics."""

from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.crud.calls import EndpointCall, Handler
from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.charging.meter import charge_of
from ampeco_emulator.openapi.validation import Incoming

_INTERVAL = 15
_MOST_POINTS = 300
_PERIODS = "chargingPeriods"


@rule
def show(backend: Backend, session: Record, incoming: Incoming | None) -> dict[str, Any]:
    """The fields of a session, with the optional parts that the request includes."""
    query = incoming.query if incoming else {}
    fields = dict(session.fields)
    if query.get("withAuthorization"):
        authorization = backend.store.peek("authorizations", fields.get("authorizationId"))
        if authorization is not None:
            fields["authorization"] = dict(authorization.fields)
    if query.get("withClockAlignedEnergyConsumption"):
        charge = charge_of(session, backend.now())
        minutes = int(query.get("clockAlignedInterval", _INTERVAL))
        aligned = _aligned(charge, minutes) if charge is not None else []
        fields["clockAlignedEnergyConsumption"] = aligned if fields["stoppedAt"] is None else _joined(aligned)
    if not query.get("withChargingPeriodsPriceBreakdown"):
        fields["chargingPeriods"] = _without_breakdown(session, fields.get("chargingPeriods") or [])
    return fields


def _without_breakdown(session: Record, periods: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The periods of a session without the lines of their price; kept until it has other periods."""
    known = session.shown.get(_PERIODS)
    if known is None or known[0] is not periods:
        shorter = [{name: value for name, value in item.items() if name != "priceBreakdown"} for item in periods]
        known = session.shown[_PERIODS] = periods, shorter
    return list(known[1])


def consumption_stats(call: EndpointCall) -> EmulatorResponse:
    """Energy and power over the time of a session, in at most 300 points."""
    session = call.backend.named("session", call.incoming.path_values["session"])
    charge = charge_of(session, call.backend.now())
    return EmulatorResponse(200, {"data": [] if charge is None else _points(charge)})


def _aligned(charge: Charge, minutes: int) -> list[dict[str, Any]]:
    """Energy by clock-aligned interval."""
    step = timedelta(minutes=minutes)
    begin = charge.started.replace(minute=charge.started.minute // minutes * minutes, second=0, microsecond=0)
    intervals = []
    while begin < charge.charging_until:
        energy = charge.energy_until(begin + step) - charge.energy_until(begin)
        intervals.append(
            {
                "start": format_timestamp(begin),
                "end": format_timestamp(begin + step),
                "energyConsumed": energy,
                "energyConsumption": {"grid": energy, "total": energy},
            }
        )
        begin += step
    return intervals


def _joined(intervals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The intervals of a finished session, as many joined to one as make them few enough."""
    number = -(-len(intervals) // _MOST_POINTS)
    if number < 2:
        return intervals
    parts = [intervals[first : first + number] for first in range(0, len(intervals), number)]
    return [_sum_of(part) for part in parts]


def _sum_of(part: list[dict[str, Any]]) -> dict[str, Any]:
    energy = sum(interval["energyConsumed"] for interval in part)
    totals = {"energyConsumed": energy, "energyConsumption": {"grid": energy, "total": energy}}
    return {"start": part[0]["start"], "end": part[-1]["end"], **totals}


def _points(charge: Charge) -> list[dict[str, Any]]:
    seconds = (charge.ended - charge.started).total_seconds()
    count = min(_MOST_POINTS, int(seconds // 60) + 2)
    moments = [charge.started + timedelta(seconds=seconds * number / (count - 1)) for number in range(count)]
    return [_point(charge, moment) for moment in moments]


def _point(charge: Charge, moment: datetime) -> dict[str, Any]:
    power = charge.power_at(moment) / 1000 if moment < charge.ended else 0.0
    return {"timestamp": format_timestamp(moment), "energy": charge.energy_until(moment), "power": power}


SHOWING = {"sessions": show}
HANDLERS: dict[str, Handler] = {
    "GET /public-api/resources/sessions/v1.0/{session}/consumption-stats": consumption_stats,
}
