"""The balance of a driver changes by exactly what was added, subtracted, redeemed or charged.

Business rule: adding to a balance adds, a negative amount subtracts; a voucher pays in its amount once; a fee that
the balance cannot pay is refused and takes nothing; a plan that is activated is the user's subscription until it is
cancelled, and its fee is taken once, or not at all when the balance is too low.
Documented: "Add Balance" (amount is added, not set), vouchers 2.1 and "Redeem Voucher" (202, 406; each call uses up
one redemption), "Apply Custom Fee" (balance when no method is given; 400 when it is too low), subscription
plans 2.0, "Activate/Cancel subscription" (202, 400 without funds) and subscriptions 1.0.
Amounts are whole, for currencies without decimals.
"""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import CLOCKS, Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import USER, Driver, Drivers, add_balance, balance
from scenarios.vocabulary.plans import ACTIVATE, PLAN, new_plan
from scenarios.vocabulary.vouchers import REDEEM, VOUCHER, new_voucher
from scenarios.vocabulary.waiting import GLANCE, looks

pytestmark = BLOCKER

A_DAY = timedelta(days=1)
#: Days of a year, less or more one where the zone of the operator has another date.
YEAR = range(364, 368)
CUSTOM_FEE = "/actions/users/v1.0/{user}/apply-custom-fee"
CANCEL = "/actions/users/v1.0/{user}/cancel-subscription"
SUBSCRIPTIONS = "/resources/subscriptions/v1.0"


@pytest.fixture
def driver(drivers: Drivers) -> Driver:
    """A new driver, whose balance nothing else changes."""
    return drivers.new()


def check_balance(api: ScenarioApi, driver: Driver, expected: Decimal, rule: str) -> None:
    """The driver has exactly this balance."""
    answer = api.get(USER, user=driver.id)
    actual = decimal(answer["balance"])
    answer.require_equal(float(actual), float(expected), rule, "the balance")


def test_adding_to_a_balance_adds(api: ScenarioApi, driver: Driver) -> None:
    """Amounts are added to the balance, negative ones subtract."""
    before = balance(api, driver)
    with step("25 is added, then 10"):
        add_balance(api, driver, Decimal(25))
        add_balance(api, driver, Decimal(10))
        check_balance(api, driver, before + Decimal(35), "balance-adds")
    with step("5 is subtracted"):
        add_balance(api, driver, Decimal(-5))
        check_balance(api, driver, before + Decimal(30), "balance-subtracts")


@pytest.fixture
def voucher(api: ScenarioApi, cleanup: Cleanup) -> ScenarioResponse:
    """A new voucher over 15."""
    return new_voucher(api, cleanup, 15)


def test_a_voucher_is_redeemed_once(
    api: ScenarioApi, charging: Charging, drivers: Drivers, driver: Driver, voucher: ScenarioResponse
) -> None:
    """A voucher adds its amount to the balance once."""
    before = balance(api, driver)
    with step("The driver redeems the voucher"):
        api.post(REDEEM, {"code": voucher["code"]}, user=driver.id)
        check_balance(api, driver, before + 15, "voucher-pays")
    with step("The voucher names who redeemed it"):
        read = api.get(VOUCHER, voucher=voucher["id"])
        read.require_equal(read.get("redeemedByUserId"), driver.id, "voucher-redeemed-by", "redeemedByUserId")
        redeemed = read.get("redeemedAt")
        read.require(redeemed is not None, "voucher-redeemed-at", "redeemedAt is missing")
        now = charging.clock.moment()
        is_now = abs(now - datetime.fromisoformat(str(redeemed))) <= CLOCKS
        read.require(is_now, "voucher-redeemed-at", f"redeemedAt is {redeemed}, it is {now:%Y-%m-%dT%H:%M:%S%z}")
        left = read.get("remainingAmount")
        read.require(not left, "voucher-used-up", f"remainingAmount is {left}", expected=0, actual=left)
    with step("Redeeming it again is refused and pays nothing"):
        api.post(REDEEM, {"code": voucher["code"]}, expected=(404, 406, 422), user=driver.id)
        check_balance(api, driver, before + 15, "voucher-once")
    with step("Another driver is refused as well"):
        other = drivers.new()
        others_before = balance(api, other)
        api.post(REDEEM, {"code": voucher["code"]}, expected=(404, 406, 422), user=other.id)
        check_balance(api, other, others_before, "voucher-once")
        kept = api.get(VOUCHER, voucher=voucher["id"])
        kept.require_equal(kept.get("redeemedByUserId"), driver.id, "voucher-redeemed-by", "redeemedByUserId")


def test_a_disabled_voucher_pays_nothing(api: ScenarioApi, driver: Driver, voucher: ScenarioResponse) -> None:
    """A voucher that the operator disables cannot be redeemed."""
    before = balance(api, driver)
    with step("The operator disables the voucher"):
        changed = api.patch(VOUCHER, {"status": "disabled", "amount": 15}, voucher=voucher["id"])
        changed.require_equal(changed.get("status"), "disabled", "change-shows", "status")
    check_worthless(api, driver, voucher, before, "disabled-voucher")


@pytest.mark.parametrize("last_day", ["expireDate", "assignBeforeDate"])
def test_a_voucher_is_valid_until_its_last_day(
    api: ScenarioApi, charging: Charging, driver: Driver, cleanup: Cleanup, last_day: str
) -> None:
    """A voucher whose last day is over cannot be redeemed."""
    clock, before = charging.clock, balance(api, driver)
    if clock.patience < 3 * A_DAY.total_seconds():
        pytest.skip("a voucher is valid for a day at least, longer than a scenario waits on a tenant")
    voucher = new_voucher(api, cleanup, 15, **{last_day: f"{clock.moment() + A_DAY:%Y-%m-%d}"})
    with step("Three days pass"):
        clock.let_pass(3 * A_DAY.total_seconds())
    check_worthless(api, driver, voucher, before, "expired-voucher")


@pytest.mark.parametrize("has_date", [False, True], ids=["period alone", "date and period"])
def test_the_period_of_a_voucher_begins_when_it_is_redeemed(
    api: ScenarioApi, driver: Driver, cleanup: Cleanup, charging: Charging, has_date: bool
) -> None:
    """A voucher with a period expires that long after its redemption; with a date as well, on that date."""
    date = f"{charging.clock.moment() + 10 * A_DAY:%Y-%m-%d}"
    fields = {"validityPeriod": "1 year"} | ({"expireDate": date} if has_date else {})
    voucher = new_voucher(api, cleanup, 15, **fields)
    with step("The driver redeems the voucher"):
        api.post(REDEEM, {"code": voucher["code"]}, user=driver.id)
        read = api.get(VOUCHER, voucher=voucher["id"])
        redeemed, expires = str(read["redeemedAt"])[:10], str(read["expireDate"])[:10]
    if has_date:
        read.require_equal(expires, date, "voucher-expiry", "expireDate")
    else:
        days = (datetime.fromisoformat(expires) - datetime.fromisoformat(redeemed)).days
        said = f"it expires {days} days after its redemption"
        read.require(days in YEAR, "voucher-expiry", said, expected="about 365 days", actual=days)


def check_worthless(api: ScenarioApi, driver: Driver, voucher: ScenarioResponse, before: Decimal, rule: str) -> None:
    """Redeeming the voucher is refused and pays nothing."""
    with step("Redeeming it is refused and pays nothing"):
        answer = api.post(REDEEM, {"code": voucher["code"]}, expected=(202, 404, 406, 422), user=driver.id)
        answer.require(answer.status != 202, rule, "the voucher was redeemed")
        check_balance(api, driver, before, rule)


def test_an_unknown_voucher_pays_nothing(api: ScenarioApi, driver: Driver) -> None:
    """An unknown voucher code is refused."""
    before = balance(api, driver)
    with step("The driver tries an unknown code"):
        code = secrets.token_hex(8)
        api.post(REDEEM, {"code": code}, expected=(404, 406, 422), user=driver.id)
        check_balance(api, driver, before, "unknown-voucher")


def test_a_fee_takes_what_the_balance_has(api: ScenarioApi, driver: Driver) -> None:
    """A custom fee is taken from the balance; one above the balance is refused and takes nothing."""
    add_balance(api, driver, Decimal(20))
    before = balance(api, driver)
    with step("A fee of 7 is taken"):
        api.post(CUSTOM_FEE, {"amount": 7, "description": "Lost card"}, user=driver.id)
        check_balance(api, driver, before - 7, "fee-taken")
    with step("A fee above the balance is refused and takes nothing"):
        fee = {"amount": float(before + 100), "description": "Too high"}
        api.post(CUSTOM_FEE, fee, expected=(400, 422), user=driver.id)
        check_balance(api, driver, before - 7, "fee-refused")


def test_a_plan_is_kept_changed_and_removed(api: ScenarioApi, cleanup: Cleanup) -> None:
    """A plan reads back as created, changes only in what is sent, and is gone when deleted."""
    plan = new_plan(api, cleanup, 12)
    ids = {"subscriptionPlan": plan["id"]}
    with step("It reads back"):
        read = api.get(PLAN, **ids)
        for name, value in (("renewalCycle", "monthly"), ("type", "pre-paid"), ("status", "enabled")):
            read.require_equal(read.get(name), value, "plan-reads-back", name)
        read.require(decimal(read.get("baseFee") or 0) == 12, "plan-reads-back", "baseFee is not 12")
    with step("It is disabled, and nothing else"):
        api.patch(PLAN, {"status": "disabled", "type": "pre-paid"}, **ids)
        read = api.get(PLAN, **ids)
        read.require_equal(read.get("status"), "disabled", "plan-disabled", "status")
        read.require_equal(read.get("renewalCycle"), "monthly", "partial-update", "renewalCycle that was not sent")
    with step("It is deleted and gone"):
        api.delete(PLAN, **ids)
        api.call("GET", PLAN, expected=(404,), **ids)


def test_a_subscription_lasts_until_it_is_cancelled(api: ScenarioApi, driver: Driver, cleanup: Cleanup) -> None:
    """An activated plan is the driver's active subscription until it is cancelled."""
    plan = new_plan(api, cleanup, 0)
    with step("The driver subscribes"):
        api.post(ACTIVATE, {"planId": plan["id"], "reason": "conformance scenario"}, user=driver.id)
        for look in looks(api.clock):
            with look:
                active = subscription_of(api, driver, plan)
                plan.require(active is not None, "subscription-made", "the driver has no subscription to the plan")
                plan.require_equal(active, "active", "subscription-active", "the status of the subscription")
    with step("The driver cancels"):
        api.post(CANCEL, {"reason": "conformance scenario"}, user=driver.id)
        for look in looks(api.clock):
            with look:
                ended = subscription_of(api, driver, plan)
                plan.require(ended != "active", "subscription-cancelled", "the cancelled subscription is still active")


@pytest.mark.parametrize("has_enough", [True, False], ids=["enough balance", "not enough balance"])
def test_a_plan_is_paid_once_or_not_at_all(
    api: ScenarioApi, driver: Driver, cleanup: Cleanup, has_enough: bool
) -> None:
    """A plan takes exactly its fee, once; without enough balance it is refused, takes nothing and is not active."""
    plan = new_plan(api, cleanup, 30)
    add_balance(api, driver, Decimal(100 if has_enough else 10))
    before = balance(api, driver)
    with step("The driver subscribes"):
        activation = {"planId": plan["id"], "reason": "conformance scenario"}
        answer = api.post(ACTIVATE, activation, expected=(202, 400), user=driver.id)
    read = api.get(USER, user=driver.id)
    taken = before - decimal(read["balance"])
    if answer.status == 400:
        with step("It is refused, and nothing has changed"):
            api.clock.let_pass(min(api.clock.a_while, 2 * GLANCE))
            is_active = subscription_of(api, driver, plan) == "active"
            answer.require(not is_active, "refused-not-active", "a refused subscription is active")
            check_balance(api, driver, before, "refused-takes-nothing")
        if has_enough:
            pytest.skip(f"the target does not take a plan's fee from the balance: {answer.body.get('message')}")
        return
    with step("It is active, and the fee was taken once, if from the balance"):
        for look in looks(api.clock) if has_enough else ():
            with look:
                status = subscription_of(api, driver, plan)
                answer.require(status == "active", "subscription-active", f"the subscription is {status}")
        read.require(
            taken in (0, 30),
            "plan-fee-once",
            f"the balance fell by {taken}, the plan costs 30",
            expected=[0, 30],
            actual=float(taken),
        )


def subscription_of(api: ScenarioApi, driver: Driver, plan: ScenarioResponse) -> str | None:
    """The status of the driver's subscription to a plan; None without one."""
    found = api.listing(SUBSCRIPTIONS, filter={"planId": plan["id"]})
    return next((str(entry["status"]) for entry in found if entry["userId"] == driver.id), None)
