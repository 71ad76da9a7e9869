"""Charging sessions: pending, active, then finished or failed.

Transitions are scheduled as `STEPS`.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.billing import billing, plans, post_paid, preauthorization
from ampeco_emulator.domain.billing.electricity_cost import electricity_cost
from ampeco_emulator.domain.billing.energy import NEVER, Charge
from ampeco_emulator.domain.billing.tariffs import tariff_for, tax_of
from ampeco_emulator.domain.charging import evses, meter, power, session_events

RUNNING = ("pending", "active")
# Seconds until a charger begins, by its kind; until a faulty one breaks down; until a session is settled.
_BEGINS_AFTER = {"accept": 3, "slow": 60, "faulty": 3}
FAULT_AFTER = 60
_SETTLES_AFTER = 2
# The payment type by the payment method; others are tokenized.
_PAYMENT_TYPES = {"None": "balance", "balance": "balance", "subscription": "subscription", "corporate": "corporate"}
# The final status of a session whose charger does not begin, and the reason.
_FAILS = {"offline": ("expired", "charge_point_timeout"), "reject": ("failed", "remote_start_failed")}


def begin(backend: Backend, evse: Record, request: Mapping[str, Any], *, method: str, user: Record | None) -> Record:
    """Add a session with its accepted authorization; it is pending until the charger begins."""
    now = backend.now()
    charge_point_id = evse.fields["chargePointId"]
    tariff = tariff_for(backend, evse, user)
    snapshot = backend.add("tariff-snapshots", {**tariff.fields, "tariffId": tariff.id}) if tariff is not None else None
    authorization = authorize(backend, charge_point_id, evse.id, method=method, user=user, id_tag=request.get("idTag"))
    tax = tax_of(backend, tariff)
    paid_by = request.get("paymentMethodId") or post_paid.method_of(backend, evse, user)
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
            "paymentType": _PAYMENT_TYPES.get(str(paid_by).partition(":")[0], "tokenized"),
            "paymentMethodId": paid_by,
            "paymentStatus": None,
            "billingStatus": None,
            "nonBillableEnergy": 0,
            "authorizationId": authorization.id,
            "idTag": request.get("idTag") or "",
            "idTagLabel": _label_of(backend, request.get("idTag")),
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
    session.state = {"charger": evses.charger_of(backend, evse), "profile": request.get("chargingProfile")}
    link_authorization(backend, authorization, session)
    preauthorization.block(backend, session, user, meter.terms_of(backend, session))
    backend.store.running.append(session.id)
    adjust_beside(backend, evse, now)
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
        meter.update_charge(backend, session, at)
    changes: dict[str, Any] = {"status": status, "reason": reason, "stoppedAt": format_timestamp(at)}
    if status == "finished":
        plans.use_allowance(backend, session)
        charge = meter.charge_of(session, at)
        cost = electricity_cost(backend, session, charge) if charge is not None else None
        changes |= {"billingStatus": "pending", "electricityCost": cost} | billing.awaited_payment(backend, session, at)
        backend.schedule.add(at + timedelta(seconds=settles_after(backend)), "session.settle", "sessions", session.id)
    else:
        changes |= {"energy": 0, "energyConsumption": {"grid": 0, "total": 0}, "amount": None, "totalAmount": None}
        preauthorization.release(backend, session)
    backend.change(session, changes)
    backend.store.running.remove(session.id)
    evse = backend.store.peek("evses", session.fields["evseId"])
    if evse is not None:
        power.end_transaction(evse)
        adjust_beside(backend, evse, at)
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
    session.state["power"] = power.power_of(backend, session, place, at) if place is not None else 0.0
    backend.change(session, {"status": "active", "startedAt": format_timestamp(at)})
    if place is not None:
        evses.show(backend, place, evses.status_at(session.state["power"]))
    session_events.announce_session(backend, session)
    meter.begin_reports(backend, session, at)
    if session.state["charger"] == "faulty":
        backend.schedule.add(at + timedelta(seconds=FAULT_AFTER), "session.fault", "sessions", session.id)
    if place is not None:
        _plan(backend, session, place, at)


def adjust(backend: Backend, session: Record, at: datetime) -> None:
    """Let an active session charge at the power that its limits allow from now on."""
    evse = backend.store.peek("evses", session.fields["evseId"])
    if session.fields["status"] != "active" or session.state.get(power.FULL) or evse is None:
        return
    allowed = power.power_of(backend, session, evse, at)
    if meter.change_power(session, allowed, at):
        evses.show(backend, evse, evses.status_at(allowed), at)
    _plan(backend, session, evse, at)


def adjust_beside(backend: Backend, evse: Record, at: datetime) -> None:
    """Let the sessions that share a circuit with an EVSE charge at the power that is left for each."""
    for session in power.beside(backend, power.circuits_of(backend, evse)):
        adjust(backend, session, at)


def _plan(backend: Backend, session: Record, evse: Record, at: datetime) -> None:
    """Schedule what the present power of a session leads to: a full battery, a limit; and the next change of it."""
    charge = meter.charge_of(session, at)
    if charge is None:
        return
    planned: list[tuple[str, datetime | None]] = [
        ("power", power.next_change(backend, session, evse, at)),
        ("full", charge.full_at),
    ]
    if limit := _limit(backend, session, charge):
        planned.append((limit[1], limit[0]))
    due = {step: moment.isoformat() for step, moment in planned if moment is not None and moment < NEVER}
    for step, moment in due.items():
        if session.state.get("due", {}).get(step) != moment:
            backend.schedule.add(datetime.fromisoformat(moment), f"session.{step}", "sessions", session.id)
    session.state["due"] = due


def _is_due(session: Record, step: str, at: datetime) -> bool:
    """Whether a step is due, and was not put off when the power changed; a state of an older release has no plan."""
    planned = session.state.get("due")
    return planned is None or planned.get(step) == at.isoformat()


@rule
def id_tag_of(_backend: Backend, session: Record, requested: str | None) -> str:
    """The id tag of a session: the one it was started with, else one that the platform generates."""
    return requested or f"*{session.id:07d}"


def _label_of(backend: Backend, uid: str | None) -> str | None:
    tags = backend.store.all("id-tags") if uid else ()
    return next((tag.fields.get("idLabel") for tag in tags if tag.fields.get("idTagUid") == uid), None)


@rule
def link_authorization(_backend: Backend, authorization: Record, session: Record) -> None:
    """Set the session that an authorization led to."""
    authorization.fields["sessionIds"] = [session.id]


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


def _stop(backend: Backend, session: Record, at: datetime, reason: str) -> None:
    if session.fields["status"] == "active":
        session.state["ended"] = at.isoformat()
        finish(backend, session, at, reason=reason)


def _stopping(reason: str) -> Any:
    """A step that ends a session at a limit, unless the limit is now reached at another time."""

    def stop(backend: Backend, session: Record, at: datetime) -> None:
        if _is_due(session, reason, at):
            _stop(backend, session, at, reason)

    return stop


def _change_power(backend: Backend, session: Record, at: datetime) -> None:
    if _is_due(session, "power", at):
        adjust(backend, session, at)


def _become_full(backend: Backend, session: Record, at: datetime) -> None:
    evse = backend.store.peek("evses", session.fields["evseId"])
    if session.fields["status"] == "active" and evse is not None and _is_due(session, "full", at):
        session.state[power.FULL] = True
        evses.show(backend, evse, "suspendedEV", at)
        adjust_beside(backend, evse, at)


def _fault(backend: Backend, session: Record, at: datetime) -> None:
    evse = backend.store.peek("evses", session.fields["evseId"])
    _stop(backend, session, at, "groundfault")
    if evse is not None:
        evses.show(backend, evse, "faulted", at)


def settle(backend: Backend, session: Record, at: datetime) -> None:
    """Bill a finished session, now or with its subscription, and release the amount that is blocked for it."""
    if not post_paid.settle(backend, session, at):
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


STEPS = {
    "session.activate": activate,
    "session.full": _become_full,
    "session.power": _change_power,
    "session.fault": _fault,
    "session.time_limit": _stopping("time_limit"),
    "session.energy_exceeded": _stopping("energy_exceeded"),
    "session.authorization_amount_reached": _stopping("authorization_amount_reached"),
    "session.settle": settle,
    "session.stop": stop_accepted,
}


def _limit(backend: Backend, session: Record, charge: Charge) -> tuple[datetime, str] | None:
    """When a limit of the tariff ends a session that charges on like this, and the reason."""
    terms = meter.terms_of(backend, session)
    stop = terms.get("stopSession") or {}
    limits = []
    if stop.get("timeLimitMinutes"):
        limits.append((charge.started + timedelta(minutes=min(stop["timeLimitMinutes"], 10**6)), "time_limit"))
    if energy := stop.get("stopWhenEnergyExceedsKwh"):
        limits.append((charge.reaches(min(energy, 10**6) * 1000), "energy_exceeded"))
    if reached := preauthorization.reached_at(backend, session, terms, charge):
        limits.append((reached, "authorization_amount_reached"))
    return min(limits, default=None)


@rule
def currency_of(backend: Backend, tariff: Record | None) -> str:
    """The currency of a session: that of its tariff, else the operator's."""
    known = backend.store.all("currencies")
    base = str(known[0].fields.get("alphabeticCode", "EUR")) if known else "EUR"
    return str((tariff.fields.get("currency") if tariff is not None else None) or base)
