"""A post-paid plan collects what its subscriber charges, and bills each part of it once.

Business rule: a session that the plan pays for takes nothing from the balance, but is due; at the end of the cycle what
is due and the base fee are billed, or remain due; at the threshold of the plan it is billed at once; what is cleared is
owed no longer; a plan pays for no other sessions than it accumulates, and only if the start says so or is at home.
Documented: subscription plans 2.0 (postPaidChargingSessionsAccumulation, baseFee, billingUsageThreshold), start actions
(paymentMethodId; without one the balance pays, except at home), users 1.0 (withAmountDue), "Clear Subscription Amount
Due". Not documented: how a plan is billed that the balance cannot pay. So what was taken and what is due is added up.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER, bill
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import USER, Driver, Drivers, balance
from scenarios.vocabulary.plans import new_plan, subscribe
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.waiting import looks

pytestmark = BLOCKER

CLEAR = "/actions/users/v1.0/{user}/clear-subscription-amount-due"
SUBSCRIPTION = "subscription"
HALF_AN_HOUR = 30
FEE = Decimal(7)
#: A cycle of the plan, and what billing may take.
A_MONTH = timedelta(days=32)


class PostPaid:
    """A subscriber of a post-paid plan, whose money is followed."""

    def __init__(self, priced: PricedCharging, driver: Driver, evse: Evse) -> None:
        self.api = priced.api
        self.driver = driver
        self._priced = priced
        self._evse = evse
        self._balance = balance(priced.api, driver)

    def charge(self, **start: Any) -> ScenarioResponse | None:
        """A session of half an hour, or None when the target refuses to start it like this."""
        answer = self._priced.charging.try_to_start(self._evse, self.driver, expected=(202, 422), **start)
        if answer.status == 422 or not answer["success"]:
            return None
        session = self._priced.charging.accepted(answer, self._evse)
        self._priced.charging.wait_until_active(session)
        self._priced.charge_for(HALF_AN_HOUR)
        self._priced.charging.stop(session)
        return self._priced.charging.wait_until_finished(session)

    def charge_by_plan(self) -> Decimal:
        """What a session costs that names the plan; skips the scenario where no plan pays at a public charger."""
        session = self.charge(paymentMethodId=SUBSCRIPTION)
        if session is None:
            pytest.skip("the target lets no plan pay at a public charge point")
        session.require_equal(session.get("paymentType"), SUBSCRIPTION, "paid-as-named", "paymentType")
        return decimal(bill.total_of(session))

    def check(self, rule: str, *, taken: Decimal, due: Decimal) -> None:
        """So much was taken from the balance by now, and so much is due."""
        with step(f"{taken} were taken from the balance, {due} are due"):
            for look in looks(self.api.clock):
                with look:
                    user = self._read()
                    user.require_equal(self._balance - decimal(user["balance"]), taken, rule, "what was taken")
                    user.require_equal(decimal(user["amountDue"]), due, rule, "amountDue")

    def check_sum(self, rule: str, owed: Decimal) -> None:
        """What was taken from the balance and what is due add up to what is owed."""
        with step(f"{owed} were taken from the balance, or are due"):
            user = self._read()
            taken, due = self._balance - decimal(user["balance"]), decimal(user["amountDue"])
            user.require_equal(taken + due, owed, rule, f"the sum of {taken} taken and {due} due")

    def check_billed_early(self, owed: Decimal) -> None:
        """What is due is billed before the cycle ends; skips the scenario where the balance never pays it."""
        clock = self.api.clock
        clock.let_pass(clock.a_while)
        if decimal(self._read()["amountDue"]) != owed:
            return
        if clock.patience >= A_MONTH.total_seconds():
            clock.let_pass(A_MONTH.total_seconds())
            billed = self._read()
            if decimal(billed["amountDue"]) != owed:
                billed.violates("threshold-bills", f"{owed} were billed at the end of the cycle only")
        pytest.skip("the target does not take from the balance what is due")

    def _read(self) -> ScenarioResponse:
        user = self.api.get(USER, query={"withAmountDue": True}, user=self.driver.id)
        user.require(user.get("amountDue") is not None, "has-amount-due", "amountDue is missing, which was asked for")
        return user


def subscriber(
    priced: PricedCharging, evse: Evse, drivers: Drivers, cleanup: Cleanup, accumulation: str, **plan: Any
) -> PostPaid:
    """A new driver with a post-paid plan, at an EVSE where a kWh costs 0.50."""
    driver = drivers.new_with_balance()
    kind = {"type": "post-paid", "postPaidChargingSessionsAccumulation": accumulation}
    made = new_plan(priced.api, cleanup, float(plan.pop("fee", 0)), **kind, **plan)
    subscribe(priced.api, driver, made, autoRenewal=True)
    priced.put_under(evse, priced.tariffs.new("duration+energy", pricing={"pricePerKwh": 0.5}))
    return PostPaid(priced, driver, evse)


@pytest.fixture
def everywhere(priced: PricedCharging, evse: Evse, drivers: Drivers, cleanup: Cleanup) -> PostPaid:
    """A subscriber whose plan pays at public charge points, too."""
    return subscriber(priced, evse, drivers, cleanup, "personal_commercial", fee=FEE)


def test_what_a_plan_pays_for_is_due(everywhere: PostPaid) -> None:
    """Two sessions on the plan take nothing from the balance; both are due."""
    first = everywhere.charge_by_plan()
    everywhere.check("session-due", taken=Decimal(0), due=first)
    second = everywhere.charge_by_plan()
    everywhere.check("session-due", taken=Decimal(0), due=first + second)


def test_what_is_due_is_billed_once_a_cycle(everywhere: PostPaid) -> None:
    """After each cycle its base fee is owed, and a session is owed once."""
    wait = A_MONTH.total_seconds()
    if everywhere.api.clock.patience < 2 * wait:
        pytest.skip("a cycle lasts a month, longer than a scenario waits on a tenant")
    owed = everywhere.charge_by_plan()
    for _ in range(2):
        with step("A month passes"):
            everywhere.api.clock.let_pass(wait)
        owed += FEE
        everywhere.check_sum("cycle-billed-once", owed)


def test_the_threshold_of_a_plan_bills_at_once(
    priced: PricedCharging, evse: Evse, drivers: Drivers, cleanup: Cleanup
) -> None:
    """A session that reaches the threshold is billed when it ends, whole; one that does not is due."""
    below = subscriber(priced, evse, drivers, cleanup, "personal_commercial", billingUsageThreshold=1000)
    below.check("below-threshold", taken=Decimal(0), due=below.charge_by_plan())
    above = subscriber(priced, evse, drivers, cleanup, "personal_commercial", billingUsageThreshold=1)
    total = above.charge_by_plan()
    if total < 1:
        pytest.skip("the session was too short to reach the threshold; raise `patience` of the tenant")
    above.check_billed_early(total)
    above.check("threshold-bills", taken=total, due=Decimal(0))


def test_what_is_cleared_is_owed_no_longer(api: ScenarioApi, everywhere: PostPaid) -> None:
    """After the amount due is cleared nothing is due, and nothing is taken for it, now or at the end of the cycle."""
    api.operation("POST", CLEAR)
    everywhere.check("session-due", taken=Decimal(0), due=everywhere.charge_by_plan())
    with step("The operator clears the amount due"):
        api.post(CLEAR, user=everywhere.driver.id)
    everywhere.check("cleared", taken=Decimal(0), due=Decimal(0))
    if api.clock.patience >= A_MONTH.total_seconds():
        with step("A month passes"):
            api.clock.let_pass(A_MONTH.total_seconds())
        everywhere.check_sum("cleared", FEE)


@pytest.mark.parametrize(
    ("accumulation", "start"),
    [
        pytest.param("none", {"paymentMethodId": SUBSCRIPTION}, id="none"),
        pytest.param("personal", {"paymentMethodId": SUBSCRIPTION}, id="personal"),
        pytest.param("personal_commercial", {}, id="not named"),
    ],
)
def test_a_plan_pays_for_no_other_sessions(
    priced: PricedCharging, evse: Evse, drivers: Drivers, cleanup: Cleanup, accumulation: str, start: dict[str, str]
) -> None:
    """At a public charge point a plan pays only if it accumulates such sessions and the start names it."""
    on_plan = subscriber(priced, evse, drivers, cleanup, accumulation)
    session = on_plan.charge(**start)
    taken = Decimal(0) if session is None else decimal(bill.total_of(session))
    on_plan.check("other-sessions", taken=taken, due=Decimal(0))
