"""The price of a charge: the price lines of a tariff, including tax. One function per type of tariff.

Facts: types of tariff and their fields (tariffs 1.0), types of price lines (sessions 1.0); times of day are those of
the location. Where the facts say nothing: prices include tax, periods are paid whole once they have begun, levels of
time count such periods, and a car that is full pays for idling only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.billing.local_charge import DAY_MINUTES, LocalCharge, Span, decimal_of, minute_of, sane
from ampeco_emulator.domain.billing.rate_prices import hours_of_one_price, rate_price

CENT = Decimal("0.01")
Pricing = Mapping[str, Any]
_TERMS_OF_DAY = (
    *("connectionFeeMinimumSessionDuration", "connectionFeeMinimumSessionEnergy", "durationFeeGracePeriod"),
    *("idleFeeGracePeriodMinutes", "idlePricingPeriodInMinutes", "pricePeriodInMinutes"),
)


@dataclass(frozen=True)
class PricePrecision:
    """How amounts are rounded: amounts to a multiple of `step`, shown prices per unit to one of `unit_step`."""

    step: Decimal = CENT
    unit_step: Decimal = Decimal("0.00001")
    rounding: str = ROUND_HALF_UP


CENTS = PricePrecision()


@dataclass(frozen=True)
class Line:
    """One line of a price: quantity times unit price; `unit` is kwh, minute or session."""

    type: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    precision: PricePrecision = CENTS

    @property
    def amount(self) -> Decimal:
        """The price of the line, including tax."""
        return sane(self.quantity * self.unit_price).quantize(self.precision.step, self.precision.rounding)


@dataclass(frozen=True)
class _DayPart:
    """The prices between two minutes of the day, on the days that it `has`: all of them without it."""

    start: int = 0
    end: int = 0
    connection: Any = None
    energy: Any = None
    duration: Any = None
    idle: Any = None
    has: Callable[[date], bool] | None = None

    def spans(self, local: LocalCharge, begin: datetime, finish: datetime) -> Iterator[Span]:
        """The parts of a time at these prices."""
        return local.spans(begin, finish, self.start, self.end, self.has)

    def begins(self, local: LocalCharge) -> bool:
        """Whether the charge began at these prices."""
        minute = local.started.hour * 60 + local.started.minute
        is_within = (
            self.start <= minute < self.end if self.start < self.end else minute >= self.start or minute < self.end
        )
        return is_within and (self.has is None or self.has(local.started.date()))


def rounded(amount: Decimal, step: Decimal = CENT) -> Decimal:
    """An amount rounded to cents; excessive amounts of generated data are limited to avoid overflow."""
    return sane(amount).quantize(step, ROUND_HALF_UP)


def without_tax(amount: Decimal, percentage: Decimal, step: Decimal = CENT) -> Decimal:
    """An amount without the tax that it includes."""
    return (sane(amount) / (1 + percentage / 100)).quantize(step, ROUND_HALF_UP)


def lines_of(
    tariff: Mapping[str, Any], charge: Charge, zone: tzinfo = UTC, precision: PricePrecision = CENTS
) -> list[Line]:
    """The price lines of a charge under a tariff; the total is the sum of their amounts."""
    pricing = tariff.get("pricing") or {}
    priced = _TYPES.get(str(tariff.get("type")))
    if priced is None:
        return []
    local = LocalCharge(charge, zone)
    terms = {**tariff, **pricing, **_terms_of_day(pricing, local.started.date())}
    found = (replace(line, precision=precision) for line in priced(terms, local))
    lines = [line for line in found if line.quantity > 0 and line.unit_price > 0]
    total = sum((line.amount for line in lines), Decimal(0))
    least = decimal_of(pricing.get("minPrice"))
    if least > total and charge.energy > 0:
        lines.append(Line("min_price", "session", Decimal(1), least - total, precision))
    return lines


def without_energy(lines: list[Line], watt_hours: int) -> list[Line]:
    """The lines without the first energy, which a plan covers."""
    covered, left = _kwh(watt_hours), []
    for line in lines:
        part = min(covered, line.quantity) if line.unit == "kwh" else Decimal(0)
        covered -= part
        if line.quantity > part:
            left.append(replace(line, quantity=line.quantity - part))
    return left


def line_fields(line: Line, currency: str, percentage: Decimal) -> dict[str, Any]:
    """The representation of a line in a session."""
    unit_price = sane(line.unit_price).quantize(line.precision.unit_step, ROUND_HALF_UP)
    return {
        "type": line.type,
        "currency": currency,
        "quantity": float(line.quantity),
        "unit": line.unit,
        "price": {
            "withTax": float(line.amount),
            "withoutTax": float(without_tax(line.amount, percentage, line.precision.step)),
        },
        "pricePerUnit": {
            "withTax": float(unit_price),
            "withoutTax": float(without_tax(unit_price, percentage, line.precision.unit_step)),
        },
        "totalPrice": float(line.amount),
        "unitPrice": float(unit_price),
        "taxPercentage": float(percentage),
    }


def _flat_rate(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    yield Line("flat", "session", Decimal(1), decimal_of(pricing.get("pricePerSession")))
    yield from _connection(pricing, local)
    yield from _idle(pricing, local)


def _energy_and_time(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    yield from _connection(pricing, local)
    yield from _energy(pricing, local)
    yield from _charging_time(pricing, local)
    yield from _idle(pricing, local)


def _energy_by_rate(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    """Energy at the prices of an electricity rate with a markup, each for its time of the day."""
    yield from _connection(pricing, local)
    by_price: dict[Decimal, int] = {}
    is_locked = pricing.get("lockEnergyPriceOnSessionStart") or pricing.get("lockPriceOnSessionStart")
    charge = local.charge
    for start, end in hours_of_one_price(pricing, local):
        price = rate_price(pricing, local.started if is_locked else start.astimezone(local.zone))
        by_price[price] = by_price.get(price, 0) + charge.energy_until(end) - charge.energy_until(start)
    for price, energy in by_price.items():
        yield Line("energy", "kwh", _kwh(energy), price)
    yield from _charging_time(pricing, local)
    yield from _idle(pricing, local)


def _average_power(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    """Minutes at the price of the level that the average power falls into."""
    charge = local.charge
    hours = charge.charging_minutes / 60
    level = _level(
        pricing.get("averagePowerLevels") or (), charge.energy / 1000 / hours if hours else 0.0, "averagePowerUpToKw"
    )
    yield from _connection(pricing, local)
    yield Line("power_levels_time", "minute", _begun(charge.charging_minutes), decimal_of(level.get("pricePerMinute")))
    yield from _idle(pricing, local)


def _peak_power(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    """Minutes at the level of the peak power: at the regular price for a period, then at a higher one."""
    level = _level(pricing.get("peakPowerLevels") or (), local.charge.peak_power / 1000, "peakPowerUpToKw")
    minutes = _begun(local.charge.charging_minutes)
    regular = min(minutes, decimal_of(pricing.get("regularUsePeriod"))) if pricing.get("regularUsePeriod") else minutes
    yield from _connection(pricing, local)
    yield Line("power_levels_time", "minute", regular, decimal_of(level.get("regularPricePerMinute")))
    yield Line("power_levels_time", "minute", minutes - regular, decimal_of(level.get("excessUsePricePerMin")))
    yield from _idle(pricing, local)


def _optimised(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    """The whole charge is optimised: emulated cars are never boosted."""
    price = pricing.get("priceForEnergyWhenOptimized")
    price = price if price is not None else pricing.get("pricePerKwh")
    yield from _connection(pricing, local)
    yield Line("energy", "kwh", _kwh(local.charge.energy), decimal_of(price))
    yield from _idle(pricing, local)


_TYPES: Mapping[str, Callable[[Pricing, LocalCharge], Iterator[Line]]] = {
    "flat rate": _flat_rate,
    "duration+energy": _energy_and_time,
    "duration+energy time of day": _energy_and_time,
    "energy tou": _energy_by_rate,
    "standard": _energy_and_time,
    "standard_tod": _energy_and_time,
    "average power levels": _average_power,
    "peak power levels": _peak_power,
    "optimised dynamic pricing": _optimised,
}


def _bands(pricing: Pricing, local: LocalCharge, lock: str = "") -> list[_DayPart]:
    """The prices by time of day; under a lock those of the start apply all day."""
    bands = list(_all_bands(pricing))
    if pricing.get("lockPriceOnSessionStart") or pricing.get(lock):
        first = _band_of_start(bands, local)
        return [replace(first, start=0, end=0, has=None)]
    return bands


def _all_bands(pricing: Pricing) -> Iterator[_DayPart]:
    if pricing.get("type") == "duration+energy time of day":
        day, night = (
            minute_of(str(pricing.get(name) or default))
            for name, default in (("dayTariffStart", "07:00"), ("nightTariffStart", "23:00"))
        )
        for name, start, end in (("day", day, night), ("night", night, day)):
            prices = (pricing.get(f"{name}{kind}") for kind in ("PricePerKwh", "PricePerPeriod", "IdleFeePerMinute"))
            yield _DayPart(start, end, pricing.get("connectionFee"), *prices)
    elif pricing.get("pricePeriods"):
        fees = pricing["pricePeriods"]
        periods = pricing.get("timePeriods") or [{"startTime": "00:00", "endTime": "24:00"}]
        special = [day for day in pricing.get("daysWhenApplied") or () if day.get("specialDates")]
        dates = frozenset(str(date)[:10] for day in special for date in day["specialDates"])
        ordinary = None if not dates else (lambda day: day.isoformat() not in dates)
        yield from _parts(periods, fees, ordinary)
        for day in special:
            yield from _parts(periods, day.get("pricePeriods") or {}, _is_one_of(day["specialDates"]))
    else:
        names = ("connectionFee", "pricePerKwh", "pricePerPeriod", "idleFeePerMinute")
        yield _DayPart(0, 0, *(pricing.get(name) for name in names))


def _parts(periods: Any, fees: Mapping[str, Any], has: Callable[[date], bool] | None) -> Iterator[_DayPart]:
    for number, item in enumerate(periods):
        fee = {kind: _fee(fees, f"{kind}FeePeriods", number) for kind in ("connection", "energy", "duration", "idle")}
        yield _DayPart(minute_of(item["startTime"]), minute_of(item["endTime"]) % DAY_MINUTES, has=has, **fee)


def _terms_of_day(pricing: Pricing, day: date) -> Pricing:
    """The periods, grace periods and least amounts of the special date on which a charge began."""
    listed = (item for item in pricing.get("daysWhenApplied") or () if _is_one_of(item.get("specialDates") or ())(day))
    own: Pricing = next(listed, {})
    return {name: own[name] for name in _TERMS_OF_DAY if own.get(name) is not None}


def _is_one_of(dates: Iterable[Any]) -> Callable[[date], bool]:
    known = frozenset(str(day)[:10] for day in dates)
    return lambda day: day.isoformat() in known


def _band_of_start(bands: list[_DayPart], local: LocalCharge) -> _DayPart:
    return next((band for band in bands if band.begins(local)), bands[0])


def _connection(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    charge = local.charge
    lasted = (charge.ended - charge.started).total_seconds() / 60
    long_enough = lasted >= float(decimal_of(pricing.get("connectionFeeMinimumSessionDuration")))
    enough_energy = _kwh(charge.energy) >= decimal_of(pricing.get("connectionFeeMinimumSessionEnergy"))
    if long_enough and enough_energy and charge.energy > 0:
        fee = _band_of_start(list(_all_bands(pricing)), local).connection
        yield Line("connection", "session", Decimal(1), decimal_of(fee))


def _energy(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    charge = local.charge
    if pricing.get("multiPricePerKwh"):
        names = ("firstKwh", "lastKwh", "feePerKwh")
        yield from _levels(pricing["multiPricePerKwh"], "energy", "kwh", _kwh(charge.energy), names)
        return
    for band in _bands(pricing, local, "lockEnergyPriceOnSessionStart"):
        spans = band.spans(local, charge.started, charge.charging_until)
        energy = sum(charge.energy_until(end) - charge.energy_until(start) for start, end in spans)
        yield Line("energy", "kwh", _kwh(energy), decimal_of(band.energy))


def _charging_time(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    begin = local.charge.started + _minutes(pricing.get("durationFeeGracePeriod"))
    window = _window(pricing, "durationFeeFrom", "durationFeeTo")
    paid = list(local.spans(begin, local.charge.charging_until, *window))
    period = int(pricing.get("pricePeriodInMinutes") or 1)
    if pricing.get("multiPricePerDuration"):
        lines = _time_levels(pricing["multiPricePerDuration"], "charging_time", paid, period)
    else:
        bands = _bands(pricing, local, "lockDurationPriceOnSessionStart")
        priced = ((band, decimal_of(band.duration) / period) for band in bands)
        lines = (_time(local, "charging_time", paid, band, price, period) for band, price in priced)
    yield from _limited(lines, pricing.get("durationFeeLimit"))


def _idle(pricing: Pricing, local: LocalCharge) -> Iterator[Line]:
    begin = local.charge.charging_until + _minutes(pricing.get("idleFeeGracePeriodMinutes"))
    window = _window(pricing, "idleFeePeriodStart", "idleFeePeriodEnd")
    paid = list(local.spans(begin, local.charge.ended, *window))
    period = int(pricing.get("idlePricingPeriodInMinutes") or 1)
    if pricing.get("multiIdleFee"):
        lines = _time_levels(pricing["multiIdleFee"], "idle_time", paid, period)
    else:
        bands = _bands(pricing, local, "lockIdlePriceOnSessionStart")
        lines = (_time(local, "idle_time", paid, band, decimal_of(band.idle), period) for band in bands)
    yield from _limited(lines, pricing.get("idleFeeLimit"))


def _time(local: LocalCharge, kind: str, paid: list[Span], band: _DayPart, price: Decimal, period: int) -> Line:
    """The time of a band, rounded up to whole periods."""
    spans = [part for start, end in paid for part in band.spans(local, start, end)]
    return Line(kind, "minute", _begun(_length(spans), period), price)


def _time_levels(levels: Any, kind: str, paid: list[Span], period: int) -> Iterator[Line]:
    """Levels of time count periods; the lines show minutes."""
    units = _begun(_length(paid), period) / period
    for line in _levels(levels, kind, "minute", units, ("firstUnit", "lastUnit", "feePerUnit")):
        is_flat = line.unit == "session"
        yield line if is_flat else Line(kind, "minute", line.quantity * period, line.unit_price / period)


def _limited(lines: Iterable[Line], limit: Any) -> list[Line]:
    """The lines of a fee, or one over its limit where they are more."""
    fee = list(lines)
    most = decimal_of(limit)
    is_over = limit is not None and sum((line.amount for line in fee), Decimal(0)) > most
    return [Line(fee[0].type, "session", Decimal(1), most)] if is_over else fee


def _levels(levels: Any, kind: str, unit: str, quantity: Decimal, names: tuple[str, str, str]) -> Iterator[Line]:
    """Each level prices its part of the quantity, and may add a flat fee once it is reached."""
    first, last, fee = names
    for level in levels:
        start = decimal_of(level.get(first))
        end = level.get(last)
        part = (quantity if end is None else min(quantity, decimal_of(end))) - start
        if part > 0:
            yield Line(kind, unit, part, decimal_of(level.get(fee)))
            yield Line(kind, "session", Decimal(1), decimal_of(level.get("flatFee")))


def _window(pricing: Pricing, start: str, end: str) -> tuple[int, int]:
    if pricing.get(start) is None or pricing.get(end) is None:
        return 0, 0
    return minute_of(pricing[start]), minute_of(pricing[end]) % DAY_MINUTES


def _length(spans: list[Span]) -> float:
    return sum((end - start).total_seconds() for start, end in spans) / 60


def _minutes(value: Any) -> timedelta:
    return timedelta(minutes=min(float(decimal_of(value)), 10.0**6))


def _level(levels: Any, kilowatts: float, name: str) -> Mapping[str, Any]:
    """The first level whose bound is not exceeded, else the last."""
    ordered = sorted(levels, key=lambda level: float(level.get(name) or 0))
    return next(
        (level for level in ordered if kilowatts <= float(level.get(name) or 0)), ordered[-1] if ordered else {}
    )


def _fee(fees: Mapping[str, Any], kind: str, number: int) -> Decimal:
    values = (fees.get(kind) or {}).get("fee") or ()
    return decimal_of(values[number]) if number < len(values) else Decimal(0)


def _kwh(watt_hours: int) -> Decimal:
    return Decimal(watt_hours) / 1000


def _begun(minutes: float, period: int = 1) -> Decimal:
    """The minutes of all periods that have begun."""
    return (Decimal(minutes) / period).to_integral_value(ROUND_CEILING) * period
