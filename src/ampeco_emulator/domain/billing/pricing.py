"""The price of a charge: the price lines of a tariff, including tax. One function per type of tariff.

Facts: types of tariff and their fields (tariffs 1.0), types of price lines (sessions 1.0). Times of day are UTC.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from ampeco_emulator.domain.billing.energy import Charge

_CENT = Decimal("0.01")
_UNIT_STEP = Decimal("0.00001")
_DAY_MINUTES = 24 * 60
_ABSURD = Decimal(10**9)
Pricing = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One line of a price: quantity times unit price; `unit` is kwh, minute or session."""

    type: str
    unit: str
    quantity: Decimal
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        """The price of the line, including tax."""
        return rounded(self.quantity * self.unit_price)


def rounded(amount: Decimal) -> Decimal:
    """An amount rounded to cents; excessive amounts of generated data are limited to avoid overflow."""
    return _sane(amount).quantize(_CENT, ROUND_HALF_UP)


def without_tax(amount: Decimal, percentage: Decimal, step: Decimal = _CENT) -> Decimal:
    """An amount without the tax that it includes."""
    return (_sane(amount) / (1 + percentage / 100)).quantize(step, ROUND_HALF_UP)


def _sane(amount: Decimal) -> Decimal:
    return max(-_ABSURD, min(_ABSURD, amount))


def lines_of(tariff: Mapping[str, Any], charge: Charge) -> list[Line]:
    """The price lines of a charge under a tariff; the total is the sum of their amounts."""
    pricing = tariff.get("pricing") or {}
    priced = _TYPES.get(str(tariff.get("type")))
    if priced is None:
        return []
    lines = [line for line in priced({**tariff, **pricing}, charge) if line.quantity > 0 and line.unit_price > 0]
    total = sum((line.amount for line in lines), Decimal(0))
    least = _decimal(pricing.get("minPrice"))
    if least > total and charge.energy > 0:
        lines.append(Line("min_price", "session", Decimal(1), least - total))
    return lines


def line_fields(line: Line, currency: str, percentage: Decimal) -> dict[str, Any]:
    """The representation of a line in a session."""
    unit_price = _sane(line.unit_price).quantize(_UNIT_STEP, ROUND_HALF_UP)
    return {
        "type": line.type,
        "currency": currency,
        "quantity": float(line.quantity),
        "unit": line.unit,
        "price": {"withTax": float(line.amount), "withoutTax": float(without_tax(line.amount, percentage))},
        "pricePerUnit": {
            "withTax": float(unit_price),
            "withoutTax": float(without_tax(unit_price, percentage, _UNIT_STEP)),
        },
        "totalPrice": float(line.amount),
        "unitPrice": float(unit_price),
        "taxPercentage": float(percentage),
    }


def _flat_rate(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    yield Line("flat", "session", Decimal(1), _decimal(pricing.get("pricePerSession")))
    yield from _idle(pricing, charge)


def _duration_and_energy(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    yield from _connection(pricing, charge)
    if pricing.get("multiPricePerKwh"):
        yield from _tiers(
            pricing["multiPricePerKwh"], "energy", "kwh", _kwh(charge.energy), "firstKwh", "lastKwh", "feePerKwh"
        )
    else:
        yield Line("energy", "kwh", _kwh(charge.energy), _decimal(pricing.get("pricePerKwh")))
    if pricing.get("multiPricePerDuration"):
        minutes = _whole_minutes(charge.charging_minutes)
        yield from _tiers(
            pricing["multiPricePerDuration"], "charging_time", "minute", minutes, "firstUnit", "lastUnit", "feePerUnit"
        )
    else:
        yield from _time(
            "charging_time",
            charge.charging_minutes,
            pricing.get("pricePerPeriod"),
            pricing,
            "pricePeriodInMinutes",
            "durationFeeGracePeriod",
            "durationFeeLimit",
        )
    yield from _idle(pricing, charge)


def _time_of_day(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    yield from _connection(pricing, charge)
    day, night = (
        _minute_of(str(pricing.get(name) or default))
        for name, default in (("dayTariffStart", "07:00"), ("nightTariffStart", "23:00"))
    )
    for name, start, end in (("day", day, night), ("night", night, day)):
        energy, minutes = _within(charge, start, end)
        yield Line("energy", "kwh", _kwh(energy), _decimal(pricing.get(f"{name}PricePerKwh")))
        yield from _time(
            "charging_time", minutes, pricing.get(f"{name}PricePerPeriod"), pricing, "pricePeriodInMinutes"
        )
    at = charge.charging_until.hour * 60 + charge.charging_until.minute
    now = "day" if _is_within(at, day, night) else "night"
    yield from _time(
        "idle_time",
        charge.idle_minutes,
        pricing.get(f"{now}IdleFeePerMinute"),
        pricing,
        "",
        "idleFeeGracePeriodMinutes",
        "idleFeeLimit",
    )


def _energy_by_rate(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    """Energy at the price of an electricity rate (`ratePricePerKwh`) with a markup."""
    price = _decimal(pricing.get("ratePricePerKwh"))
    price = price * (1 + _decimal(pricing.get("markupPercentagePerKwh")) / 100) + _decimal(
        pricing.get("markupFixedFeePerKwh")
    )
    yield from _connection(pricing, charge)
    yield Line("energy", "kwh", _kwh(charge.energy), price)
    yield from _time(
        "charging_time", charge.charging_minutes, pricing.get("pricePerPeriod"), pricing, "pricePeriodInMinutes"
    )
    yield from _idle(pricing, charge)


def _standard(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    """The fees of each time period: the n-th fee belongs to the n-th period; without periods the first to the day."""
    fees = pricing.get("pricePeriods") or {}
    periods = [
        (_minute_of(item["startTime"]), _minute_of(item["endTime"])) for item in pricing.get("timePeriods") or ()
    ]
    started = charge.started.hour * 60 + charge.started.minute
    stopped = charge.charging_until.hour * 60 + charge.charging_until.minute
    for number, (start, end) in enumerate(periods or [(0, _DAY_MINUTES)]):
        energy, minutes = _within(charge, start, end)
        if _is_within(started, start, end):
            yield Line("connection", "session", Decimal(1), _fee(fees, "connectionFeePeriods", number))
        yield Line("energy", "kwh", _kwh(energy), _fee(fees, "energyFeePeriods", number))
        yield from _time(
            "charging_time",
            minutes,
            _fee(fees, "durationFeePeriods", number),
            pricing,
            "pricePeriodInMinutes",
            "durationFeeGracePeriod",
        )
        if _is_within(stopped, start, end):
            yield from _time(
                "idle_time",
                charge.idle_minutes,
                _fee(fees, "idleFeePeriods", number),
                pricing,
                "idlePricingPeriodInMinutes",
                "idleFeeGracePeriodMinutes",
            )


def _average_power(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    """Minutes at the price of the level that the average power falls into."""
    hours = charge.charging_minutes / 60
    level = _level(
        pricing.get("averagePowerLevels") or (), charge.energy / 1000 / hours if hours else 0.0, "averagePowerUpToKw"
    )
    yield from _connection(pricing, charge)
    yield Line(
        "power_levels_time", "minute", _whole_minutes(charge.charging_minutes), _decimal(level.get("pricePerMinute"))
    )
    yield from _idle(pricing, charge)


def _peak_power(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    """Minutes at the level of the peak power: at the regular price for a period, then at a higher one."""
    level = _level(pricing.get("peakPowerLevels") or (), charge.power / 1000, "peakPowerUpToKw")
    minutes = _whole_minutes(charge.charging_minutes)
    regular = min(minutes, _decimal(pricing.get("regularUsePeriod"))) if pricing.get("regularUsePeriod") else minutes
    yield from _connection(pricing, charge)
    yield Line("power_levels_time", "minute", regular, _decimal(level.get("regularPricePerMinute")))
    yield Line("power_levels_time", "minute", minutes - regular, _decimal(level.get("excessUsePricePerMin")))
    yield from _idle(pricing, charge)


def _optimised(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    """The whole charge is optimised: emulated cars are never boosted."""
    yield from _connection(pricing, charge)
    price = pricing.get("priceForEnergyWhenOptimized")
    yield Line(
        "energy", "kwh", _kwh(charge.energy), _decimal(price if price is not None else pricing.get("pricePerKwh"))
    )
    yield from _idle(pricing, charge)


_TYPES: Mapping[str, Callable[[Pricing, Charge], Iterator[Line]]] = {
    "flat rate": _flat_rate,
    "duration+energy": _duration_and_energy,
    "duration+energy time of day": _time_of_day,
    "energy tou": _energy_by_rate,
    "standard": _standard,
    "standard_tod": _standard,
    "average power levels": _average_power,
    "peak power levels": _peak_power,
    "optimised dynamic pricing": _optimised,
}


def _connection(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    long_enough = charge.charging_minutes >= float(_decimal(pricing.get("connectionFeeMinimumSessionDuration")))
    enough_energy = _kwh(charge.energy) >= _decimal(pricing.get("connectionFeeMinimumSessionEnergy"))
    if long_enough and enough_energy and charge.energy > 0:
        yield Line("connection", "session", Decimal(1), _decimal(pricing.get("connectionFee")))


def _idle(pricing: Pricing, charge: Charge) -> Iterator[Line]:
    if pricing.get("multiIdleFee"):
        minutes = _whole_minutes(charge.idle_minutes)
        yield from _tiers(
            pricing["multiIdleFee"], "idle_time", "minute", minutes, "firstUnit", "lastUnit", "feePerUnit"
        )
    else:
        yield from _time(
            "idle_time",
            charge.idle_minutes,
            pricing.get("idleFeePerMinute"),
            pricing,
            "idlePricingPeriodInMinutes",
            "idleFeeGracePeriodMinutes",
            "idleFeeLimit",
        )


def _time(
    kind: str,
    minutes: float,
    price: Any,
    pricing: Pricing,
    period_name: str,
    grace_name: str = "",
    limit_name: str = "",
) -> Iterator[Line]:
    """Minutes after the grace period, rounded up to whole periods, up to the limit of the fee."""
    period = int(pricing.get(period_name) or 1)
    begun = Decimal(minutes) - _decimal(pricing.get(grace_name))
    if begun <= 0 or not price:
        return
    quantity = (begun / period).to_integral_value(ROUND_CEILING) * period
    line = Line(kind, "minute", quantity, _decimal(price) / period)
    limit = _decimal(pricing.get(limit_name))
    yield Line(kind, "session", Decimal(1), limit) if 0 < limit < line.amount else line


def _tiers(levels: Any, kind: str, unit: str, quantity: Decimal, first: str, last: str, fee: str) -> Iterator[Line]:
    """Each level prices its part of the quantity, and may add a flat fee once it is reached."""
    for level in levels:
        start = _decimal(level.get(first))
        end = level.get(last)
        part = (quantity if end is None else min(quantity, _decimal(end))) - start
        if part > 0:
            yield Line(kind, unit, part, _decimal(level.get(fee)))
            yield Line(kind, "session", Decimal(1), _decimal(level.get("flatFee")))


def _within(charge: Charge, start: int, end: int) -> tuple[int, float]:
    """Energy in Wh and charging minutes between two minutes of the day; the range may include midnight."""
    energy, minutes = 0, 0.0
    begin = charge.started
    while begin < charge.charging_until:
        at = begin.hour * 60 + begin.minute
        inside = _is_within(at, start, end)
        edge = end if inside else start
        wait = (edge - at) % _DAY_MINUTES or _DAY_MINUTES
        finish = min(charge.charging_until, begin.replace(second=0, microsecond=0) + timedelta(minutes=wait))
        if inside:
            energy += charge.energy_until(finish) - charge.energy_until(begin)
            minutes += (finish - begin).total_seconds() / 60
        begin = finish
    return energy, minutes


def _is_within(minute: int, start: int, end: int) -> bool:
    return start <= minute < end if start < end else minute >= start or minute < end


def _level(levels: Any, kilowatts: float, name: str) -> Mapping[str, Any]:
    """The first level whose bound is not exceeded, else the last."""
    ordered = sorted(levels, key=lambda level: float(level.get(name) or 0))
    return next(
        (level for level in ordered if kilowatts <= float(level.get(name) or 0)), ordered[-1] if ordered else {}
    )


def _fee(fees: Mapping[str, Any], kind: str, number: int) -> Decimal:
    values = (fees.get(kind) or {}).get("fee") or ()
    return _decimal(values[number]) if number < len(values) else Decimal(0)


def _minute_of(time: str) -> int:
    hours, minutes = time.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _kwh(watt_hours: int) -> Decimal:
    return Decimal(watt_hours) / 1000


def _whole_minutes(minutes: float) -> Decimal:
    return Decimal(minutes).to_integral_value(ROUND_CEILING)


def _decimal(value: Any) -> Decimal:
    """A number of a tariff; excessive numbers are limited, so that arithmetic stays exact."""
    return _sane(Decimal(str(value))) if value is not None else Decimal(0)
