"""Energy under an electricity rate costs what the rate and the markup of the tariff say at that time.

Business rule: a kWh costs the price of the rate's period at that local time, its default price at all others, and the
markup of the tariff: a percentage, a fixed fee, and a fee by intervals; a date whose periods are removed falls back to
the default price.
Documented: electricity rates 2.0 (defaultPrice is per kWh with tax, and covers every interval without a period; periods
are hours and minutes of local time; removing a date or day falls back to the default price), tariffs 1.0
(fallbackElectricityRateId; flexibleMarkUpAsFixedPerKwh: intervals of one length, local, with tax, and a default).
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allure import step

from scenarios.pricing.terms import PriceList, Terms
from scenarios.vocabulary import BLOCKER
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.priced_charging import BY_RATE, PricedCharging, zone_of
from scenarios.vocabulary.rates import RATE, new_rate
from scenarios.vocabulary.settings import Settings

pytestmark = BLOCKER

WEEK_DAY = f"{RATE}/price-periods/week-day/{{weekDay}}"
DATE = f"{RATE}/price-periods/date/{{date}}"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DEFAULT, OTHER = 0.3, 0.7
AN_HOUR = 61


@pytest.fixture
def rate(api: ScenarioApi, cleanup: Cleanup) -> int:
    """A new electricity rate of 0.30 per kWh."""
    return new_rate(api, cleanup, DEFAULT)


def local_now(priced: PricedCharging, evse: Evse) -> datetime:
    """The time at the location."""
    return priced.charging.clock.moment().astimezone(zone_of(priced.api, evse))


def until_soon(priced: PricedCharging, evse: Evse) -> list[dict[str, Any]]:
    """A period of 0.50 that ends while a session of the scenario lasts."""
    minutes = 2 if priced.charging.clock.patience < 3600 else 30
    edge = local_now(priced, evse) + timedelta(minutes=minutes)
    return [{"startsAt": "00:00", "endsAt": f"{edge:%H:%M}", "price": 0.5}]


def check_cost(
    priced: PricedCharging, evse: Evse, driver: Driver, rate: int, periods: list[dict[str, Any]], **pricing: Any
) -> None:
    """A session under the rate costs its prices and what the tariff puts on top."""
    terms = {"chargePointElectricityRate": False, "fallbackElectricityRateId": rate, **pricing}
    priced.put_under(evse, priced.tariffs.new(BY_RATE, pricing=terms))
    session = priced.charge(evse, driver, AN_HOUR)
    priced.check_bill(session, evse, Terms(BY_RATE, terms, rate=PriceList.of(DEFAULT, periods)))


def test_energy_costs_the_default_price_with_its_markup(
    priced: PricedCharging, evse: Evse, driver: Driver, rate: int
) -> None:
    """Without periods a kWh costs the default price, 10 % and 0.05."""
    check_cost(priced, evse, driver, rate, [], markupPercentagePerKwh=10, markupFixedFeePerKwh=0.05)


@pytest.mark.parametrize("lock", [{}, {"lockEnergyPriceOnSessionStart": True}], ids=["changing", "kept"])
def test_energy_costs_what_the_period_says(
    priced: PricedCharging, evse: Evse, driver: Driver, rate: int, lock: dict[str, bool]
) -> None:
    """Each part of a session costs the price of its period by the local clock, or all that of the start."""
    periods = until_soon(priced, evse)
    with step(f"Until {periods[0]['endsAt']} a kWh costs 0.50"):
        priced.api.put(WEEK_DAY, {"periods": periods}, electricityRate=rate, weekDay="any")
    check_cost(priced, evse, driver, rate, periods, **lock)


@pytest.mark.parametrize("is_own", [True, False], ids=["its own", "that of the tariff"])
def test_the_rate_is_that_of_the_charge_point_if_the_tariff_says_so(
    priced: PricedCharging,
    evse: Evse,
    driver: Driver,
    rate: int,
    cleanup: Cleanup,
    operator_settings: Settings,
    is_own: bool,
) -> None:
    """At a charge point with a rate a kWh costs the price of this rate, or of that which the tariff names."""
    operator_settings.change_charge_point(evse, electricityRateId=rate)
    other = new_rate(priced.api, cleanup, OTHER)
    terms = {"chargePointElectricityRate": is_own, "fallbackElectricityRateId": other}
    priced.put_under(evse, priced.tariffs.new(BY_RATE, pricing=terms))
    session = priced.charge(evse, driver, AN_HOUR)
    price = DEFAULT if is_own else OTHER
    priced.check_bill(session, evse, Terms(BY_RATE, terms, rate=PriceList.of(price, [])))


@pytest.mark.parametrize("is_its_day", [True, False], ids=["its day", "another day"])
def test_a_week_day_has_prices_of_its_own(
    priced: PricedCharging, evse: Evse, driver: Driver, rate: int, is_its_day: bool
) -> None:
    """The periods of a day of the week count on it, by the local calendar, and on no other."""
    today = local_now(priced, evse)
    # A session near midnight is on two of them.
    todays = {f"{today + timedelta(minutes=minutes):%a}".lower() for minutes in (-5, AN_HOUR + 5)}
    periods = [{"startsAt": "00:00", "endsAt": "23:59", "price": 0.5}]
    with step("A kWh costs 0.50 today" if is_its_day else "A kWh costs 0.50 on every day but today"):
        for day in DAYS:
            if (day in todays) is is_its_day:
                priced.api.put(WEEK_DAY, {"periods": periods}, electricityRate=rate, weekDay=day)
    check_cost(priced, evse, driver, rate, periods if is_its_day else [])


def test_a_date_without_periods_has_the_default_price(
    priced: PricedCharging, evse: Evse, driver: Driver, rate: int
) -> None:
    """The periods of a date count on it until they are removed."""
    today = local_now(priced, evse)
    dates = [f"{today + timedelta(days=days):%Y-%m-%d}" for days in (0, 1)]
    periods = [{"startsAt": "00:00", "endsAt": "24:00", "price": 0.5}]
    with step("Today and tomorrow a kWh costs 0.50"):
        for date in dates:
            answer = priced.api.put(
                DATE, {"periods": periods}, expected=(200, 201, 422), electricityRate=rate, date=date
            )
            if answer.status == 422:
                pytest.skip(f"the target does not accept a period of a whole day: {answer.body.get('message')}")
    check_cost(priced, evse, driver, rate, periods)
    with step("The periods are removed"):
        for date in dates:
            priced.api.delete(DATE, electricityRate=rate, date=date)
    check_cost(priced, evse, driver, rate, [])


def test_the_markup_is_that_of_the_interval(priced: PricedCharging, evse: Evse, driver: Driver, rate: int) -> None:
    """A fee by intervals is added in its hour, and its default in all others."""
    hour = (local_now(priced, evse) + timedelta(hours=1)).hour
    end = "24:00" if hour == 23 else f"{hour + 1:02}:00"
    flexible = {"defaultPrice": 0.02, "intervalPricing": [{"startsAt": f"{hour:02}:00", "endsAt": end, "price": 0.1}]}
    check_cost(priced, evse, driver, rate, [], flexibleMarkUpAsFixedPerKwh=flexible)
