"""A session's bill beside the one by hand: what agrees in any reading of the facts, and what does not."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from scenarios.pricing.bill import bills_of
from scenarios.pricing.comparison import Precision, closest, table
from scenarios.pricing.terms import Terms, decimal
from tests.support.courses import course

CENTS = Precision()
NOON = "2026-06-01T12:00"
TERMS = Terms("duration+energy", {"pricePerKwh": 0.35, "pricePerPeriod": 0.6, "pricePeriodInMinutes": 15})
SEVENTY = course(NOON, "charge 70 min 10 kWh")
FLAT = Terms("flat rate", {"pricePerSession": 4})


def line(type: str, unit: str, quantity: float, price: float, amount: float) -> dict[str, Any]:
    return {
        "type": type,
        "unit": unit,
        "quantity": quantity,
        "pricePerUnit": {"withTax": price},
        "price": {"withTax": amount},
    }


def session(total: float, *lines: dict[str, Any], **without_tax: float) -> dict[str, Any]:
    return {"totalAmount": {"withTax": total, **without_tax}, "priceBreakdown": list(lines)}


ENERGY = line("energy", "kwh", 10, 0.35, 3.5)
TIME = line("charging_time", "minute", 75, 0.04, 3)


def rules(terms: Terms, shown: dict[str, Any], tax: int = 0, precision: Precision = CENTS) -> list[str]:
    bills = bills_of(terms, SEVENTY, Decimal(tax), precision.amounts)
    return [difference.rule for difference in closest(bills, shown, precision)[1]]


@pytest.mark.parametrize(
    ("shown", "tax"),
    [
        pytest.param(session(6.5, ENERGY, TIME), 0, id="whole periods"),
        pytest.param(session(6.3, ENERGY, line("charging_time", "minute", 70, 0.04, 2.8)), 0, id="by the minute"),
        pytest.param(session(6.5, ENERGY, TIME, withoutTax=5.42), 20, id="prices include tax"),
        pytest.param(
            session(
                7.8,
                line("energy", "kwh", 10, 0.42, 4.2),
                line("charging_time", "minute", 75, 0.048, 3.6),
                withoutTax=6.5,
            ),
            20,
            id="tax comes on top",
        ),
        pytest.param(session(6.5, line("energy", "kwh", 10.01, 0.35, 3.5), TIME), 0, id="energy in hundredths"),
        pytest.param(
            session(6.5, line("energy", "kwh", 4, 0.35, 1.4), line("energy", "kwh", 6, 0.35, 2.1), TIME),
            0,
            id="a line for each charging period",
        ),
    ],
)
def test_a_correct_bill_agrees_in_some_reading(shown: dict[str, Any], tax: int) -> None:
    assert rules(TERMS, shown, tax) == []


@pytest.mark.parametrize(
    ("shown", "rule"),
    [
        pytest.param(
            session(13, line("energy", "kwh", 10, 0.7, 7), line("charging_time", "minute", 75, 0.08, 6)),
            "unit-price-of-tariff",
            id="every price doubled",
        ),
        pytest.param(session(6.5, line("energy", "kwh", 20, 0.35, 3.5), TIME), "quantity-of-session", id="quantity"),
        pytest.param(session(6.7, line("energy", "kwh", 10, 0.35, 3.7), TIME), "line-of-tariff", id="amount"),
        pytest.param(session(6.8, ENERGY, TIME), "total-of-tariff", id="total"),
        pytest.param(session(6.5, ENERGY, TIME, withoutTax=6.5), "total-of-tariff", id="tax left out"),
        pytest.param(session(3.5, ENERGY), "quantity-of-session", id="a line is missing"),
        pytest.param(
            session(8, ENERGY, TIME, line("connection", "session", 1, 1.5, 1.5)),
            "unit-price-of-tariff",
            id="a line that the tariff has not",
        ),
    ],
)
def test_a_wrong_bill_agrees_in_no_reading(shown: dict[str, Any], rule: str) -> None:
    tax = 20 if "withoutTax" in shown["totalAmount"] else 0
    assert rule in rules(TERMS, shown, tax)


@pytest.mark.parametrize(("total", "agrees"), [(4, True), (4.01, False), (3.99, False)])
def test_the_total_of_a_single_line_is_exact(total: float, agrees: bool) -> None:
    assert (rules(FLAT, session(total, line("flat", "session", 1, 4, 4))) == []) is agrees


@pytest.mark.parametrize(
    "floor", [[line("min_price", "session", 1, 3.5, 3.5)], [], [line("min_price", "session", 1, 10, 10)]]
)
def test_the_line_of_the_floor_may_be_what_is_missing_the_floor_itself_or_left_out(floor: list[dict[str, Any]]) -> None:
    terms = Terms("duration+energy", {**TERMS.pricing, "minPrice": 10})
    assert rules(terms, session(10, ENERGY, TIME, *floor)) == []
    assert rules(terms, session(6.5, ENERGY, TIME)) == ["total-of-tariff"]


@pytest.mark.parametrize(("decimals", "total", "agrees"), [(0, 1575, True), (0, 1576, False), (2, 1575.4, False)])
def test_amounts_have_the_precision_of_the_currency(decimals: int, total: float, agrees: bool) -> None:
    terms = Terms("flat rate", {"pricePerSession": 1575})
    shown = session(total, line("flat", "session", 1, 1575, 1575))
    assert (rules(terms, shown, precision=Precision(decimals)) == []) is agrees


def test_unit_prices_may_have_fewer_decimals_than_the_tariff() -> None:
    terms = Terms("duration+energy", {"pricePerKwh": 0.355})
    shown = session(3.55, line("energy", "kwh", 10, 0.36, 3.55))
    assert rules(terms, shown, precision=Precision(unit_prices=2)) == []
    assert rules(terms, shown) != []


def test_the_table_has_both_bills_line_by_line() -> None:
    shown = session(9.5, ENERGY, line("flat", "session", 1, 3, 3), TIME)
    bill, _ = closest(bills_of(TERMS, SEVENTY), shown, CENTS)
    found: Callable[[str], list[str]] = lambda type: next(row for row in table(bill, shown) if row[0] == type)  # noqa: E731
    assert found("energy") == ["energy", "kwh", "10", "0.35", "0", "3.5", "10", "0.35", "3.5"]
    assert found("flat") == ["flat", "session", "", "", "", "", "1", "3", "3"]
    assert found("total") == ["total", "", "", "", "0", "6.5", "", "", "9.5"]
    assert decimal(found("total")[-1]) == Decimal("9.5")
