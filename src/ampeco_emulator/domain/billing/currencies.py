"""The operator's currency, and how amounts of a currency are rounded.

Facts: `decimal` is the precision of totals, `unitPriceAndCalculationsDecimal` that of prices per kWh and per minute.
"""

from decimal import Decimal

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.domain.billing.pricing import PricePrecision, rounded

_MOST_DECIMALS = 5


def currency(backend: Backend) -> str:
    """The operator's base currency."""
    currencies = backend.store.all("currencies")
    return str(currencies[0].fields.get("alphabeticCode", "EUR")) if currencies else "EUR"


@rule
def precision_of(backend: Backend, code: str) -> PricePrecision:
    """How amounts of a currency are rounded."""
    found = (item.fields for item in backend.store.all("currencies") if item.fields.get("alphabeticCode") == code)
    fields = next(found, {})
    decimals, unit_decimals = (
        min(max(int(fields.get(name, default) or 0), 0), _MOST_DECIMALS)
        for name, default in (("decimal", 2), ("unitPriceAndCalculationsDecimal", _MOST_DECIMALS))
    )
    return PricePrecision(Decimal(1).scaleb(-decimals), Decimal(1).scaleb(-unit_decimals))


def as_money(backend: Backend, amount: Decimal) -> Decimal:
    """An amount in the precision of the operator's currency."""
    return rounded(amount, precision_of(backend, currency(backend)).step)
