"""What a session must cost: the bills computed by hand, and what holds for every bill."""

import itertools
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.pricing.bill import COMPONENTS, READINGS, PriceReading, bill_of, bills_of
from scenarios.pricing.course import Course
from scenarios.pricing.terms import MIDNIGHT, ZERO, PriceList, Terms
from tests.support.bills_by_hand import (
    AN_HOUR,
    BILLS,
    BY_THE_MINUTE,
    DAY_NIGHT,
    EVENING,
    FROM_7_TO_23,
    GROSS,
    NET,
    NOON,
    SEVENTY,
    ByHand,
    energy_at,
    quarter_hours,
)
from tests.support.courses import course


def plain(number: Decimal) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


@pytest.mark.parametrize("by_hand", BILLS, ids=lambda by_hand: by_hand.rule)
def test_the_bill_is_the_one_computed_by_hand(by_hand: ByHand) -> None:
    terms = Terms.of({"type": by_hand.type, "pricing": by_hand.pricing, **by_hand.top})
    bill = bill_of(terms, by_hand.course, by_hand.reading)
    lines = [f"{line.type} {plain(line.quantity)} x {plain(line.price)} = {plain(line.amount)}" for line in bill.lines]
    assert lines == by_hand.lines
    assert bill.total_with_tax == bill.total_without_tax == Decimal(by_hand.total)


@pytest.mark.parametrize(
    ("reading", "with_tax", "without_tax"),
    [
        pytest.param(NET, "4.20", "3.50", id="20 % on 3.50 are 0.70"),
        pytest.param(GROSS, "3.50", "2.92", id="3.50 / 1.20 = 2.9167"),
    ],
)
def test_tax_is_in_the_prices_or_comes_on_top(reading: PriceReading, with_tax: str, without_tax: str) -> None:
    bill = bill_of(Terms("duration+energy", energy_at(0.35)), SEVENTY, reading, tax_percentage=Decimal(20))
    assert (bill.total_with_tax, bill.total_without_tax) == (Decimal(with_tax), Decimal(without_tax))


@pytest.mark.parametrize(
    ("price", "kwh", "decimals", "total"),
    [
        pytest.param(150, "10.51", 0, "1577", id="1576.5 in a currency without decimals"),
        pytest.param(0.35125, "10.004", 2, "3.51", id="3.513905 in cents"),
        pytest.param(0.1, "12.345", 3, "1.235", id="1.2345 in thousandths"),
    ],
)
def test_the_total_has_the_precision_of_the_currency(price: float, kwh: str, decimals: int, total: str) -> None:
    bill = bill_of(
        Terms("duration+energy", energy_at(price)), course(NOON, f"charge 60 min {kwh} kWh"), NET, decimals=decimals
    )
    assert str(bill.total_with_tax) == total


def test_times_of_day_may_be_written_with_a_zone() -> None:
    tariff = {"type": "duration+energy time of day", "pricing": DAY_NIGHT}
    top = {"dayTariffStart": "07:00:00Z", "nightTariffStart": "23:00:00+00:00"}
    assert bill_of(Terms.of(tariff | top), EVENING, NET) == bill_of(Terms.of(tariff | FROM_7_TO_23), EVENING, NET)


def test_readings_that_make_no_difference_are_one_bill() -> None:
    assert len(bills_of(Terms("flat rate", {"pricePerSession": 4}), AN_HOUR)) == 1
    assert len(bills_of(Terms("duration+energy", quarter_hours(0.6)), SEVENTY, Decimal(20))) == 4


def test_periods_of_the_session_are_its_course() -> None:
    period = {"startedAt": "2026-06-01T10:00:00Z", "stoppedAt": "2026-06-01T10:30:00Z", "energy": 5500}
    idle = {"startedAt": "2026-06-01T10:30:00Z", "stoppedAt": "2026-06-01T11:00:00Z", "energy": 0}
    periods = [{**period, "state": "charging"}, {**idle, "chargingState": "idle", "state": "suspendedEV"}]
    found = Course.of({"chargingPeriods": periods}, AN_HOUR.zone)
    assert (found.kwh, found.minutes, found.charging.minutes) == (Decimal("5.5"), Decimal(60), Decimal(30))


PRICES = st.decimals("0.01", "2", places=5).map(float)
MINUTES = st.integers(1, 600)
PRICED = st.fixed_dictionaries(
    {
        "pricePerKwh": PRICES,
        "pricePerPeriod": PRICES,
        "idleFeePerMinute": PRICES,
        "pricePeriodInMinutes": st.sampled_from([1, 15, 60]),
    },
    optional={"minPrice": PRICES, "connectionFee": PRICES, "idleFeeGracePeriodMinutes": st.integers(0, 30)},
)
CHEAP = settings(max_examples=40, deadline=None, database=None)


@CHEAP
@given(PRICED, MINUTES, MINUTES, st.sampled_from(READINGS))
def test_a_price_doubled_doubles_the_lines(
    pricing: dict[str, Any], charging: int, idle: int, reading: PriceReading
) -> None:
    its_course = course(NOON, f"charge {charging} min 10 kWh", f"idle {idle} min")
    doubled = {
        name: value * 2 if name.startswith(("price", "idleFeeP", "conn")) else value for name, value in pricing.items()
    }
    doubled["pricePeriodInMinutes"] = pricing["pricePeriodInMinutes"]
    once, twice = (bill_of(Terms("duration+energy", terms), its_course, reading) for terms in (pricing, doubled))
    assert abs(twice.subtotal - 2 * once.subtotal) < Decimal("1e-9")


@CHEAP
@given(PRICED, MINUTES, st.integers(0, 1000), st.sampled_from(READINGS))
def test_who_charges_longer_never_pays_less(
    pricing: dict[str, Any], minutes: int, more: int, reading: PriceReading
) -> None:
    shorter, longer = (
        bill_of(Terms("duration+energy", pricing), course(NOON, f"charge {time} min {time / 6:.3f} kWh"), reading)
        for time in (minutes, minutes + more)
    )
    assert shorter.total <= longer.total
    assert shorter.total >= Decimal(str(pricing.get("minPrice", 0)))


@CHEAP
@given(st.integers(0, 24 * 60 - 1), st.integers(1, 3000), st.sampled_from(["2026-03-28", "2026-06-01", "2026-10-24"]))
def test_no_energy_and_no_minute_is_lost_at_the_edge_of_a_band(start: int, minutes: int, day: str) -> None:
    its_course = course(f"{day}T{start // 60:02}:{start % 60:02}", f"charge {minutes} min 10 kWh")
    prices = {"dayPricePerKwh": 1, "nightPricePerKwh": 1, "dayPricePerPeriod": 1, "nightPricePerPeriod": 1}
    terms = Terms.of({"type": "duration+energy time of day", "pricing": prices, **FROM_7_TO_23})
    bill = bill_of(terms, its_course, BY_THE_MINUTE)
    for type, quantity in (("energy", 10), ("charging_time", minutes)):
        billed = [line.quantity for line in bill.lines if line.type == type]
        assert abs(sum(billed, ZERO) - quantity) < Decimal("1e-9")


def test_what_an_optimisation_prices_is_left_out() -> None:
    assert "optimised dynamic pricing" not in COMPONENTS


@pytest.mark.parametrize(
    ("pricing", "lines"),
    [
        pytest.param({}, ["2.5 x 0.4", "7.5 x 0.3"], id="0.40 until 22:30, then the default price"),
        pytest.param({"lockEnergyPriceOnSessionStart": True}, ["10 x 0.4"], id="the price of the start is kept"),
        pytest.param(
            {"markupPercentagePerKwh": 10, "markupFixedFeePerKwh": 0.05},
            ["2.5 x 0.49", "7.5 x 0.38"],
            id="0.40 + 10 % + 0.05, and 0.30 + 10 % + 0.05",
        ),
        pytest.param(
            {
                "flexibleMarkUpAsFixedPerKwh": {
                    "defaultPrice": 0.1,
                    "intervalPricing": [{"startsAt": "23:00", "endsAt": "24:00", "price": 0.2}],
                }
            },
            ["7.5 x 0.5", "2.5 x 0.4"],
            id="0.40 + 0.10, then 0.30 + 0.10, then 0.30 + 0.20",
        ),
    ],
)
def test_an_electricity_rate_and_its_markup_price_the_energy(pricing: dict[str, Any], lines: list[str]) -> None:
    its_course = course("2026-06-01T22:00", "charge 120 min 10 kWh")
    prices = PriceList.of(0.3, [{"startsAt": "20:00", "endsAt": "22:30", "price": 0.4}])
    (bill,) = bills_of(Terms("energy tou", pricing, rate=prices), its_course, tax_percentage=Decimal(20))
    assert [f"{plain(line.quantity)} x {plain(line.price)}" for line in bill.lines] == lines


def test_any_time_may_be_that_of_a_change_of_prices() -> None:
    for hour, minute in itertools.product(range(24), range(60)):
        terms = Terms.of({"type": "", "dayTariffStart": f"{hour:02}:{minute:02}:00", "nightTariffStart": "24:00:00"})
        assert (terms.day_starts, terms.night_starts) == (time(hour, minute), MIDNIGHT)


def test_special_dates_have_prices_of_their_own() -> None:
    special = {"specialDates": ["2026-06-02"], "pricePeriods": {"energyFeePeriods": {"fee": [0.5]}}}
    pricing = {
        "timePeriods": [{"startTime": "00:00", "endTime": "24:00"}],
        "pricePeriods": {"energyFeePeriods": {"fee": [0.2]}},
        "daysWhenApplied": [special],
    }
    over_midnight = course("2026-06-01T23:00", "charge 120 min 10 kWh")
    bill = bill_of(Terms("standard_tod", pricing), over_midnight, BY_THE_MINUTE)
    found = sorted((line.quantity, line.price) for line in bill.lines)
    assert found == [(Decimal(5), Decimal("0.2")), (Decimal(5), Decimal("0.5"))]
