"""Comparing amounts."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.vocabulary.money import Rounding

CENTS = Rounding()


@pytest.mark.parametrize(("first", "second", "equal"), [(1.1, 1.1, True), (1.1, 1.11, True), (1.1, 1.12, False)])
def test_amounts_agree_within_one_unit(first: float, second: float, equal: bool) -> None:
    assert CENTS.equal(first, second) is equal


def test_every_part_of_a_sum_may_be_rounded() -> None:
    assert CENTS.add_up([0.33, 0.33, 0.33], 1)
    assert not CENTS.add_up([0.33, 0.33], 1)
    assert not CENTS.add_up([], 1)


def test_a_shown_unit_price_may_be_rounded_to_five_decimals() -> None:
    assert CENTS.is_product(3333.33, 10000, "session", 0.33333)
    assert not CENTS.is_product(3334.33, 10000, "session", 0.33333)
    assert CENTS.is_product(-3333.33, -10000, "session", 0.33333)  # a credit


def test_a_shown_unit_price_has_the_decimals_of_its_currency() -> None:
    assert not CENTS.is_product(4.17, 11.75, "kwh", 0.35)
    assert Rounding(unit_price=Decimal("0.01")).is_product(4.17, 11.75, "kwh", 0.35)
    assert not Rounding(unit_price=Decimal("0.01")).is_product(4.31, 11.75, "kwh", 0.35)


@pytest.mark.parametrize(
    ("price", "quantity", "unit", "unit_price"),
    [(36.82, 61.4, "minute", 0.6), (49.52, 11.0, "kwh", 4.5), (36.82, 61, "minute", 0.6)],
)
def test_a_shown_quantity_may_be_rounded(price: float, quantity: float, unit: str, unit_price: float) -> None:
    assert CENTS.is_product(price, quantity, unit, unit_price)
    assert not CENTS.is_product(price + 0.6, quantity, unit, unit_price)


@pytest.mark.parametrize(("with_tax", "taxed"), [(12, True), (12.01, True), (12.5, False)])
def test_tax_is_the_percentage_of_the_amount_without(with_tax: float, taxed: bool) -> None:
    assert CENTS.is_taxed(with_tax, 10, 20) is taxed


@given(
    st.decimals(-10_000, 10_000, places=6),
    st.sampled_from(["0", "5", "8.1", "19", "20", "21", "25", "25.5", "27", "100"]),
    st.sampled_from(["1", "0.01", "0.001"]),
)
@example(Decimal("5.2145"), "19", "0.01")
def test_amounts_rounded_from_one_exact_amount_are_taxed(net: Decimal, percentage: str, unit: str) -> None:
    taxed = net * (1 + Decimal(percentage) / 100)
    with_tax, without_tax = (amount.quantize(Decimal(unit), ROUND_HALF_UP) for amount in (taxed, net))
    assert Rounding(Decimal(unit)).is_taxed(with_tax, without_tax, percentage)


@pytest.mark.parametrize("percentage", [8.1, 19, 21, 27])
def test_an_amount_that_is_two_units_off_is_not_taxed(percentage: float) -> None:
    taxed = Decimal(100) * (1 + Decimal(str(percentage)) / 100)
    assert not CENTS.is_taxed(taxed + Decimal("0.02"), 100, percentage)
    assert not CENTS.is_taxed(taxed - Decimal("0.02"), 100, percentage)


@given(st.lists(st.integers(1, 99_999), min_size=2, max_size=6), st.sampled_from(["5", "19", "25", "27"]))
def test_the_tax_of_a_total_may_be_rounded_line_by_line(cents: list[int], percentage: str) -> None:
    lines = [Decimal(amount) / 100 for amount in cents]
    factor = 1 + Decimal(percentage) / 100
    net = sum(((line / factor).quantize(Decimal("0.01"), ROUND_HALF_UP) for line in lines), Decimal(0))
    assert CENTS.is_taxed(sum(lines), net, percentage, len(lines))
    assert not CENTS.is_taxed(sum(lines) + Decimal("0.03") * len(lines), net, percentage, len(lines))


def test_a_currency_without_decimals_is_rounded_to_whole_units() -> None:
    assert Rounding(Decimal(1)).equal(100, 101)
    assert not CENTS.equal(100, 101)
