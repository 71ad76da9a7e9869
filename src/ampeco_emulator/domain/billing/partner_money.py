"""Revenue sharing: the part of a partner in a paid session at one of its charge points.

Facts: a contract counts by whole months and gives the partner a percentage, by current type of the EVSE, of the total
without tax; fixed and per-kWh fees come out of the partner's share; with deductElectricityCost the electricity cost is
taken off first.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.billing.currencies import precision_of
from ampeco_emulator.domain.billing.pricing import rounded


@rule
def share_out(backend: Backend, session: Record, at: datetime) -> None:
    """Record the revenue of the partner whose contract covers the charge point, if any."""
    charge_point = backend.store.peek("charge-points", session.fields["chargePointId"])
    terms = (charge_point.fields.get("partner") or {}) if charge_point is not None else {}
    partner = backend.store.peek("partners", terms.get("id"))
    contract = backend.store.peek("partner-contracts", terms.get("contractId"))
    if charge_point is None or partner is None or contract is None:
        return
    if not is_in_force(backend, contract, session.fields["startedAt"]):
        return
    sharing = contract.fields.get("revenueSharing") or {}
    net = _amount((session.fields.get("totalAmount") or {}).get("withoutTax"))
    cost = _amount(session.fields.get("electricityCost"))
    shared = net - cost if sharing.get("deductElectricityCost") else net
    partner_share = _partner_share(backend, session, sharing, shared)
    begin, end = session.fields["startedAt"], session.fields["stoppedAt"]
    backend.add(
        "partner-revenues",
        {
            "partnerId": partner.id,
            "partnerName": partner.fields.get("name"),
            "date": format_timestamp(at),
            "origin": "session-cpo",
            "totalAmount": {"withoutTax": float(net)},
            "operatorShare": float(operator_share(backend, shared, partner_share)),
            "partnerShare": float(partner_share),
            "currencyCode": session.fields["currency"],
            "currency": session.fields["currency"],
            "settlementReportId": None,
            "chargingSessionId": session.id,
            "startedAt": begin,
            "duration": str(datetime.fromisoformat(end) - datetime.fromisoformat(begin)),
            "chargePointName": charge_point.fields.get("name"),
            "authorization": session.fields.get("idTag"),
            "electricityCost": float(cost) if cost else None,
            "remainingRevenue": float(shared),
            "collectedAt": format_timestamp(at),
        },
    )


@rule
def is_in_force(_backend: Backend, contract: Record, moment: str) -> bool:
    """Whether a contract counts at a moment: from the month of its start to that of its end, if it has one."""
    start, end = (str(contract.fields.get(name) or "")[:7] for name in ("startDate", "endDate"))
    return start <= moment[:7] and (not end or moment[:7] <= end)


@rule
def operator_share(_backend: Backend, shared: Decimal, partner_share: Decimal) -> Decimal:
    """The operator's part of the shared revenue."""
    return shared - partner_share


def _partner_share(backend: Backend, session: Record, sharing: dict[str, Any], shared: Decimal) -> Decimal:
    evse = backend.store.peek("evses", session.fields["evseId"])
    current = "Dc" if evse is not None and evse.fields.get("currentType") == "dc" else "Ac"
    share = shared * _amount(sharing.get(f"partnerSharePercentage{current}Evse")) / 100
    fees = fees_of(backend, session, sharing, current)
    return rounded(max(share - fees, Decimal(0)), precision_of(backend, session.fields["currency"]).step)


@rule
def fees_of(_backend: Backend, session: Record, sharing: dict[str, Any], current: str) -> Decimal:
    """The fees that a contract takes for a session from the partner's share; `current` is Ac or Dc."""
    by_energy = _amount(sharing.get(f"feePerKwh{current}")) * _amount(session.fields["energy"]) / 1000
    return _amount(sharing.get(f"fixedFeePerSession{current}")) + by_energy


def _amount(value: Any) -> Decimal:
    return Decimal(str(value or 0))
