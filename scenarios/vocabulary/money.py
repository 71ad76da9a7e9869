"""Amounts, compared as decimals and within what rounding can do."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scenarios.vocabulary.api import ScenarioApi

#: To what a quantity may be rounded where it is shown, by its unit; other units are counted.
QUANTITY_STEPS = {"kwh": Decimal("0.01"), "minute": Decimal(1)}
HALF = Decimal("0.5")
CURRENCIES = "/resources/currencies/v2.0"


def decimal(value: Any) -> Decimal:
    """A JSON number as the decimal it was written as."""
    return Decimal(str(value))


@dataclass(frozen=True)
class Rounding:
    """How far two amounts may differ: `unit` is the smallest amount of the currency, `unit_price` that of a price per
    unit (fact: money fields take at most five decimals, fewer where the currency has fewer).
    """

    unit: Decimal = Decimal("0.01")
    unit_price: Decimal = Decimal("0.00001")

    def equal(self, first: Any, second: Any, roundings: int = 1) -> bool:
        """Whether two amounts agree when each of so many roundings may have lost one unit."""
        return abs(decimal(first) - decimal(second)) <= self.unit * roundings

    def add_up(self, parts: Iterable[Any], total: Any) -> bool:
        """Whether parts, each rounded on its own, sum up to a total."""
        amounts = [decimal(part) for part in parts]
        return self.equal(sum(amounts, Decimal(0)), total, max(1, len(amounts)))

    def is_product(self, price: Any, quantity: Any, unit: str, price_per_unit: Any) -> bool:
        """Whether a price is quantity times unit price, when all three are rounded where they are shown."""
        amount, each = decimal(quantity), decimal(price_per_unit)
        slack = self.unit + abs(amount) * self.unit_price + abs(each) * QUANTITY_STEPS.get(unit, Decimal(0)) * HALF
        return abs(decimal(price) - amount * each) <= slack

    def is_taxed(self, with_tax: Any, without_tax: Any, percentage: Any, parts: int = 1) -> bool:
        """Whether an amount with tax is the one without plus the percentage of it, in so many parts.

        Both may be rounded from one exact amount, each by up to half a unit for each part; the error of the second
        grows with the percentage: half a unit, and half a unit times 1.19 at 19 %.
        """
        factor = 1 + decimal(percentage) / 100
        return abs(decimal(with_tax) - decimal(without_tax) * factor) <= self.unit * HALF * (1 + factor) * parts


def rounding_of(api: ScenarioApi, currency: str | None) -> Rounding:
    """The rounding of a currency; two decimals, and five for prices per unit, when the API does not say."""
    places = decimals_of(api, currency)
    return Rounding(*(Decimal(1).scaleb(-number) for number in places)) if places is not None else Rounding()


def decimals_of(api: ScenarioApi, currency: str | None) -> tuple[int, int] | None:
    """The decimals of amounts in a currency and of prices per unit, which are five where the API does not say."""
    for entry in api.listing(CURRENCIES) if currency is not None and api.has("GET", CURRENCIES) else ():
        if entry.get("alphabeticCode") == currency and entry.get("decimal") is not None:
            unit_prices = entry.get("unitPriceAndCalculationsDecimal")
            return int(entry["decimal"]), 5 if unit_prices is None else int(unit_prices)
    return None
