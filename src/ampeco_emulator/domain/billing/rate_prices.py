"""The price of energy by an electricity rate: its periods and the markup of the tariff, in local time.

Facts: periods and intervals are local times with tax; a default price covers the rest of the day.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ampeco_emulator.domain.billing.local_charge import DAY_MINUTES, LocalCharge, Span, decimal_of, minute_of

WEEK_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Pricing = Mapping[str, Any]


def rate_price(pricing: Pricing, local: datetime) -> Decimal:
    """The price of a kWh at a local time: that of the rate, a percentage, a fixed fee, and that of an interval."""
    rate = pricing.get("rate") or {}
    listed = [*rate.get(local.date().isoformat(), ()), *rate.get(WEEK_DAYS[local.weekday()], ()), *rate.get("any", ())]
    price = _price_at(listed, local, rate.get("default"))
    flexible = pricing.get("flexibleMarkUpAsFixedPerKwh") or {}
    price *= 1 + decimal_of(pricing.get("markupPercentagePerKwh")) / 100
    price += decimal_of(pricing.get("markupFixedFeePerKwh"))
    return price + _price_at(flexible.get("intervalPricing") or (), local, flexible.get("defaultPrice"))


def _price_at(intervals: Iterable[Mapping[str, Any]], local: datetime, otherwise: Any) -> Decimal:
    minute = local.hour * 60 + local.minute
    within = (
        interval["price"]
        for interval in intervals
        if minute_of(interval["startsAt"]) <= minute < (minute_of(interval["endsAt"]) or DAY_MINUTES)
    )
    return decimal_of(next(within, otherwise))


def hours_of_one_price(pricing: Pricing, local: LocalCharge) -> Iterator[Span]:
    """The parts of the charging time between the edges of any interval."""
    rate, flexible = pricing.get("rate") or {}, pricing.get("flexibleMarkUpAsFixedPerKwh") or {}
    lists = [*(entry for entry in rate.values() if isinstance(entry, list)), flexible.get("intervalPricing") or []]
    times = {minute_of(item[name]) for items in lists for item in items for name in ("startsAt", "endsAt")}
    edges = sorted({minute % DAY_MINUTES for minute in times} | {0})
    for start, end in zip(edges, [*edges[1:], DAY_MINUTES], strict=True):
        yield from local.spans(local.charge.started, local.charge.charging_until, start, end)
