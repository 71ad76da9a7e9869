"""The balance of a driver is the sum of what went in and out, and every payment has one transaction.

Business rule: after each step that moves money the balance is exactly the sum of all amounts; a fee, a plan, a session
and a retried payment each have one finalized transaction of their kind and amount; what is refused moves nothing.
Documented: "Add Balance" (added, negative subtracts), "Redeem Voucher" (its amount, once), "Apply Custom Fee" (the
balance pays without a method; refused when it is too low), "Activate Subscription" (baseFee is the price of a pre-paid
plan), "Retry Payment" (each call is one charge), transactions 1.0 (purchaseResourceType; only finalized means paid).
Amounts are whole, for currencies without decimals.
"""

from decimal import Decimal

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER, bill
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import Charging, skip_if_collected
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.ledger import DriverLedger
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import Driver, Drivers, add_balance
from scenarios.vocabulary.plans import ACTIVATE, new_plan
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.receipts import receipts_of
from scenarios.vocabulary.vouchers import REDEEM, new_voucher

pytestmark = BLOCKER

CUSTOM_FEE = "/actions/users/v1.0/{user}/apply-custom-fee"
RETRY = "/actions/session/v1.0/{session}/retry-payment"


@pytest.fixture
def driver(drivers: Drivers) -> Driver:
    """A new driver, whose balance nothing else changes."""
    return drivers.new()


@pytest.fixture
def ledger(api: ScenarioApi, charging: Charging, driver: Driver) -> DriverLedger:
    """The ledger of the driver."""
    return DriverLedger(api, charging.clock, driver)


def top_up(api: ScenarioApi, driver: Driver, ledger: DriverLedger, amount: int) -> None:
    """Put an amount on the balance."""
    add_balance(api, driver, Decimal(amount))
    ledger.check_paid_in(Decimal(amount), f"{amount} added by the operator")


def test_what_goes_in_is_on_the_balance(
    api: ScenarioApi, driver: Driver, ledger: DriverLedger, cleanup: Cleanup
) -> None:
    """Top-ups, deductions and vouchers change the balance by exactly their amounts."""
    top_up(api, driver, ledger, 100)
    top_up(api, driver, ledger, -8)
    voucher = new_voucher(api, cleanup, 15)
    with step("The driver redeems a voucher over 15"):
        api.post(REDEEM, {"code": voucher["code"]}, user=driver.id)
    ledger.check_paid_in(Decimal(15), "a voucher over 15")


def test_a_fee_is_taken_once(api: ScenarioApi, driver: Driver, ledger: DriverLedger) -> None:
    """A fee has one transaction and is taken from the balance once; a fee that is refused has none."""
    top_up(api, driver, ledger, 20)
    with step("A fee of 7 is charged"):
        api.post(CUSTOM_FEE, {"amount": 7, "description": "Lost card"}, user=driver.id)
    ledger.check_paid_out("custom_fee", Decimal(7), "the fee")
    with step("A fee above the balance is refused"):
        api.post(CUSTOM_FEE, {"amount": 14, "description": "Too high"}, expected=(400, 422), user=driver.id)
    ledger.check_unchanged("the refused fee")


def test_a_plan_is_paid_once(api: ScenarioApi, driver: Driver, ledger: DriverLedger, cleanup: Cleanup) -> None:
    """A pre-paid plan costs its fee, in one transaction; one that the balance cannot pay costs nothing."""
    plan = new_plan(api, cleanup, 30)
    activation = {"planId": plan["id"], "reason": "conformance scenario"}
    with step("A driver without money subscribes and is refused"):
        refused = api.post(ACTIVATE, activation, expected=(202, 400), user=driver.id)
        if refused.status == 202:
            pytest.skip("the target lets plans begin before they are paid")
    ledger.check_unchanged("the refused plan")
    top_up(api, driver, ledger, 100)
    with step("The driver subscribes"):
        answer = api.post(ACTIVATE, activation, expected=(202, 400), user=driver.id)
        if answer.status == 400:
            pytest.skip(f"the target does not take a plan's fee from the balance: {answer.body.get('message')}")
    ledger.check_paid_out("subscription_plan", Decimal(30), "the plan")


def test_a_session_is_paid_once(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver, ledger: DriverLedger
) -> None:
    """A session has one transaction over exactly its total, and is taken from the balance once."""
    top_up(api, driver, ledger, 500)
    paid = charging.charge_and_pay(paid_evse, driver)
    ledger.check_paid_out("session", decimal(bill.total_of(paid)), "the session")


def test_a_retried_payment_is_paid_once(
    api: ScenarioApi, priced: PricedCharging, evse: Evse, driver: Driver, ledger: DriverLedger
) -> None:
    """A failed payment takes nothing; its retry takes exactly the total of the session, once."""
    priced.put_under(evse, priced.tariffs.new("flat rate", pricing={"pricePerSession": 4}))
    top_up(api, driver, ledger, 1)
    with step("The driver tries to start"):
        answer = priced.charging.try_to_start(evse, driver)
        if not answer["success"]:
            pytest.skip(f"the target refuses drivers whose balance is too low ({answer.get('errorCode')})")
        session = priced.charging.accepted(answer, evse)
    priced.charging.wait_until_active(session)
    priced.charge_for(10)
    priced.charging.stop(session, force=True)
    failed = priced.charging.wait_until_payment_is_decided(session, priced.charging.wait_until_finished(session))
    if failed.get("paymentStatus") != "failed":
        pytest.skip(f"the session is {failed.get('paymentStatus')}; payments of the target cannot be made to fail")
    with step("Nothing was paid, and there is no paid receipt"):
        new = [entry["id"] for entry in receipts_of(api, driver) if entry.get("paymentStatus") == "paid"]
        failed.require_equal(new, [], "no-receipt-without-payment", "the paid receipts of the driver")
        ledger.forget_failed()
    add_balance(api, driver, Decimal(50))
    skip_if_collected(priced.charging, session)
    ledger.check_paid_in(Decimal(50), "50 added by the operator")
    with step("The payment is retried"):
        api.post(RETRY, {}, session=session.id)
    paid = priced.charging.wait_until_paid(session)
    ledger.check_paid_out("session", decimal(bill.total_of(paid)), "the retried payment")
