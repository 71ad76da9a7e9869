"""A plan covers energy, is renewed, and hands its place to the plan that replaces it.

Business rule: the energy that a plan covers is not billed, until its allowance is used up; a subscription that renews
itself lasts, and is paid, for another cycle, and one that does not ends; a new plan joins what the old one restricts.
Documented: subscription plans 2.0 (allowance in kWh: combined, or ac and dc), nonBillableEnergy of sessions,
"Activate Subscription" (autoRenewal renews after the end), "Replace" of a plan (restrictions of tariffs).
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import EVSE, Evse
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import Drivers, balance
from scenarios.vocabulary.plans import new_plan, subscribe, subscriptions_of
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.sites import LOCATION
from scenarios.vocabulary.tariffs import TARIFF, Tariffs

pytestmark = CRITICAL

REPLACE = "/actions/subscription-plans/v1.0/{subscriptionPlan}/replace"
#: kWh of a plan; an hour gives more.
ALLOWANCE, AN_HOUR = 5, 61
FEE = Decimal(30)
A_MONTH = timedelta(days=32)


@pytest.mark.parametrize("kind", ["combined", "separate"])
def test_energy_that_a_plan_covers_is_not_billed(
    priced: PricedCharging, evse: Evse, drivers: Drivers, cleanup: Cleanup, kind: str
) -> None:
    """The first session is billed without the energy of the allowance, the next one wholly."""
    driver = drivers.with_balance()
    current = priced.api.get(EVSE, evse=evse.id).get("currentType") or "ac"
    other = "dc" if current == "ac" else "ac"
    allowance = {"combined": ALLOWANCE} if kind == "combined" else {current: ALLOWANCE, other: 2 * ALLOWANCE}
    plan = new_plan(priced.api, cleanup, 0, allowance={"type": kind, "resetCycle": "as_renewal_cycle", **allowance})
    subscribe(priced.api, driver, plan)
    priced.put_under(evse, priced.tariffs.new("duration+energy", pricing={"pricePerKwh": 0.4}))
    left = Decimal(ALLOWANCE * 1000)
    for _ in range(2):
        session = priced.charge(evse, driver, AN_HOUR)
        energy, free = decimal(session["energy"]), decimal(session["nonBillableEnergy"] or 0)
        expected = min(left, energy)
        with step(f"{expected} Wh of {energy} are not billed"):
            session.require(
                abs(free - expected) <= 10,
                "allowance",
                f"{free} Wh are not billed, the plan covers {expected} Wh",
                expected=float(expected),
                actual=float(free),
            )
            billed = sum(decimal(line["quantity"]) for line in session["priceBreakdown"] if line["type"] == "energy")
            session.require(
                abs(billed * 1000 - (energy - free)) <= 10,
                "allowance",
                f"{billed} kWh are billed of {energy} Wh less {free} Wh",
                expected=float((energy - free) / 1000),
                actual=float(billed),
            )
        left -= expected
        priced.charging.wait_until_free(evse)


@pytest.mark.parametrize(
    ("restriction", "covers"),
    [
        pytest.param({"homeChargersOnly": True}, False, id="home"),
        pytest.param({"includedCountries": "here"}, True, id="included"),
        pytest.param({"includedCountries": "elsewhere"}, False, id="not included"),
        pytest.param({"excludedCountries": "here"}, False, id="excluded"),
        pytest.param({"excludedCountries": "elsewhere"}, True, id="not excluded"),
    ],
)
def test_an_allowance_counts_where_its_plan_says(
    priced: PricedCharging, evse: Evse, drivers: Drivers, cleanup: Cleanup, restriction: dict[str, Any], covers: bool
) -> None:
    """At a public charge point an allowance covers nothing if it is for home, or for other countries."""
    country = priced.api.get(LOCATION, location=evse.location).get("country") if evse.location is not None else None
    if country is None:
        pytest.skip("the location of the EVSE names no country")
    countries = {"here": [country], "elsewhere": ["NZ" if country != "NZ" else "AU"]}
    terms = {name: countries.get(value, value) for name, value in restriction.items()}
    allowance = {"type": "combined", "combined": ALLOWANCE, "resetCycle": "as_renewal_cycle", **terms}
    driver = drivers.with_balance()
    subscribe(priced.api, driver, new_plan(priced.api, cleanup, 0, allowance=allowance))
    priced.put_under(evse, priced.tariffs.new("duration+energy", pricing={"pricePerKwh": 0.4}))
    session = priced.charge(evse, driver, AN_HOUR)
    with step("Some energy is not billed" if covers else "All energy is billed"):
        free = session["nonBillableEnergy"] or 0
        said = f"{free} Wh are not billed"
        session.require((free > 0) is covers, "allowance-where", said)


def test_an_allowance_is_whole_again_in_the_next_cycle(
    priced: PricedCharging, evse: Evse, drivers: Drivers, cleanup: Cleanup
) -> None:
    """After its renewal a subscription covers as much as before."""
    clock, driver = priced.charging.clock, drivers.new_with_balance()
    if clock.patience < A_MONTH.total_seconds():
        pytest.skip("a cycle lasts a month, longer than a scenario waits on a tenant")
    allowance = {"type": "combined", "combined": ALLOWANCE, "resetCycle": "as_renewal_cycle"}
    subscribe(priced.api, driver, new_plan(priced.api, cleanup, 0, allowance=allowance), autoRenewal=True)
    priced.put_under(evse, priced.tariffs.new("duration+energy", pricing={"pricePerKwh": 0.4}))
    for _ in range(2):
        session = priced.charge(evse, driver, AN_HOUR)
        free = decimal(session["nonBillableEnergy"] or 0)
        is_whole = abs(free - ALLOWANCE * 1000) <= 10
        session.require(is_whole, "allowance-each-cycle", f"{free} Wh are not billed, the plan covers {ALLOWANCE} kWh")
        with step("A month passes"):
            clock.let_pass(A_MONTH.total_seconds())


@pytest.mark.parametrize("renews", [True, False], ids=["renews itself", "ends"])
def test_a_subscription_is_renewed_or_ends(
    priced: PricedCharging, drivers: Drivers, cleanup: Cleanup, renews: bool
) -> None:
    """After a month the subscription goes on and its fee is taken again, or it is over and nothing is taken."""
    api, clock = priced.api, priced.charging.clock
    if clock.patience < A_MONTH.total_seconds():
        pytest.skip("a cycle lasts a month, longer than a scenario waits on a tenant")
    driver = drivers.new_with_balance()
    plan = new_plan(api, cleanup, float(FEE))
    before = balance(api, driver)
    subscribe(api, driver, plan, autoRenewal=renews)
    if balance(api, driver) == before:
        pytest.skip("the target does not take the fee of a plan from the balance")
    with step("A month passes"):
        clock.let_pass(A_MONTH.total_seconds())
    with step("The subscription goes on, and is paid again" if renews else "The subscription is over"):
        statuses = [entry["status"] for entry in subscriptions_of(api, plan, driver)]
        plan.require_equal("active" in statuses, renews, "subscription-renewed", f"active, of {statuses},")
        taken = before - balance(api, driver)
        plan.require_equal(taken, FEE * (2 if renews else 1), "renewal-paid", "what was taken from the balance")


def test_a_new_plan_joins_what_the_old_one_restricts(api: ScenarioApi, cleanup: Cleanup, tariffs: Tariffs) -> None:
    """A tariff for subscribers of the old plan is for those of the new one, too."""
    api.operation("POST", REPLACE)
    old, new = new_plan(api, cleanup, 0), new_plan(api, cleanup, 0)
    restrictions = {"applyToUsersWithSubscriptions": [old["id"]]}
    tariff = tariffs.new("flat rate", pricing={"pricePerSession": 1}, restrictions=restrictions)
    with step("The plan is replaced"):
        body = {"planId": new["id"], "reason": "conformance scenario"}
        api.post(REPLACE, body, subscriptionPlan=old["id"])
    with step("The tariff names both"):
        read = api.get(TARIFF, tariff=tariff)
        named = sorted((read.get("restrictions") or {}).get("applyToUsersWithSubscriptions") or ())
        read.require_equal(named, sorted([old["id"], new["id"]]), "plan-joins", "the plans of the tariff")
