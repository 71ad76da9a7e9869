"""A bill by hand beside the one a session shows: where they differ, and both as a table.

A received line may be off by half a unit of the currency, by half a unit of the shown unit price for each piece of its
quantity, and by what the quantity itself is uncertain by (`BillLine.uncertainty`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any, NamedTuple

from scenarios.pricing.bill import FLAT_FEES, Bill, BillLine
from scenarios.pricing.terms import ZERO, decimal

HALF = Decimal("0.5")

#: Fees for reaching a level have types of their own in newer versions only; before, they are lines of the fee itself.
FEE_OF = {flat_fee: fee for fee, flat_fee in FLAT_FEES.items()}

#: Lines that no term of a tariff prices by itself: the floor shows in the total, fees of the platform are not judged.
FLOOR = "min_price"
SERVICE_FEE = "service_fee"


@dataclass(frozen=True)
class Precision:
    """The decimals of a currency: those of amounts, and those of prices per unit."""

    amounts: int = 2
    unit_prices: int = 5

    @property
    def unit(self) -> Decimal:
        """The smallest amount."""
        return Decimal(1).scaleb(-self.amounts)

    @property
    def unit_price_step(self) -> Decimal:
        """The smallest difference of two prices per unit."""
        return Decimal(1).scaleb(-self.unit_prices)


class BillDifference(NamedTuple):
    """Where a received bill differs: the rule that it breaks, what it is about, both values."""

    rule: str
    what: str
    expected: Decimal
    received: Decimal

    def __str__(self) -> str:
        return f"{self.what} is {self.received.normalize():f}, the tariff gives {self.expected.normalize():f}"


def closest(bills: list[Bill], session: Mapping[str, Any], precision: Precision) -> tuple[Bill, list[BillDifference]]:
    """The bill, of several readings, that a session agrees with best, and where it differs even from that one."""
    judged = [(bill, differences(bill, session, precision)) for bill in bills]
    return min(judged, key=lambda pair: (len(pair[1]), sum(abs(one.expected - one.received) for one in pair[1])))


def differences(bill: Bill, session: Mapping[str, Any], precision: Precision) -> list[BillDifference]:
    """Where a finished session, read with its price breakdown, differs from a bill."""
    lines = [line for line in session["priceBreakdown"] if line["type"] != FLOOR and decimal(line["quantity"])]
    fees = {_fee_of(line.type) for line in bill.lines} | {_fee_of(line["type"]) for line in lines if _amount(line)}
    found = [
        difference
        for fee in sorted(fees)
        for difference in _line_differences(
            bill,
            fee,
            [line for line in bill.lines if _fee_of(line.type) == fee],
            [line for line in lines if _fee_of(line["type"]) == fee],
            precision,
        )
    ]
    return [*found, *_total_differences(bill, session["totalAmount"], len(lines), precision)]


def _line_differences(
    bill: Bill, fee: str, expected: list[BillLine], received: list[dict[str, Any]], precision: Precision
) -> list[BillDifference]:
    what = fee.replace("_", " ")
    step = precision.unit_price_step
    found = []
    if not any(line.is_limit for line in expected):
        for line in received:
            price = decimal(line["pricePerUnit"]["withTax"])
            prices = [bill.with_tax(known.price) for known in expected if known.unit == line["unit"]]
            nearest = min(prices, key=lambda known: abs(known - price), default=ZERO)
            if abs(nearest - price) > step:
                found.append(BillDifference("unit-price-of-tariff", f"the unit price of {what}", nearest, price))
        measured = [line for line in expected if line.unit != "session"]
        quantity = sum((line.quantity for line in measured), ZERO)
        billed = sum((decimal(line["quantity"]) for line in received if line["unit"] != "session"), ZERO)
        if abs(quantity - billed) > sum((line.slack for line in measured), ZERO) + step:
            found.append(BillDifference("quantity-of-session", f"the quantity of {what}", quantity, billed))
    amount = bill.with_tax(sum((line.amount for line in expected), ZERO))
    charged = sum((_amount(line) for line in received), ZERO)
    rounding = HALF * (precision.unit * len(received) + step * sum(decimal(line["quantity"]) for line in received))
    uncertain = bill.with_tax(sum((line.uncertainty for line in expected), ZERO))
    if abs(amount - charged) > rounding + uncertain:
        found.append(BillDifference("line-of-tariff", f"the amount of {what}", bill.rounded(amount), charged))
    return found


def _total_differences(bill: Bill, total: Mapping[str, Any], lines: int, precision: Precision) -> list[BillDifference]:
    """A single line is rounded as the total is; of more, each is rounded on its own, and so is its tax."""
    at_floor = bill.total == bill.floor
    roundings = ZERO if at_floor or lines < 2 else precision.unit * ((lines + 1) // 2)
    tolerance = roundings + (ZERO if at_floor else bill.with_tax(bill.uncertainty))
    tax_rounding = precision.unit * max(1, lines) if bill.tax_percentage else ZERO
    found = []
    for kind, expected, slack in (
        ("withTax", bill.total_with_tax, ZERO if bill.reading.tax_included else tax_rounding),
        ("withoutTax", bill.total_without_tax, tax_rounding if bill.reading.tax_included else ZERO),
    ):
        if total.get(kind) is not None and abs(decimal(total[kind]) - expected) > tolerance + slack:
            what = "the total with tax" if kind == "withTax" else "the total without tax"
            found.append(BillDifference("total-of-tariff", what, expected, decimal(total[kind])))
    return found


def table(bill: Bill, session: Mapping[str, Any]) -> list[list[str]]:
    """Both bills, line by line: quantity, unit, unit price, tax and sum, expected beside received."""
    expected_columns = ["line", "unit", "quantity", "unit price", "tax %", "sum"]
    rows = [[*expected_columns, "received quantity", "received unit price", "received sum"]]
    received = sorted(session["priceBreakdown"], key=_key)
    types = sorted({line.type for line in bill.lines} | {line["type"] for line in received})
    for type in types:
        pairs = zip_longest(
            sorted((line for line in bill.lines if line.type == type), key=lambda line: line.price),
            (line for line in received if line["type"] == type),
        )
        rows += [[type, *_row(bill, expected, line)] for expected, line in pairs]
    total = session["totalAmount"]["withTax"]
    return [*rows, ["total", "", "", "", _text(bill.tax_percentage), _text(bill.total_with_tax), "", "", str(total)]]


def _row(bill: Bill, expected: BillLine | None, received: Mapping[str, Any] | None) -> list[str]:
    unit = expected.unit if expected else received["unit"] if received else ""
    ours = ["", "", "", ""]
    if expected is not None:
        amount = bill.rounded(bill.with_tax(expected.amount))
        price = bill.with_tax(expected.price)
        ours = [_text(expected.quantity), _text(price), _text(bill.tax_percentage), _text(amount)]
    theirs = ["", "", ""]
    if received is not None:
        price = received["pricePerUnit"]["withTax"]
        theirs = [str(received["quantity"]), str(price), str(received["price"]["withTax"])]
    return [unit, *ours, *theirs]


def _fee_of(type: str) -> str:
    return FEE_OF.get(type, type)


def _key(line: Mapping[str, Any]) -> tuple[str, Decimal]:
    return line["type"], decimal(line["pricePerUnit"]["withTax"])


def _amount(line: Mapping[str, Any]) -> Decimal:
    return decimal(line["price"]["withTax"])


def _text(number: Decimal) -> str:
    return f"{round(number, 5).normalize():f}"
