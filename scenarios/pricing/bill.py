"""The bill of a session: its lines and its total, computed from a tariff's terms and the course of the session.

A tariff of 0.35 per kWh, 0.60 per 15 minutes begun and 0.10 per idle minute after 10 minutes of grace, with 20 % tax on
top of its prices; the car takes 10 kWh in 70 minutes and stays for another 25:

    energy          10 kwh    x 0.35 = 3.50
    charging_time   75 minute x 0.04 = 3.00    (5 periods begun of 15 minutes; 0.60 / 15 = 0.04 a minute)
    idle_time       15 minute x 0.10 = 1.50    (25 minutes less 10 of grace)
                                       8.00, with tax 9.60

What the facts leave open is a `PriceReading`, and a bill is right under one of them: whether prices include the tax,
whether a period that has begun is paid whole, whether a car that is idle goes on paying for its time.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from itertools import product

from scenarios.pricing.course import Course, Stretch
from scenarios.pricing.terms import ALWAYS, MIDNIGHT, ZERO, Level, PriceBand, Terms, Window

ONE = Decimal(1)
#: How far the quantity of a line may be from ours: energy is shown in hundredths of a kWh, time in minutes.
ENERGY_SLACK = Decimal("0.01")
MINUTES_SLACK = ONE


@dataclass(frozen=True)
class PriceReading:
    """One way to read what the facts leave open."""

    tax_included: bool
    whole_periods: bool
    idle_is_time: bool

    def __str__(self) -> str:
        return ", ".join(
            (
                "prices with tax" if self.tax_included else "prices without tax",
                "whole periods" if self.whole_periods else "periods by the minute",
                "idle time is charging time" if self.idle_is_time else "idle time is not charging time",
            )
        )


READINGS = tuple(PriceReading(*flags) for flags in product((True, False), (True, False), (False, True)))


@dataclass(frozen=True)
class BillLine:
    """A line of a bill: a quantity at a price per unit; `slack` is how well the quantity is known.

    Where a limit of the tariff bounds a fee, it is the only line of the fee.
    """

    type: str
    unit: str
    quantity: Decimal
    price: Decimal
    slack: Decimal = ZERO
    is_limit: bool = False

    @property
    def amount(self) -> Decimal:
        """What the line costs, not rounded."""
        return self.quantity * self.price

    @property
    def uncertainty(self) -> Decimal:
        """How much the amount may differ because of the quantity."""
        return self.slack * self.price


@dataclass(frozen=True)
class Bill:
    """What a session costs: its lines, and the floor of its total."""

    lines: tuple[BillLine, ...]
    floor: Decimal
    reading: PriceReading
    tax_percentage: Decimal
    decimals: int

    @property
    def subtotal(self) -> Decimal:
        """What the lines add up to, not rounded."""
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        """What the session costs, in the tariff's prices: not less than the floor."""
        return max(self.subtotal, self.floor)

    @property
    def uncertainty(self) -> Decimal:
        """How much the total may differ because of the quantities."""
        return sum((line.uncertainty for line in self.lines), ZERO)

    def with_tax(self, amount: Decimal) -> Decimal:
        """An amount in the tariff's prices, with tax."""
        return amount if self.reading.tax_included else amount * self._factor

    def without_tax(self, amount: Decimal) -> Decimal:
        """An amount in the tariff's prices, without tax."""
        return amount / self._factor if self.reading.tax_included else amount

    @property
    def total_with_tax(self) -> Decimal:
        """The total that is paid, in the currency's precision."""
        return self.rounded(self.with_tax(self.total))

    @property
    def total_without_tax(self) -> Decimal:
        """The total before tax, in the currency's precision."""
        return self.rounded(self.without_tax(self.total))

    def rounded(self, amount: Decimal) -> Decimal:
        """An amount in the currency's precision; halves go up, away from zero."""
        return amount.quantize(ONE.scaleb(-self.decimals), ROUND_HALF_UP)

    @property
    def _factor(self) -> Decimal:
        return 1 + self.tax_percentage / 100


def bill_of(
    terms: Terms, course: Course, reading: PriceReading, tax_percentage: Decimal = ZERO, decimals: int = 2
) -> Bill:
    """The bill of a session under one reading. Raises KeyError for a type of tariff whose prices are elsewhere."""
    lines = [line for component in COMPONENTS[terms.type] for line in component(terms, course, reading)]
    charged = tuple(line for line in lines if line.amount)
    return Bill(charged, terms.number("minPrice"), reading, tax_percentage, decimals)


def bills_of(terms: Terms, course: Course, tax_percentage: Decimal = ZERO, decimals: int = 2) -> list[Bill]:
    """The bills of a session under every reading that makes a difference."""
    bills: dict[tuple[object, ...], Bill] = {}
    # The prices of electricity rates, and those on top of them, are with tax.
    for reading in (reading for reading in READINGS if reading.tax_included or terms.rate is None):
        bill = bill_of(terms, course, reading, tax_percentage, decimals)
        bills.setdefault((bill.lines, bill.with_tax(ONE)), bill)
    return list(bills.values())


Component = Callable[[Terms, Course, PriceReading], Iterator[BillLine]]


def flat(terms: Terms, _course: Course, _reading: PriceReading) -> Iterator[BillLine]:
    """A price for the session: 4.00 x 1."""
    yield BillLine("flat", "session", ONE, terms.number("pricePerSession"))


def connection(terms: Terms, course: Course, _reading: PriceReading) -> Iterator[BillLine]:
    """A fee for the connection, at the price of the start, unless the session stays below a minimum of the tariff."""
    reaches = course.minutes >= terms.number("connectionFeeMinimumSessionDuration") and course.kwh >= terms.number(
        "connectionFeeMinimumSessionEnergy"
    )
    if reaches and course.stretches:
        yield BillLine("connection", "session", ONE, _band_at_start(terms, course).connection)


def energy(terms: Terms, course: Course, _reading: PriceReading) -> Iterator[BillLine]:
    """The energy by time of day: 6 kWh by day x 0.40 + 2 kWh at night x 0.25 = 2.90; levels price parts of it.

    With 0.30 for the first 10 kWh and 0.40 after them, 12 kWh cost 3.00 + 0.80.
    """
    if levels := terms.levels("multiPricePerKwh"):
        yield from _levels("energy", "kwh", levels, course.kwh, ENERGY_SLACK)
        return
    for band, pieces in _by_band(terms, course, course, "lockEnergyPriceOnSessionStart"):
        kwh = sum((piece.kwh for piece in pieces), ZERO)
        yield BillLine("energy", "kwh", kwh, band.energy, ENERGY_SLACK)


def energy_by_rate(terms: Terms, course: Course, _reading: PriceReading) -> Iterator[BillLine]:
    """The energy at the price of an electricity rate: 3 kWh x 0.30 until 18:00, 2 kWh x 0.50 after it = 1.90."""
    edges = terms.markup.edges | (set() if terms.rate is None else terms.rate.edges)
    is_locked = terms.is_set("lockEnergyPriceOnSessionStart") or terms.is_set("lockPriceOnSessionStart")
    by_price: dict[Decimal, Decimal] = {}
    for piece in course.cut_at(edges):
        moment = course.stretches[0].start if is_locked else piece.start
        price = terms.rate_price(course.local_time(moment))
        by_price[price] = by_price.get(price, ZERO) + piece.kwh
    for price, kwh in by_price.items():
        yield BillLine("energy", "kwh", kwh, price, ENERGY_SLACK)


def charging_time(terms: Terms, course: Course, reading: PriceReading) -> Iterator[BillLine]:
    """The time the car charges: 70 minutes at 0.60 per 15 begun = 5 x 0.60 = 3.00; levels price parts of the periods.

    In periods of 60 minutes with 2 free and then 3.00, 150 minutes are 3 periods begun: 3.00.
    """
    paid = (course if reading.idle_is_time else course.charging).after(terms.number("durationFeeGracePeriod"))
    paid = _within(paid, terms.window("durationFeeFrom", "durationFeeTo"))
    length = terms.number("pricePeriodInMinutes") or ONE
    levels = terms.levels("multiPricePerDuration")
    lines = [
        _time_line("charging_time", pieces, band.duration / length, reading, length)
        for band, pieces in _by_band(terms, paid, course, "lockDurationPriceOnSessionStart")
    ]
    yield from _limited(
        _period_levels("charging_time", levels, paid, reading, length) if levels else lines,
        terms.limit("durationFeeLimit"),
    )


def idle_time(terms: Terms, course: Course, reading: PriceReading) -> Iterator[BillLine]:
    """The time the car is idle after the grace: 25 minutes less 10 at 0.10 = 1.50."""
    idle = course.idle(terms.number("idleFeeGracePeriodMinutes"))
    paid = _within(idle, terms.window("idleFeePeriodStart", "idleFeePeriodEnd"))
    length = terms.number("idlePricingPeriodInMinutes") or ONE
    levels = terms.levels("multiIdleFee")
    lines = [
        _time_line("idle_time", pieces, band.idle, reading, length)
        for band, pieces in _by_band(terms, paid, course, "lockIdlePriceOnSessionStart")
    ]
    yield from _limited(
        _period_levels("idle_time", levels, paid, reading, length) if levels else lines, terms.limit("idleFeeLimit")
    )


def average_power(terms: Terms, course: Course, _reading: PriceReading) -> Iterator[BillLine]:
    """A price per minute by the mean power: 11 kW in a tariff of 0.10 up to 7 kW, else 0.20: 60 x 0.20 = 12.00."""
    charging = course.charging
    if charging.minutes:
        level = terms.power_level("averagePowerLevels", "averagePowerUpToKw", charging.kwh * 60 / charging.minutes)
        price = ZERO if level is None else Decimal(str(level["pricePerMinute"]))
        yield BillLine("power_levels_time", "minute", charging.minutes, price, MINUTES_SLACK)


def peak_power(terms: Terms, course: Course, _reading: PriceReading) -> Iterator[BillLine]:
    """A price per minute by the highest power, another one after the regular use: 60 x 0.10 + 30 x 0.30 = 15.00."""
    charging = course.charging
    peak = max((piece.kwh * 60 / piece.minutes for piece in charging.stretches if piece.minutes), default=ZERO)
    level = terms.power_level("peakPowerLevels", "peakPowerUpToKw", peak)
    if level is not None:
        regular = min(charging.minutes, terms.limit("regularUsePeriod") or charging.minutes)
        for minutes, price in (
            (regular, level["regularPricePerMinute"]),
            (charging.minutes - regular, level["excessUsePricePerMin"]),
        ):
            yield BillLine("power_levels_time", "minute", minutes, Decimal(str(price)), MINUTES_SLACK)


ENERGY_AND_TIME: tuple[Component, ...] = (connection, energy, charging_time, idle_time)
#: What is paid for under each type. The one that is not here takes its prices from an optimisation.
COMPONENTS: dict[str, tuple[Component, ...]] = {
    "free": (),
    "charging not allowed": (),
    "flat rate": (flat, connection, idle_time),
    "duration+energy": ENERGY_AND_TIME,
    "duration+energy time of day": ENERGY_AND_TIME,
    "energy tou": (connection, energy_by_rate, charging_time, idle_time),
    "standard": ENERGY_AND_TIME,
    "standard_tod": ENERGY_AND_TIME,
    "average power levels": (connection, average_power, idle_time),
    "peak power levels": (connection, peak_power, idle_time),
}


def _within(course: Course, window: Window) -> Course:
    if window is ALWAYS:
        return course
    pieces = course.cut_at({window.start, window.end})
    return replace(course, stretches=tuple(piece for piece in pieces if window.has(course.local_time(piece.start))))


def _by_band(terms: Terms, paid: Course, course: Course, lock: str) -> Iterator[tuple[PriceBand, list[Stretch]]]:
    """What is paid for, by the band that prices it; under a lock by that of the start of the whole course."""
    bands = terms.bands
    if len(bands) == 1 or terms.is_set(lock) or terms.is_set("lockPriceOnSessionStart"):
        yield _band_at_start(terms, course), list(paid.stretches)
        return
    midnights = {MIDNIGHT} if any(band.days is not None for band in bands) else set()
    pieces = paid.cut_at({edge for band in bands for edge in (band.window.start, band.window.end)} | midnights)
    for band in bands:
        yield band, [piece for piece in pieces if _band_at(bands, paid, piece.start) is band]


def _band_at_start(terms: Terms, course: Course) -> PriceBand:
    bands = terms.bands
    return (_band_at(bands, course, course.stretches[0].start) if course.stretches else None) or bands[0]


def _band_at(bands: list[PriceBand], course: Course, moment: datetime) -> PriceBand | None:
    """The band of a moment: one for its date before the ones for all others."""
    day = course.local_date(moment)
    has_own = any(band.days is not None and day in band.days for band in bands)
    of_day = (band for band in bands if (day in band.days if band.days is not None else not has_own))
    return next((band for band in of_day if band.window.has(course.local_time(moment))), None)


def _time_line(type: str, pieces: list[Stretch], price: Decimal, reading: PriceReading, length: Decimal) -> BillLine:
    minutes = sum((piece.minutes for piece in pieces), ZERO)
    quantity = begun(minutes, length) if reading.whole_periods else minutes
    return BillLine(type, "minute", quantity, price, _slack(minutes, reading, length))


def _period_levels(
    type: str, levels: list[Level], paid: Course, reading: PriceReading, length: Decimal
) -> Iterator[BillLine]:
    quantity = begun(paid.minutes, length) if reading.whole_periods else paid.minutes
    for line in _levels(type, "minute", levels, quantity / length, ZERO):
        if line.unit == "session":
            yield line
        else:
            minutes, price = line.quantity * length, line.price / length
            yield replace(line, quantity=minutes, price=price, slack=_slack(paid.minutes, reading, length))


def _limited(lines: Iterable[BillLine], limit: Decimal | None) -> list[BillLine]:
    """The lines of a fee; one line over its limit where they are more."""
    fee = list(lines)
    if limit is None or sum((line.amount for line in fee), ZERO) <= limit:
        return fee
    return [BillLine(fee[0].type, "session", ONE, limit, is_limit=True)]


def _levels(type: str, unit: str, levels: list[Level], quantity: Decimal, slack: Decimal) -> Iterator[BillLine]:
    for level in levels:
        if part := level.part_of(quantity):
            yield BillLine(type, unit, part, level.price, slack)
            yield BillLine(FLAT_FEES[type], "session", ONE, level.flat_fee)


#: The line of a fee for reaching a level.
FLAT_FEES = {"energy": "energy_flat_fee", "charging_time": "duration_flat_fee", "idle_time": "idle_flat_fee"}


def begun(minutes: Decimal, length: Decimal) -> Decimal:
    """The minutes of all periods that have begun: 70 minutes in periods of 15 are 75."""
    return (minutes / length).to_integral_value(ROUND_CEILING) * length


def _slack(minutes: Decimal, reading: PriceReading, length: Decimal) -> Decimal:
    """How well a time is known: to the minute, which may be what decides whether one more period has begun."""
    into = minutes % length
    if not reading.whole_periods or length == ONE:
        return MINUTES_SLACK
    return length if min(into, length - into) <= MINUTES_SLACK else ZERO
