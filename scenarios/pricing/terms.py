"""What a tariff says: the terms of a tariff or of its snapshot, as decimals and times.

Facts: `pricePerSession` belongs to a flat rate, `pricePerPeriod` to duration+energy, the day and night prices to
duration+energy time of day, `regularUsePeriod` to peak power levels; `dayTariffStart` and `nightTariffStart` are beside
`pricing`; money has at most five decimals; levels begin at 0 and the last one has no end (operation notes, tariffs).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)
MIDNIGHT = time()


def decimal(value: Any) -> Decimal:
    """A JSON number as the decimal it was written as."""
    return Decimal(str(value))


@dataclass(frozen=True)
class Window:
    """A part of every day from one time to another; it may contain midnight, and is the whole day when they agree."""

    start: time
    end: time

    def has(self, local: time) -> bool:
        """Whether a local time is in it; its end is not."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


ALWAYS = Window(MIDNIGHT, MIDNIGHT)


@dataclass(frozen=True)
class Level:
    """A part of a quantity, from `first` to `last` (None: no end), with its own price and a fee for reaching it."""

    first: Decimal
    last: Decimal | None
    price: Decimal
    flat_fee: Decimal

    def part_of(self, quantity: Decimal) -> Decimal:
        """How much of a quantity lies in the level."""
        end = quantity if self.last is None else min(quantity, self.last)
        return max(ZERO, end - self.first)


@dataclass(frozen=True)
class PriceList:
    """A price with tax for parts of a day, in local time, and one for the rest of it."""

    otherwise: Decimal = ZERO
    intervals: tuple[tuple[Window, Decimal], ...] = ()

    @classmethod
    def of(cls, otherwise: Any, intervals: Iterable[Mapping[str, Any]]) -> "PriceList":
        """The prices of intervals as the API shows them."""
        found = tuple(
            (Window(_time(entry["startsAt"]) or MIDNIGHT, _time(entry["endsAt"]) or MIDNIGHT), decimal(entry["price"]))
            for entry in intervals
        )
        return cls(decimal(otherwise or 0), found)

    def price(self, local: time) -> Decimal:
        """The price at a local time."""
        return next((price for window, price in self.intervals if window.has(local)), self.otherwise)

    @property
    def edges(self) -> set[time]:
        """When the price may change."""
        return {edge for window, _ in self.intervals for edge in (window.start, window.end)}


@dataclass(frozen=True)
class PriceBand:
    """The prices of a part of the day, on the days that it is for (None: on all others)."""

    window: Window = ALWAYS
    connection: Decimal = ZERO
    energy: Decimal = ZERO
    duration: Decimal = ZERO
    idle: Decimal = ZERO
    days: frozenset[str] | None = None


@dataclass(frozen=True)
class Terms:
    """The terms of a tariff; `rate` has the prices of its electricity rate on the day of the session."""

    type: str
    pricing: Mapping[str, Any]
    day_starts: time | None = None
    night_starts: time | None = None
    rate: PriceList | None = None

    @classmethod
    def of(cls, tariff: Mapping[str, Any]) -> "Terms":
        """The terms of a tariff or a snapshot as the API shows it."""
        day, night = (_time(tariff.get(name)) for name in ("dayTariffStart", "nightTariffStart"))
        return cls(tariff["type"], tariff.get("pricing") or {}, day, night)

    def number(self, name: str) -> Decimal:
        """A number of the pricing; 0 when it is left out."""
        return decimal(self.pricing.get(name) or 0)

    def limit(self, name: str) -> Decimal | None:
        """A bound; None when it is left out, for then there is no limit."""
        return None if self.pricing.get(name) is None else self.number(name)

    def is_set(self, name: str) -> bool:
        """Whether a flag of the pricing is set."""
        return bool(self.pricing.get(name))

    def window(self, start: str, end: str) -> Window:
        """The part of the day between two times of the pricing; the whole day when one of them is left out."""
        first, last = _time(self.pricing.get(start)), _time(self.pricing.get(end))
        return ALWAYS if first is None or last is None else Window(first, last)

    def levels(self, name: str) -> list[Level]:
        """The levels of a quantity, lowest first; none when the tariff has one price for everything."""
        unit = "Kwh" if name == "multiPricePerKwh" else "Unit"
        levels = [
            Level(
                decimal(level[f"first{unit}"]),
                None if level.get(f"last{unit}") is None else decimal(level[f"last{unit}"]),
                decimal(level.get(f"feePer{unit}") or 0),
                decimal(level.get("flatFee") or 0),
            )
            for level in self.pricing.get(name) or ()
        ]
        return sorted(levels, key=lambda level: level.first)

    def power_level(self, name: str, up_to: str, kilowatts: Decimal) -> Mapping[str, Any] | None:
        """The entry for a power: the first whose limit it does not exceed, else the highest; None without entries."""
        entries = sorted(self.pricing.get(name) or (), key=lambda entry: decimal(entry[up_to]))
        return next(
            (entry for entry in entries if kilowatts <= decimal(entry[up_to])), entries[-1] if entries else None
        )

    @property
    def bands(self) -> list[PriceBand]:
        """The prices by time of day; one band for a tariff without times."""
        if self.day_starts is not None and self.night_starts is not None and self.type.endswith("time of day"):
            return [
                self._half("day", Window(self.day_starts, self.night_starts)),
                self._half("night", Window(self.night_starts, self.day_starts)),
            ]
        if self.pricing.get("timePeriods"):
            special = [
                (frozenset(day["specialDates"]), day.get("pricePeriods") or {})
                for day in self.pricing.get("daysWhenApplied") or ()
                if day.get("specialDates")
            ]
            lists = [*special, (None, self.pricing.get("pricePeriods") or {})]
            return [
                self._period(number, entry, fees, days)
                for days, fees in lists
                for number, entry in enumerate(self.pricing["timePeriods"])
            ]
        return [
            PriceBand(
                connection=self.number("connectionFee"),
                energy=self.number("pricePerKwh"),
                duration=self.number("pricePerPeriod"),
                idle=self.number("idleFeePerMinute"),
            )
        ]

    def _half(self, half: str, window: Window) -> PriceBand:
        return PriceBand(
            window,
            connection=self.number("connectionFee"),
            energy=self.number(f"{half}PricePerKwh"),
            duration=self.number(f"{half}PricePerPeriod"),
            idle=self.number(f"{half}IdleFeePerMinute"),
        )

    def _period(
        self, number: int, entry: Mapping[str, Any], periods: Mapping[str, Any], days: frozenset[str] | None
    ) -> PriceBand:
        def fee(name: str) -> Decimal:
            fees = (periods.get(f"{name}FeePeriods") or {}).get("fee") or ()
            return decimal(fees[number] or 0) if number < len(fees) else ZERO

        window = Window(_time(entry["startTime"]) or MIDNIGHT, _time(entry["endTime"]) or MIDNIGHT)
        return PriceBand(window, fee("connection"), fee("energy"), fee("duration"), fee("idle"), days)

    @property
    def markup(self) -> PriceList:
        """What a kWh costs on top of an electricity rate, by intervals of the day."""
        flexible = self.pricing.get("flexibleMarkUpAsFixedPerKwh") or {}
        return PriceList.of(flexible.get("defaultPrice"), flexible.get("intervalPricing") or ())

    def rate_price(self, local: time) -> Decimal:
        """The price of a kWh: that of the rate with a percentage, a fixed fee, and that of an interval.

        A rate of 0.30 with 10 % and 0.05 on top, in an interval of 0.02: 0.33 + 0.05 + 0.02 = 0.40.
        """
        rate = ZERO if self.rate is None else self.rate.price(local)
        fees = self.number("markupFixedFeePerKwh") + self.markup.price(local)
        return rate * (1 + self.number("markupPercentagePerKwh") / 100) + fees


def _time(text: str | None) -> time | None:
    # The end of the day is written 24:00; a zone may be written, but times of day are local.
    return None if text is None else time.fromisoformat(re.sub("^24:00", "00:00", text)).replace(tzinfo=None)
