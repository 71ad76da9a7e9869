"""Amounts, compared as decimals and within what rounding can do."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scenarios.vocabulary.api import ScenarioApi

#: Money fields take at most five decimals (fact: tariff create), so a shown unit price may be off by half of that.
UNIT_PRICE_STEP = Decimal("0.00001")


def decimal(value: Any) -> Decimal:
    """A JSON number as the decimal it was written as."""
    return Decimal(str(value))


@dataclass(frozen=True)
class Rounding:
    """How far two amounts may differ: `unit` is the smallest amount of the currency."""

    unit: Decimal = Decimal("0.01")

    def equal(self, first: Any, second: Any, roundings: int = 1) -> bool:
        """Whether two amounts agree when each of so many roundings may have lost one unit."""
        return abs(decimal(first) - decimal(second)) <= self.unit * roundings

    def add_up(self, parts: Iterable[Any], total: Any) -> bool:
        """Whether parts, each rounded on its own, sum up to a total."""
        amounts = [decimal(part) for part in parts]
        return self.equal(sum(amounts, Decimal(0)), total, max(1, len(amounts)))

    def is_product(self, price: Any, quantity: Any, price_per_unit: Any) -> bool:
        """Whether a price is quantity times unit price, the unit price being rounded too."""
        slack = self.unit + decimal(quantity) * UNIT_PRICE_STEP
        return abs(decimal(price) - decimal(quantity) * decimal(price_per_unit)) <= slack

    def is_taxed(self, with_tax: Any, without_tax: Any, percentage: Any) -> bool:
        """Whether an amount with tax is the one without plus the percentage of it.

        Both may be rounded from one exact amount, each by up to half a unit; the error of the second grows with the
        percentage: half a unit, and half a unit times 1.19 at 19 %.
        """
        factor = 1 + decimal(percentage) / 100
        return abs(decimal(with_tax) - decimal(without_tax) * factor) <= self.unit / 2 * (1 + factor)


def rounding_of(api: ScenarioApi, currency: str | None) -> Rounding:
    """The rounding of a currency; two decimals when the API does not say."""
    path = "/resources/currencies/v2.0"
    if currency is not None and api.has("GET", path):
        for entry in api.listing(path):
            if entry.get("alphabeticCode") == currency and entry.get("decimal") is not None:
                return Rounding(Decimal(1).scaleb(-int(entry["decimal"])))
    return Rounding()
