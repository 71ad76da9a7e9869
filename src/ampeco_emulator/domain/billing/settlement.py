"""Settlement reports: at the end of every month, for every partner who has earned or owes something.

Facts: a report gathers the revenues and expenses of a period that no report has yet (`settlementReportId`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ampeco_emulator.backend.backend import World
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import read_moment, written
from ampeco_emulator.domain.billing.billing import currency

_SETTLED, _REVENUES, _EXPENSES = "settled-months", "partner-revenues", "partner-expenses"


def close_months(world: World, now: datetime) -> None:
    """Report on every month that has ended since this was asked last."""
    settled = world.single(_SETTLED, {})
    present = _month(now)
    begin = read_moment(settled.get("month", present))
    settled["month"] = present
    while _month(begin) < present:
        end = _next_month(begin)
        for partner in world.store.all("partners"):
            _settle(world, partner, begin, end)
        begin = end


def _settle(world: World, partner: Record, begin: datetime, end: datetime) -> None:
    _charge_platform_fee(world, partner, begin, end)
    revenues, expenses = (_open(world, family, partner, end) for family in (_REVENUES, _EXPENSES))
    if not revenues and not expenses:
        return
    earned = sum((_amount(item.fields.get("partnerShare")) for item in revenues), Decimal(0))
    owed = sum((_amount((item.fields.get("totalAmount") or {}).get("withoutTax")) for item in expenses), Decimal(0))
    energy = sum(_energy(world, item) for item in revenues)
    last_day = (end - timedelta(days=1)).date().isoformat()
    report = world.add(
        "partner-settlement-reports",
        {
            "partnerId": partner.id,
            "date": end.date().isoformat(),
            "periodStart": begin.date().isoformat(),
            "periodEnd": last_day,
            "currencyCode": currency(world),
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
        world.change(item, {"settlementReportId": report.id})
    _tell(world, report, end)


def _tell(world: World, report: Record, at: datetime) -> None:
    fields = report.fields
    told: dict[str, Any] = {
        "id": report.id,
        "reportUid": fields["number"],
        "partnerId": fields["partnerId"],
        "issueDate": written(at),
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
    world.announce("settlementReport.created", told)


def _charge_platform_fee(world: World, partner: Record, begin: datetime, end: datetime) -> None:
    fee = _amount(partner.fields.get("monthlyPlatformFee"))
    if fee > 0:
        fields = {
            "partnerId": partner.id,
            "partnerName": partner.fields.get("name"),
            "date": written(end - timedelta(seconds=1)),
            "origin": "platform-fee-cpo",
            "period": begin.strftime("%Y-%m"),
            "totalAmount": {"withoutTax": float(fee)},
            "currencyCode": currency(world),
            "currency": currency(world),
            "settlementReportId": None,
            "subtotal": float(fee),
            "operatorDiscountPercentage": 0,
            "operatorDiscountAmount": 0,
            "breakdown": [_breakdown(world, partner, fee)],
        }
        world.add(_EXPENSES, fields)


def _breakdown(world: World, partner: Record, fee: Decimal) -> dict[str, Any]:
    """What a platform fee is for: all of it for the charge points under the partner's contract."""
    contracts = world.store.all("partner-contracts")
    contract = next((item for item in contracts if item.fields.get("partnerId") == partner.id), None)
    charge_points = world.store.all("charge-points")
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


def _open(world: World, family: str, partner: Record, end: datetime) -> list[Record]:
    """What no report has yet, of the time before a moment."""
    items: Iterable[Record] = world.store.all(family, {"partners": str(partner.id)})
    return [
        item
        for item in items
        if item.fields.get("settlementReportId") is None and read_moment(str(item.fields["date"])) < end
    ]


def _energy(world: World, revenue: Record) -> int:
    session = world.store.peek("sessions", revenue.fields.get("chargingSessionId"))
    return int(session.fields.get("energy") or 0) if session is not None else 0


def _month(moment: datetime) -> str:
    return moment.strftime("%Y-%m-01")


def _next_month(begin: datetime) -> datetime:
    return (begin + timedelta(days=32)).replace(day=1)


def _amount(value: Any) -> Decimal:
    return Decimal(str(value or 0))
