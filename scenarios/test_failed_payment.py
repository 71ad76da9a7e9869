"""A failed payment is reported, can be retried, and gives one receipt when it succeeds.

Business rule: a session the balance cannot pay is not paid and has no receipt; after the balance is filled a retry
pays it once and gives one receipt; a session that is paid cannot be paid again. A driver who is refused another session
until then is refused in every way to start.
Documented: session paymentStatus failed/paid, "Session / Retry Payment" (202, 409), receipts 2.0.
"""

from decimal import Decimal

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import (
    START_CHARGE_POINT,
    START_NETWORK_ID,
    Charging,
    session_that_is_not_paid,
    skip_if_collected,
)
from scenarios.vocabulary.evses import EvseFinder
from scenarios.vocabulary.people import Driver, Drivers, add_balance
from scenarios.vocabulary.receipts import receipts_of, wait_for_receipt
from scenarios.vocabulary.refusal import check_is_refusal, check_start_refused
from scenarios.vocabulary.tariffs import Tariffs

pytestmark = BLOCKER

RETRY = "/actions/session/v1.0/{session}/retry-payment"

#: Enough to be let in where some balance is asked for, too little for a session.
TOO_LITTLE = Decimal("0.05")


@pytest.fixture
def driver(drivers: Drivers) -> Driver:
    """A driver who may be allowed to start, but cannot pay."""
    return drivers.new_with_balance(TOO_LITTLE)


def test_a_failed_payment_is_retried_and_receipted(
    api: ScenarioApi, charging: Charging, evse_finder: EvseFinder, tariffs: Tariffs, driver: Driver
) -> None:
    """Without balance the payment fails; with balance a retry pays the session and gives one receipt."""
    evse = evse_finder.free_evse(lambda evse: tariffs.has_price(evse, driver))
    session, failed = session_that_is_not_paid(charging, evse, driver)
    with step("There is no receipt"):
        new = [entry["id"] for entry in receipts_of(api, driver) if entry.get("paymentStatus") == "paid"]
        failed.require_equal(new, [], "no-receipt-without-payment", "the paid receipts of the driver")
    with step("The balance is topped up"):
        add_balance(api, driver, Decimal(500))
    skip_if_collected(charging, session)
    charging.wait_until_free(evse)
    with step("A driver with an unpaid session may be refused another one, with the reason and in every way to start"):
        again = charging.try_to_start(evse, driver)
        if again["success"]:
            second = charging.accepted(again, evse)
            charging.stop(second, force=True)
            charging.wait_until_over(second)
            charging.clock.let_pass(charging.clock.a_while)
        else:
            check_is_refusal(again)
            for way in (START_NETWORK_ID, START_CHARGE_POINT):
                check_start_refused(charging, evse, driver, way)
    earlier = [entry["id"] for entry in receipts_of(api, driver)]
    with step("The payment is retried"):
        api.post(RETRY, {}, session=session.id)
    charging.wait_until_paid(session)
    wait_for_receipt(api, charging.clock, driver, earlier)
    with step("It cannot be paid again"):
        api.post(RETRY, {}, expected=(409,), session=session.id)
