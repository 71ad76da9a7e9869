"""A session costs what its tariff says, to the last unit of the currency.

Business rule: the price is computed from the terms of the tariff and what was charged: each line has the unit price of
the tariff, the quantity of the session and their product; the total is their sum, not less than the floor.
Documented: tariffs 1.0 (types and the fields that belong to each; idleFeeGracePeriodMinutes delays the idle fee;
minPrice is the floor of the total; levels; times of day are local; special dates are calendar days), sessions 1.0
(priceBreakdown, totalAmount, tax), tariff snapshots. Not documented, so either is right: prices with or without tax,
periods paid whole or by the minute, idle time paid as charging time or not. `scenarios/pricing` computes the bill.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.priced_charging import PricedCharging, zone_of

pytestmark = BLOCKER

#: After five hours a car has charged 45 kWh at 11 kW and is idle; an hour gives 11 kWh.
LONG, AN_HOUR = 300, 61

TARIFFS: dict[str, tuple[str, dict[str, Any], float]] = {
    "price per session": ("flat rate", {"pricePerSession": 4.25}, 10),
    "energy, periods and idle time": (
        "duration+energy",
        {
            "pricePerKwh": 0.35,
            "pricePerPeriod": 0.6,
            "pricePeriodInMinutes": 15,
            "idleFeePerMinute": 0.1,
            "idleFeeGracePeriodMinutes": 30,
            "idlePricingPeriodInMinutes": 30,
        },
        LONG,
    ),
    "connection fee and floor": (
        "duration+energy",
        {"pricePerKwh": 0.1, "connectionFee": 1.5, "minPrice": 20},
        AN_HOUR,
    ),
    "idle time in periods, up to a limit": (
        "duration+energy",
        {"pricePerKwh": 0.2, "idleFeePerMinute": 0.05, "idlePricingPeriodInMinutes": 30, "idleFeeLimit": 2.25},
        LONG,
    ),
    "time after its grace": (
        "duration+energy",
        {"pricePerKwh": 0.2, "pricePerPeriod": 0.05, "pricePeriodInMinutes": 1, "durationFeeGracePeriod": 20},
        AN_HOUR,
    ),
    "time up to a limit": (
        "duration+energy",
        {"pricePerKwh": 0.2, "pricePerPeriod": 0.05, "pricePeriodInMinutes": 1, "durationFeeLimit": 1.5},
        AN_HOUR,
    ),
    "connection fee for a longer session": (
        "duration+energy",
        {"pricePerKwh": 0.2, "connectionFee": 1.5, "connectionFeeMinimumSessionDuration": 90},
        AN_HOUR,
    ),
    "connection fee for more energy": (
        "duration+energy",
        {"pricePerKwh": 0.2, "connectionFee": 1.5, "connectionFeeMinimumSessionEnergy": 40},
        AN_HOUR,
    ),
    "levels of energy and time": (
        "standard",
        {
            "multiPricePerKwh": [{"firstKwh": 0, "lastKwh": 5, "feePerKwh": 0.2}, {"firstKwh": 5, "feePerKwh": 0.6}],
            "multiPricePerDuration": [
                {"firstUnit": 0, "lastUnit": 30, "feePerUnit": 0.01},
                {"firstUnit": 30, "feePerUnit": 0.05},
            ],
            "pricePeriodInMinutes": 1,
        },
        AN_HOUR,
    ),
    "fees for reaching a level": (
        "standard",
        {
            "multiPricePerKwh": [
                {"firstKwh": 0, "lastKwh": 5, "feePerKwh": 0.2},
                {"firstKwh": 5, "feePerKwh": 0.3, "flatFee": 2},
            ],
            "multiIdleFee": [
                {"firstUnit": 0, "lastUnit": 20, "feePerUnit": 0.01},
                {"firstUnit": 20, "feePerUnit": 0.2},
            ],
        },
        LONG,
    ),
    "level of the average power": (
        "average power levels",
        {
            "averagePowerLevels": [
                {"averagePowerUpToKw": 5, "pricePerMinute": 0.05},
                {"averagePowerUpToKw": 400, "pricePerMinute": 0.2},
            ]
        },
        AN_HOUR,
    ),
    "level of the peak power": (
        "peak power levels",
        {
            "regularUsePeriod": 45,
            "peakPowerLevels": [
                {"peakPowerUpToKw": 5, "regularPricePerMinute": 0.01, "excessUsePricePerMin": 0.02},
                {"peakPowerUpToKw": 400, "regularPricePerMinute": 0.1, "excessUsePricePerMin": 0.3},
            ],
        },
        AN_HOUR,
    ),
}


@pytest.mark.parametrize("terms", TARIFFS.values(), ids=TARIFFS)
def test_a_session_costs_what_its_tariff_says(
    priced: PricedCharging, evse: Evse, driver: Driver, terms: tuple[str, dict[str, Any], float]
) -> None:
    """The bill has the lines, the prices and the total that the tariff gives."""
    type, pricing, minutes = terms
    priced.put_under(evse, priced.tariffs.new(type, pricing=pricing))
    session = priced.charge(evse, driver, minutes)
    priced.check_bill(session, evse)


@pytest.mark.parametrize("kept", ["", "Price", "EnergyPrice", "DurationPrice"])
def test_the_price_changes_with_the_time_of_day(priced: PricedCharging, evse: Evse, driver: Driver, kept: str) -> None:
    """A session from day into night pays each part at its price by the local clock, or what is kept at the first."""
    edge = soon(priced, evse)
    lock = {f"lock{kept}OnSessionStart": True} if kept else {}
    check_day_and_night(priced, evse, driver, edge - timedelta(hours=8), edge, AN_HOUR, **lock)


@pytest.mark.parametrize("kept", [False, True], ids=["changing", "kept"])
def test_the_idle_fee_changes_with_the_time_of_day(
    priced: PricedCharging, evse: Evse, driver: Driver, kept: bool
) -> None:
    """A car that is idle from day into night pays each part at its price, or all at that of the start."""
    if priced.charging.clock.patience < 3600:
        pytest.skip("a car is full after hours, longer than a scenario waits on a tenant")
    edge = soon(priced, evse) + timedelta(minutes=LONG - 60)
    fees = {"dayIdleFeePerMinute": 0.1, "nightIdleFeePerMinute": 0.02, "lockIdlePriceOnSessionStart": kept}
    check_day_and_night(priced, evse, driver, edge - timedelta(hours=8), edge, LONG, **fees)


@pytest.mark.parametrize(
    ("fee", "hours", "minutes"),
    [
        ({"pricePerPeriod": 0.06, "pricePeriodInMinutes": 1}, ("durationFeeFrom", "durationFeeTo"), AN_HOUR),
        ({"idleFeePerMinute": 0.1}, ("idleFeePeriodStart", "idleFeePeriodEnd"), LONG),
    ],
    ids=["time", "idle time"],
)
def test_a_fee_counts_in_its_hours(
    priced: PricedCharging, evse: Evse, driver: Driver, fee: dict[str, float], hours: tuple[str, str], minutes: float
) -> None:
    """A fee for some hours of the day is paid for the part of the session in them, by the local clock."""
    if minutes == LONG and priced.charging.clock.patience < 3600:
        pytest.skip("a car is full after hours, longer than a scenario waits on a tenant")
    end = soon(priced, evse) + timedelta(minutes=minutes - AN_HOUR)
    times = (f"{end - timedelta(hours=8):%H:%M:00}", f"{end:%H:%M:00}")
    pricing = {"pricePerKwh": 0.2, **fee, **dict(zip(hours, times, strict=True))}
    priced.put_under(evse, priced.tariffs.new("duration+energy", pricing=pricing))
    session = priced.charge(evse, driver, minutes)
    priced.check_bill(session, evse)


def soon(priced: PricedCharging, evse: Evse) -> datetime:
    """A local time in the middle of a session of an hour that begins now."""
    clock = priced.charging.clock
    return clock.moment().astimezone(zone_of(priced.api, evse)) + timedelta(minutes=2 if clock.patience < 3600 else 30)


@pytest.mark.parametrize("is_wanted", [timedelta.__gt__, timedelta.__lt__], ids=["forward", "back"])
def test_a_night_of_clock_change_is_paid_for_as_long_as_it_lasts(
    priced: PricedCharging, evse: Evse, driver: Driver, is_wanted: Callable[[timedelta, timedelta], bool]
) -> None:
    """Where clocks change at night, the night is an hour shorter or longer."""
    clock = priced.charging.clock
    if clock.patience < 3600:
        pytest.skip("clocks change twice a year; only a virtual clock can be advanced to such a night")
    zone = zone_of(priced.api, evse)
    evening = evening_of_change(clock.moment().astimezone(zone), is_wanted)
    with step(f"It becomes {evening:%d.%m.%Y %H:%M}, the evening before clocks change"):
        clock.let_pass((evening - clock.moment()).total_seconds())
    night = evening + timedelta(hours=1)
    check_day_and_night(priced, evse, driver, night.replace(hour=7), night, 11 * 60)


@pytest.mark.parametrize("days", [0, 300], ids=["today", "another day"])
def test_a_special_date_has_prices_of_its_own(priced: PricedCharging, evse: Evse, driver: Driver, days: int) -> None:
    """The prices for special dates count on these, the standard ones on all other days."""
    day = priced.charging.clock.moment().astimezone(zone_of(priced.api, evse)) + timedelta(days=days)
    special = {
        "name": "Conformance",
        "specialDates": [f"{day + timedelta(days=later):%Y-%m-%d}" for later in (0, 1)],
        "pricePeriods": {"energyFeePeriods": {"fee": [0.6]}},
    }
    pricing = {
        "timePeriods": [{"startTime": "00:00", "endTime": "24:00"}],
        "pricePeriods": {"energyFeePeriods": {"fee": [0.2]}},
        "daysWhenApplied": [special],
    }
    priced.put_under(evse, priced.tariffs.new("standard_tod", pricing=pricing))
    session = priced.charge(evse, driver, AN_HOUR)
    priced.check_bill(session, evse)


def evening_of_change(now: datetime, is_wanted: Callable[[timedelta, timedelta], bool]) -> datetime:
    """22:00 before the next night in which clocks change as wanted; skips the scenario in a zone without any."""
    for days in range(1, 370):
        evening = (now + timedelta(days=days)).replace(hour=22, minute=0, second=0, microsecond=0)
        before, after = evening.utcoffset(), (evening + timedelta(hours=9)).utcoffset()
        if before is not None and after is not None and is_wanted(after, before):
            return evening
    pytest.skip("clocks do not change at the location of the EVSE")


def check_day_and_night(
    priced: PricedCharging,
    evse: Evse,
    driver: Driver,
    day: datetime,
    night: datetime,
    minutes: float,
    **terms: float,
) -> None:
    """A session under a tariff with other prices from the time of `night` to that of `day` costs what it must."""
    pricing = {
        "dayPricePerKwh": 0.4,
        "nightPricePerKwh": 0.2,
        "dayPricePerPeriod": 0.06,
        "nightPricePerPeriod": 0.03,
        "pricePeriodInMinutes": 1,
        **terms,
    }
    times = {"dayTariffStart": f"{day:%H:%M:00}", "nightTariffStart": f"{night:%H:%M:00}"}
    priced.put_under(evse, priced.tariffs.new("duration+energy time of day", pricing=pricing, **times))
    session = priced.charge(evse, driver, minutes)
    priced.check_bill(session, evse)
