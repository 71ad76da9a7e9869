"""Charging sessions: pending, active, then finished or failed.

Transitions are scheduled as `STEPS`. The energy and price of a running session are updated when it is shown, and once a
minute, when its meter reports (`READINGS`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.billing import billing, currencies, plans, preauthorization
from ampeco_emulator.domain.billing.energy import ROOM, Charge, power_of
from ampeco_emulator.domain.billing.pricing import CENT, Line, line_fields, lines_of, without_energy, without_tax
from ampeco_emulator.domain.billing.tariffs import tariff_for, tax_of, zone_of
from ampeco_emulator.domain.charging import evses, session_events

RUNNING = ("pending", "active")
# Seconds until a charger begins, by its kind; until a faulty one breaks down; until a session is settled.
_BEGINS_AFTER = {"accept": 3, "slow": 60, "faulty": 3}
FAULT_AFTER = 60
_SETTLES_AFTER = 2
_REFRESHED = "the second of the latest update"
_METER, _METER_EVERY = "session.meter", timedelta(seconds=60)
# The final status of a session whose charger does not begin, and the reason.
_FAILS = {"offline": ("expired", "charge_point_timeout"), "reject": ("failed", "remote_start_failed")}


def running(backend: Backend) -> list[Record]:
    """The running sessions."""
    found = (backend.store.peek("sessions", number) for number in backend.store.running)
    return [record for record in found if record is not None]


def begin(backend: Backend, evse: Record, request: Mapping[str, Any], *, method: str, user: Record | None) -> Record:
    """Add a session with its accepted authorization; it is pending until the charger begins."""
    now = backend.now()
    charge_point_id = evse.fields["chargePointId"]
    tariff = tariff_for(backend, evse, user)
    snapshot = backend.add("tariff-snapshots", {**tariff.fields, "tariffId": tariff.id}) if tariff is not None else None
    authorization = authorize(backend, charge_point_id, evse.id, method=method, user=user, id_tag=request.get("idTag"))
    tax = tax_of(backend, tariff)
    session = backend.add(
        "sessions",
        {
            "chargePointId": charge_point_id,
            "evseId": evse.id,
            "connectorId": request.get("connectorId"),
            "status": "pending",
            "userId": user.id if user else None,
            "startedAt": format_timestamp(now),
            "stoppedAt": None,
            "energy": 0,
            "currency": currency_of(backend, tariff),
            "tax": tax,
            "paymentType": "balance" if request.get("paymentMethodId") in (None, "", "balance") else "tokenized",
            "paymentMethodId": request.get("paymentMethodId") or ("balance" if user else None),
            "paymentStatus": None,
            "billingStatus": None,
            "nonBillableEnergy": 0,
            "authorizationId": authorization.id,
            "idTag": request.get("idTag") or "",
            "externalSessionId": request.get("externalSessionId"),
            "tariffSnapshotId": snapshot.id if snapshot else None,
            "evsePhysicalReference": evse.fields.get("physicalReference"),
            "receiptId": None,
            "energyConsumption": {"grid": 0, "total": 0},
            "chargingPeriods": [],
            "priceBreakdown": [],
        },
    )
    session.fields["idTag"] = id_tag_of(backend, session, request.get("idTag"))
    if request.get("bookingId") is not None:
        session.fields["bookingId"] = request["bookingId"]
    session.state = {
        "power": power_of(evse.fields, profile_of(backend, evse, request)),
        "charger": evses.charger_of(backend, evse),
    }
    link_authorization(backend, authorization, session)
    preauthorization.block(backend, session, user, terms_of(backend, session))
    backend.store.running.append(session.id)
    evses.show(backend, evse, "preparing")
    session_events.announce_start_or_stop(backend, session, "start")
    wait = begins_after(backend, session.state["charger"])
    backend.schedule.add(now + timedelta(seconds=wait), "session.activate", "sessions", session.id)
    session_events.announce_session(backend, session)
    return session


def authorize(
    backend: Backend,
    charge_point_id: int,
    evse_id: int | None,
    *,
    method: str,
    user: Record | None,
    id_tag: Any = None,
    rejection: str | None = None,
) -> Record:
    """Add an authorization, accepted unless there is a reason to reject it, and announce it."""
    authorization = backend.add(
        "authorizations",
        {
            "method": method,
            "source": "local",
            "status": "accepted" if rejection is None else "rejected",
            "rejectionReason": rejection,
            "userId": user.id if user else None,
            "idTagUid": id_tag,
            "rfidTagUid": id_tag,
            "chargePointId": charge_point_id,
            "sessionIds": [],
            **({"evseId": evse_id} if evse_id is not None else {}),
        },
    )
    session_events.announce_authorization(backend, authorization)
    return authorization


def finish(backend: Backend, session: Record, at: datetime, *, reason: str, status: str = "finished") -> None:
    """End a session; the EVSE is released and the settlement scheduled."""
    if session.fields["status"] == "active":
        update_charge(backend, session, at)
    changes: dict[str, Any] = {"status": status, "reason": reason, "stoppedAt": format_timestamp(at)}
    if status == "finished":
        plans.use_allowance(backend, session)
        changes |= {"billingStatus": "pending"} | billing.awaited_payment(backend, session, at)
        backend.schedule.add(at + timedelta(seconds=settles_after(backend)), "session.settle", "sessions", session.id)
    else:
        changes |= {"energy": 0, "energyConsumption": {"grid": 0, "total": 0}, "amount": None, "totalAmount": None}
        preauthorization.release(backend, session)
    backend.change(session, changes)
    backend.store.running.remove(session.id)
    evse = backend.store.peek("evses", session.fields["evseId"])
    if evse is not None:
        evses.release(backend, evse, at)
    session_events.announce_session(backend, session)
    session_events.announce_start_or_stop(backend, session, "stop")


def activate(backend: Backend, session: Record, at: datetime) -> None:
    """Activate a pending session, or end it when its charger is now offline or rejects it."""
    if session.fields["status"] != "pending":
        return
    place = backend.store.peek("evses", session.fields["evseId"])
    outcome = failure_at(backend, place) if place is not None else None
    if outcome is not None:
        finish(backend, session, at, status=outcome[0], reason=outcome[1])
        return
    session.state["started"] = at.isoformat()
    backend.change(session, {"status": "active", "startedAt": format_timestamp(at)})
    if place is not None:
        evses.show(backend, place, "charging")
    session_events.announce_session(backend, session)
    backend.schedule.add(at, _METER, "sessions", session.id)
    if session.state["charger"] == "faulty":
        backend.schedule.add(at + timedelta(seconds=FAULT_AFTER), "session.fault", "sessions", session.id)
    limit = _limit(backend, session, at)
    if limit is not None:
        backend.schedule.add(limit[0], f"session.{limit[1]}", "sessions", session.id)
    charge = charge_of(session, at)
    if charge is not None and charge.power > 0:
        backend.schedule.add(charge.full_at, "session.full", "sessions", session.id)


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
    power = 0.0 if charge.is_full else charge.power
    hours = charge.charging_minutes / 60
    average = energy / hours if hours else power
    session.fields |= {
        "energy": energy,
        "nonBillableEnergy": covered,
        "energyConsumption": {"grid": energy, "total": energy},
        "socPercent": charge.soc,
        "powerKw": power / 1000,
        "power": {"latest": round(power), "average": round(average), "peak": round(charge.power)},
        "amount": float(total),
        "totalAmount": total_amount(backend, lines, percentage),
        "priceBreakdown": [shown_line(backend, session, line, percentage) for line in lines],
        "chargingPeriods": _periods(backend, session, charge, lines, percentage),
        "lastUpdatedAt": format_timestamp(now),
    }
    backend.store.touch(session)


@rule
def profile_of(_backend: Backend, evse: Record, request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The charging profile of a session: that of its start, else the one that its EVSE has."""
    return request.get("chargingProfile") or evse.state.get("profile")


@rule
def id_tag_of(_backend: Backend, session: Record, requested: str | None) -> str:
    """The id tag of a session: the one it was started with, else one that the platform generates."""
    return requested or f"*{session.id:07d}"


@rule
def link_authorization(_backend: Backend, authorization: Record, session: Record) -> None:
    """Set the session that an authorization led to."""
    authorization.fields["sessionIds"] = [session.id]


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


@rule
def begins_after(_backend: Backend, charger: str) -> float:
    """The seconds until a charger begins."""
    return _BEGINS_AFTER.get(charger, _BEGINS_AFTER["accept"])


@rule
def settles_after(_backend: Backend) -> float:
    """The seconds from the end of a session to its settlement."""
    return _SETTLES_AFTER


@rule
def failure_at(backend: Backend, evse: Record) -> tuple[str, str] | None:
    """The status and the reason of a session that cannot begin at an EVSE; None when it can."""
    return _FAILS.get(evses.charger_of(backend, evse))


def refresh(backend: Backend, session: Record) -> None:
    """Update a session that runs to the present time; in real time at most once a second."""
    if session.fields["status"] != "active":
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
    for session in running(backend):
        if session.fields["status"] == "active" and session.fields["lastUpdatedAt"] != moment:
            session.fields["lastUpdatedAt"] = moment
            backend.store.touch(session)


def resume_metering(backend: Backend) -> None:
    """Schedule the meter of every active session of a state that has none scheduled."""
    for session in running(backend):
        if session.fields["status"] == "active" and not backend.schedule.has(_METER, session.id):
            backend.schedule.add(backend.now(), _METER, "sessions", session.id)


def report_meter(backend: Backend, session: Record, now: datetime) -> None:
    """Let the meter of an active session report."""
    if session.fields["status"] != "active":
        return
    update_charge(backend, session, now)
    charge = charge_of(session, now)
    if charge is not None:
        session_events.announce_meter_values(backend, session, charge, now)


def _report_each_minute(backend: Backend, session: Record, now: datetime) -> None:
    report_meter(backend, session, now)
    if session.fields["status"] == "active":
        backend.schedule.add(now + _METER_EVERY, _METER, "sessions", session.id)


def charge_of(session: Record, until: datetime) -> Charge | None:
    """The charge of a session until a time, or until its end; None before it begins."""
    if "started" not in session.state:
        return None
    started = datetime.fromisoformat(session.state["started"])
    ended = datetime.fromisoformat(session.state["ended"]) if "ended" in session.state else until
    return Charge(started, max(started, ended), float(session.state["power"]), float(session.state.get("room", ROOM)))


def _stopping(reason: str, status: str = "finished") -> Any:
    def stop(backend: Backend, session: Record, at: datetime) -> None:
        if session.fields["status"] == "active":
            session.state["ended"] = at.isoformat()
            finish(backend, session, at, reason=reason, status=status)

    return stop


def _become_full(backend: Backend, session: Record, at: datetime) -> None:
    evse = backend.store.peek("evses", session.fields["evseId"])
    if session.fields["status"] == "active" and evse is not None:
        evses.show(backend, evse, "suspendedEV", at)


def _fault(backend: Backend, session: Record, at: datetime) -> None:
    evse = backend.store.peek("evses", session.fields["evseId"])
    _stopping("groundfault")(backend, session, at)
    if evse is not None:
        evses.show(backend, evse, "faulted", at)


def settle(backend: Backend, session: Record, at: datetime) -> None:
    """Bill a finished session and release the amount that is blocked for it."""
    billing.settle(backend, session, at)
    preauthorization.release(backend, session)


def stop_accepted(backend: Backend, session: Record, at: datetime) -> None:
    """End a session whose stop the charge point has accepted."""
    if session.fields["status"] in RUNNING:
        session.state["ended"] = at.isoformat()
        finish(backend, session, at, reason=session.state["stopping"])


@rule
def stops_after(_backend: Backend) -> float:
    """The seconds from an accepted stop to the end of a session."""
    return 0


READINGS = {_METER: _report_each_minute}
STEPS = {
    "session.activate": activate,
    "session.full": _become_full,
    "session.fault": _fault,
    "session.time_limit": _stopping("time_limit"),
    "session.energy_exceeded": _stopping("energy_exceeded"),
    "session.authorization_amount_reached": _stopping("authorization_amount_reached"),
    "session.settle": settle,
    "session.stop": stop_accepted,
}


def _limit(backend: Backend, session: Record, at: datetime) -> tuple[datetime, str] | None:
    """When a limit of the tariff ends a session, and the reason."""
    stop = terms_of(backend, session).get("stopSession") or {}
    limits = []
    if stop.get("timeLimitMinutes"):
        limits.append((at + timedelta(minutes=min(stop["timeLimitMinutes"], 10**6)), "time_limit"))
    power = float(session.state["power"])
    if stop.get("stopWhenEnergyExceedsKwh") and power > 0:
        hours = stop["stopWhenEnergyExceedsKwh"] * 1000 / power
        limits.append((at + timedelta(hours=min(hours, 10**5)), "energy_exceeded"))
    if reached := preauthorization.reached_at(backend, session, terms_of(backend, session), at):
        limits.append((reached, "authorization_amount_reached"))
    return min(limits, default=None)


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
def currency_of(backend: Backend, tariff: Record | None) -> str:
    """The currency of a session: that of its tariff, else the operator's."""
    known = backend.store.all("currencies")
    base = str(known[0].fields.get("alphabeticCode", "EUR")) if known else "EUR"
    return str((tariff.fields.get("currency") if tariff is not None else None) or base)
