"""Settlement reports: at the end of every month, for every partner with revenues or expenses.

Facts: a report gathers the revenues and expenses of a period that no report has yet (`settlementReportId`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp, parse_timestamp
from ampeco_emulator.domain.billing.currencies import currency

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
            "totalAmount": {"withoutTax": float(earned - owed)},
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
    fee = _amount(partner.fields.get("monthlyPlatformFee"))
    if fee > 0:
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
            "breakdown": [_breakdown(backend, partner, fee)],
        }
        backend.add(_EXPENSES, fields)


def _breakdown(backend: Backend, partner: Record, fee: Decimal) -> dict[str, Any]:
    """The breakdown of a platform fee: all of it for the charge points under the contract of the partner."""
    contracts = backend.store.all("partner-contracts")
    contract = next((item for item in contracts if item.fields.get("partnerId") == partner.id), None)
    charge_points = backend.store.all("charge-points")
    theirs = [item for item in charge_points if (item.fields.get("partner") or {}).get("id") == partner.id]
    return {
        "partnerContractId": contract.id if contract is not None else 0,
        "numberOfChargePoints": len(theirs),
        "totalPlatformFeeChargePoints": float(fee),
        "numberOfAcEvses": 0,
        "totalPlatformFeeAcEvses": 0,
        "numberOfDcEvses": 0,
        "totalPlatformFeeDcEvses": 0,
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
