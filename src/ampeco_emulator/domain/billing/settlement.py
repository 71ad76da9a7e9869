"""Settlement reports: at the end of every month, for every partner with revenues or expenses.

Facts: monthly platform fees are without VAT; a report gathers the revenues and expenses of a period that no
report has yet (`settlementReportId`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp, parse_timestamp
from ampeco_emulator.domain.billing.currencies import currency
from ampeco_emulator.domain.billing.partner_money import is_in_force

_FEES = ("totalPlatformFeeChargePoints", "totalPlatformFeeAcEvses", "totalPlatformFeeDcEvses")
_BREAKDOWN = ("partnerContractId", "numberOfChargePoints", "numberOfAcEvses", "numberOfDcEvses", *_FEES)
_SETTLED, _REVENUES, _EXPENSES = "settled-months", "partner-revenues", "partner-expenses"


def close_months(backend: Backend, now: datetime) -> None:
    """Issue the reports of every month that has ended since the last call."""
    settled = backend.single(_SETTLED, {})
    present = _month(now)
    if settled.get("month") == present:
        return
    begin = parse_timestamp(settled.get("month", present))
    settled["month"] = present
    while _month(begin) < present:
        end = _next_month(begin)
        for partner in backend.store.all("partners"):
            _settle(backend, partner, begin, end)
        begin = end


def _settle(backend: Backend, partner: Record, begin: datetime, end: datetime) -> None:
    _charge_platform_fee(backend, partner, begin, end)
    revenues, expenses = (_open(backend, resource_type, partner, end) for resource_type in (_REVENUES, _EXPENSES))
    if not revenues and not expenses:
        return
    earned = sum((_amount(item.fields.get("partnerShare")) for item in revenues), Decimal(0))
    owed = sum((_amount((item.fields.get("totalAmount") or {}).get("withoutTax")) for item in expenses), Decimal(0))
    energy = sum(_energy(backend, item) for item in revenues)
    last_day = (end - timedelta(days=1)).date().isoformat()
    report = backend.add(
        "partner-settlement-reports",
        {
            "partnerId": partner.id,
            "date": end.date().isoformat(),
            "periodStart": begin.date().isoformat(),
            "periodEnd": last_day,
            "currencyCode": currency(backend),
            "totalAmount": {"withoutTax": float(left_of(backend, earned, owed))},
            "totalExpenses": float(owed),
            "totalRevenue": float(earned),
            "totalAwaitedRevenue": 0,
            "totalCollectedRevenue": float(earned),
            "totalCollectedRevenueFromPreviousPeriod": 0,
            "totalEnergyCpoWh": energy,
            "totalEnergyEmspWh": 0,
            "customer": {"type": "company", "name": partner.fields.get("name") or "Partner"},
        },
    )
    report.fields["number"] = f"S{report.id:08d}"
    report.fields["downloadUrl"] = f"https://example.com/settlement-reports/{report.id}.pdf"
    for item in (*revenues, *expenses):
        backend.change(item, {"settlementReportId": report.id})
    _announce(backend, report, end)


@rule
def left_of(_backend: Backend, earned: Decimal, owed: Decimal) -> Decimal:
    """What the expenses of a partner leave of the revenue."""
    return earned - owed


def _announce(backend: Backend, report: Record, at: datetime) -> None:
    fields = report.fields
    payload: dict[str, Any] = {
        "id": report.id,
        "reportUid": fields["number"],
        "partnerId": fields["partnerId"],
        "issueDate": format_timestamp(at),
        "period": f"{fields['periodStart']} - {fields['periodEnd']}",
        "totalKwhDeliveredAsCPO": fields["totalEnergyCpoWh"] / 1000,
        "totalKwhDeliveredAsEmsp": 0,
        "totalRevenueCollectedCurrentPeriod": fields["totalCollectedRevenue"],
        "totalRevenueCollectedPreviousPeriods": 0,
        "totalCollectedBalanceCurrentPeriod": fields["totalAmount"]["withoutTax"],
        "totalCollectedBalancePreviousPeriods": 0,
        "totalRevenue": fields["totalRevenue"],
        "totalExpenses": fields["totalExpenses"],
        "totalAmount": fields["totalAmount"]["withoutTax"],
        "currency": fields["currencyCode"],
        "lastUpdatedAt": fields["lastUpdatedAt"],
    }
    backend.announce("settlementReport.created", payload)


def _charge_platform_fee(backend: Backend, partner: Record, begin: datetime, end: datetime) -> None:
    """Charge the monthly fees of a partner and its contracts, without VAT."""
    own = _amount(partner.fields.get("monthlyPlatformFee"))
    contracts = [
        contract
        for contract in backend.store.all("partner-contracts")
        if contract.fields.get("partnerId") == partner.id and is_in_force(backend, contract, begin.date().isoformat())
    ]
    breakdown = [_breakdown(backend, contract) for contract in contracts] or [dict.fromkeys(_BREAKDOWN, 0)]
    # The fee of the partner is one for all of its charge points.
    breakdown[0]["totalPlatformFeeChargePoints"] += float(own)
    fee = sum((_amount(part[name]) for part in breakdown for name in _FEES), Decimal(0))
    if fee <= 0:
        return
    fields = {
        "partnerId": partner.id,
        "partnerName": partner.fields.get("name"),
        "date": format_timestamp(end - timedelta(seconds=1)),
        "origin": "platform-fee-cpo",
        "period": begin.strftime("%Y-%m"),
        "totalAmount": {"withoutTax": float(fee)},
        "currencyCode": currency(backend),
        "currency": currency(backend),
        "settlementReportId": None,
        "subtotal": float(fee),
        "operatorDiscountPercentage": 0,
        "operatorDiscountAmount": 0,
        "breakdown": breakdown,
    }
    backend.add(_EXPENSES, fields)


def _breakdown(backend: Backend, contract: Record) -> dict[str, Any]:
    """The fees under a contract: for its charge points, and for their EVSEs by current."""
    fees = contract.fields.get("monthlyPlatformFees") or {}
    places = [
        item
        for item in backend.store.all("charge-points")
        if (item.fields.get("partner") or {}).get("contractId") == contract.id
    ]
    evses = [evse for place in places for evse in backend.store.all("evses", {"charge-points": str(place.id)})]
    dc = sum(evse.fields.get("currentType") == "dc" for evse in evses)
    counts = {"ChargePoint": len(places), "AcEvse": len(evses) - dc, "DcEvse": dc}
    totals = {name: float(count * _amount(fees.get(f"per{name}"))) for name, count in counts.items()}
    return {
        "partnerContractId": contract.id,
        **{f"numberOf{name}s": count for name, count in counts.items()},
        **{f"totalPlatformFee{name}s": total for name, total in totals.items()},
    }


def _open(backend: Backend, resource_type: str, partner: Record, end: datetime) -> list[Record]:
    """The items before a time that are in no report yet."""
    items: Iterable[Record] = backend.store.all(resource_type, {"partners": str(partner.id)})
    return [
        item
        for item in items
        if item.fields.get("settlementReportId") is None and parse_timestamp(str(item.fields["date"])) < end
    ]


def _energy(backend: Backend, revenue: Record) -> int:
    session = backend.store.peek("sessions", revenue.fields.get("chargingSessionId"))
    return int(session.fields.get("energy") or 0) if session is not None else 0


def _month(moment: datetime) -> str:
    return f"{moment.year:04}-{moment.month:02}-01"


def _next_month(begin: datetime) -> datetime:
    return (begin + timedelta(days=32)).replace(day=1)


def _amount(value: Any) -> Decimal:
    return Decimal(str(value or 0))
