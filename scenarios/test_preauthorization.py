"""The amount that a tariff blocks before a session is given back after it.

Business rule: under a tariff with a pre-authorized amount the amount is blocked on the driver's method before the
session; a session that reaches it ends for that reason; when the session is over nothing stays blocked.
Documented: preAuthorizeAmount (blocked before the start), transactions 1.0 (purchaseResourceType payment_authorisation,
status authorized and reversed), the stop reason authorization_amount_reached, registration of a payment method (two
calls).
"""

from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL, bill
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import ChargingSession
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.transactions import TRANSACTIONS
from scenarios.vocabulary.waiting import GLANCE, looks, wait_for_entries

pytestmark = CRITICAL

METHODS = "/resources/users/v1.0/{user}/payment-methods"
AMOUNT = 5
PRICING = {"pricePerKwh": 1, "preAuthorizeAmount": AMOUNT}


@pytest.fixture
def driver(drivers: Drivers) -> Driver:
    """A new driver."""
    return drivers.new()


@pytest.fixture
def method(api: ScenarioApi, driver: Driver) -> str:
    """A payment method of the driver; skips the scenario where one is registered on a page of the processor."""
    with step("The driver registers a payment method"):
        begun = api.post(METHODS, {}, user=driver.id).get("transactionId")
        if begun is not None:
            api.post(METHODS, {"transactionId": begun}, user=driver.id)
        # A listing may be behind.
        for seconds in (0.0, min(api.clock.a_while, 2 * GLANCE)):
            api.clock.let_pass(seconds)
            for entry in api.listing(METHODS, user=driver.id):
                if entry["type"] == "tokenized" and entry.get("id") is not None:
                    return str(entry["id"])
    pytest.skip("the target registers payment methods on a page of its processor")


def blocked_for(priced: PricedCharging, session: ChargingSession) -> tuple[ScenarioApi, str, dict[str, Any]]:
    """The listing of the transactions of a session."""
    return priced.api, TRANSACTIONS, {"sessionId": session.id}


def begin(priced: PricedCharging, evse: Evse, driver: Driver, method: str) -> ChargingSession:
    """A session under a tariff that blocks an amount on the method; the amount is blocked."""
    priced.put_under(evse, priced.tariffs.new("duration+energy", pricing=PRICING))
    session = priced.charging.start(evse, driver, paymentMethodId=method)
    priced.charging.wait_until_active(session)
    with step(f"{AMOUNT} are blocked"):
        found = wait_for_entries(
            "amount-blocked",
            "the amount is blocked",
            blocked_for(priced, session),
            lambda entry: entry.get("purchaseResourceType") == "payment_authorisation",
        )
        read = priced.charging.read(session)
        amounts = [decimal(entry["totalAmount"]) for entry in found]
        read.require_equal(amounts, [decimal(AMOUNT)], "amount-blocked", "the blocked amounts of the session")
        read.require_equal(found[0]["status"], "authorized", "amount-blocked", "the status of the blocked amount")
    return session


def is_taken(transaction: dict[str, Any]) -> bool:
    """Whether a transaction took its amount."""
    return bool(transaction["status"] == "finalized")


def check_given_back(priced: PricedCharging, session: ChargingSession) -> None:
    """No amount stays blocked for the session."""
    with step("Nothing stays blocked"):
        wait_for_entries(
            "amount-given-back",
            "the blocked amount is given back",
            blocked_for(priced, session),
            lambda entry: (
                entry.get("purchaseResourceType") == "payment_authorisation" and entry["status"] != "authorized"
            ),
        )


def test_a_blocked_amount_is_given_back(priced: PricedCharging, evse: Evse, driver: Driver, method: str) -> None:
    """After a session below the blocked amount, it is given back."""
    session = begin(priced, evse, driver, method)
    priced.charge_for(10)
    paid = priced.end(session)
    check_given_back(priced, session)
    with step("What was taken is what the session costs"):
        api, path, filter = blocked_for(priced, session)
        total = decimal(bill.total_of(paid))
        for look in looks(api.clock):
            with look:
                taken = [decimal(entry["totalAmount"]) for entry in api.listing(path, filter=filter) if is_taken(entry)]
                paid.require_equal(sum(taken), total, "blocked-and-paid", f"the sum of {taken}, which were taken,")


def test_a_session_ends_when_the_blocked_amount_is_used_up(
    priced: PricedCharging, evse: Evse, driver: Driver, method: str
) -> None:
    """A session that costs as much as is blocked ends by itself, and says so."""
    if priced.charging.clock.patience < 3600:
        pytest.skip("the amount is used up after half an hour, longer than a scenario waits on a tenant")
    session = begin(priced, evse, driver, method)
    priced.charge_for(60)
    ended = priced.charging.wait_until_finished(session)
    ended.require_equal(
        ended.get("reason"), "authorization_amount_reached", "limit-has-reason", "the reason of the end"
    )
    check_given_back(priced, session)
