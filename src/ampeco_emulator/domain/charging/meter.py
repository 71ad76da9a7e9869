"""The meter of a charging session: its energy, power and price up to a time.

They are updated when a running session is shown, and once a minute, when its meter reports (`READINGS`); while its
charge point is not connected the meter is not heard, and its next report catches up.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.billing import currencies, plans
from ampeco_emulator.domain.billing.energy import ROOM, Charge
from ampeco_emulator.domain.billing.pricing import CENT, Line, line_fields, lines_of, without_energy, without_tax
from ampeco_emulator.domain.billing.tariffs import zone_of
from ampeco_emulator.domain.charging import evses, session_events

_REFRESHED = "the second of the latest update"
_METER, _METER_EVERY = "session.meter", timedelta(seconds=60)


def begin_reports(backend: Backend, session: Record, at: datetime) -> None:
    """Let the meter of a session report from now on."""
    backend.schedule.add(at, _METER, "sessions", session.id)


def charge_of(session: Record, until: datetime) -> Charge | None:
    """The charge of a session until a time, or until its end; None before it begins."""
    if "started" not in session.state:
        return None
    started = datetime.fromisoformat(session.state["started"])
    ended = datetime.fromisoformat(session.state["ended"]) if "ended" in session.state else until
    changes = tuple((datetime.fromisoformat(moment), power) for moment, power in session.state.get("changes", ()))
    room = float(session.state.get("room", ROOM))
    return Charge(started, max(started, ended), float(session.state["power"]), room, changes)


def change_power(session: Record, power: float, at: datetime) -> bool:
    """Let a session charge at another power from now on; whether that is a change."""
    charge = charge_of(session, at)
    if charge is None or (charge.changes[-1][1] if charge.changes else charge.power) == power:
        return False
    session.state.setdefault("changes", []).append([at.isoformat(), power])
    session.shown.pop(_REFRESHED, None)
    return True


def update_charge(backend: Backend, session: Record, now: datetime) -> None:
    """Update the energy, power and price of a running session to a time."""
    charge = charge_of(session, now)
    if charge is None:
        return
    energy = metered_energy(backend, charge)
    percentage = Decimal(str((session.fields.get("tax") or {}).get("taxPercentage") or 0))
    covered = min(energy, plans.free_energy(backend, session))
    lines = without_energy(price_lines(backend, session, charge), covered)
    total = sum((line.amount for line in lines), Decimal(0))
    power = charge.power_at(charge.ended)
    hours = charge.charging_minutes / 60
    average = energy / hours if hours else power
    session.fields |= {
        "energy": energy,
        "nonBillableEnergy": covered,
        "energyConsumption": {"grid": energy, "total": energy},
        "socPercent": charge.soc,
        "powerKw": power / 1000,
        "power": {"latest": round(power), "average": round(average), "peak": round(charge.peak_power)},
        "amount": float(total),
        "totalAmount": total_amount(backend, lines, percentage),
        "priceBreakdown": [shown_line(backend, session, line, percentage) for line in lines],
        "chargingPeriods": _periods(backend, session, charge, lines, percentage),
        "lastUpdatedAt": format_timestamp(now),
    }
    backend.store.touch(session)


@rule
def terms_of(backend: Backend, session: Record) -> Mapping[str, Any]:
    """The terms of a session: those that its snapshot keeps."""
    snapshot = backend.store.peek("tariff-snapshots", session.fields.get("tariffSnapshotId"))
    return snapshot.fields if snapshot is not None else {}


@rule
def price_lines(backend: Backend, session: Record, charge: Charge) -> list[Line]:
    """The price lines of a charge in a session."""
    precision = currencies.precision_of(backend, session.fields["currency"])
    return lines_of(terms_of(backend, session), charge, zone_of(backend, session), precision)


@rule
def metered_energy(_backend: Backend, charge: Charge) -> int:
    """The energy that the meter shows, in Wh."""
    return charge.energy


@rule
def total_amount(_backend: Backend, lines: list[Line], percentage: Decimal) -> dict[str, float]:
    """The total of a session, with and without its tax; `percentage` is the tax rate."""
    total = sum((line.amount for line in lines), Decimal(0))
    step = lines[0].precision.step if lines else CENT
    return {"withTax": float(total), "withoutTax": float(without_tax(total, percentage, step))}


@rule
def shown_line(_backend: Backend, session: Record, line: Line, percentage: Decimal) -> dict[str, Any]:
    """The representation of a price line in a session."""
    return line_fields(line, session.fields["currency"], percentage)


def _periods(
    backend: Backend, session: Record, charge: Charge, lines: list[Line], percentage: Decimal
) -> list[dict[str, Any]]:
    """The charging period and, once the battery is full, the idle period."""
    until = charge.charging_until
    parts = [("charging", charge.started, until, charge.energy, False)]
    if charge.ended > until:
        parts.append(("idle", until, charge.ended, 0, True))
    periods = []
    for number, (state, start, end, energy, is_idle) in enumerate(parts, 1):
        own = [line for line in lines if (line.type == "idle_time") == is_idle]
        periods.append(
            {
                "id": session.id * 10 + number,
                "energy": energy,
                "startedAt": format_timestamp(start),
                "stoppedAt": format_timestamp(end),
                "state": state,
                "chargingState": state,
                "amount": float(sum((line.amount for line in own), Decimal(0))),
                "priceBreakdown": [shown_line(backend, session, line, percentage) for line in own],
            }
        )
    return periods


def refresh(backend: Backend, session: Record) -> None:
    """Update a session that runs to the present time; in real time at most once a second."""
    if not _is_heard(backend, session):
        return
    now = backend.now()
    second = now.replace(microsecond=0)
    if backend.clock.is_fixed or session.shown.get(_REFRESHED) != (second, None):
        update_charge(backend, session, now)
        session.shown[_REFRESHED] = second, None


def refresh_time(backend: Backend, name: str) -> None:
    """Set the time of the last update of every active session, where records are filtered by it."""
    if not name.startswith("lastUpdated"):
        return
    moment = format_timestamp(backend.now())
    for session in backend.store.running_sessions():
        if session.fields["lastUpdatedAt"] != moment and _is_heard(backend, session):
            session.fields["lastUpdatedAt"] = moment
            backend.store.touch(session)


def report_meter(backend: Backend, session: Record, now: datetime) -> None:
    """Let the meter of an active session report."""
    if not _is_heard(backend, session):
        return
    update_charge(backend, session, now)
    charge = charge_of(session, now)
    if charge is not None:
        session_events.announce_meter_values(backend, session, charge, now)


def _is_heard(backend: Backend, session: Record) -> bool:
    """Whether a session charges at a charge point that is connected."""
    charge_point = backend.store.peek("charge-points", session.fields["chargePointId"])
    return session.fields["status"] == "active" and (charge_point is None or evses.is_connected(charge_point))


def resume_metering(backend: Backend) -> None:
    """Schedule the meter of every active session of a state that has none scheduled."""
    for session in backend.store.running_sessions():
        if session.fields["status"] == "active" and not backend.schedule.has(_METER, session.id):
            begin_reports(backend, session, backend.now())


def _report_each_minute(backend: Backend, session: Record, now: datetime) -> None:
    report_meter(backend, session, now)
    if session.fields["status"] == "active":
        backend.schedule.add(now + _METER_EVERY, _METER, "sessions", session.id)


READINGS = {_METER: _report_each_minute}
