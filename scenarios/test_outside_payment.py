"""A payment made outside the platform is recorded, changes status, and is immutable once finalized.

Business rule: a recorded payment belongs to its session and reads back; it can change until it is finalized; a
refunded, reversed or failed one is no payment; a refund recorded for a paid session leaves its own payment finalized.
Documented: transactions 1.0: create (totalAmount, status, sessionId, ref), update (only what is not finalized yet can
be changed), statuses pending, finalized, failed, reversed, refunded, authorized, initialized; only finalized is
paid; filters sessionId, status, ref.
"""

import secrets
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL, bill
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.money import decimal, rounding_of
from scenarios.vocabulary.people import Driver, Drivers, balance
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.transactions import TRANSACTION, TRANSACTIONS, payments_of

pytestmark = CRITICAL

#: How a pending payment can end; the listing's filter has its own word for `reversed`, so it is not filtered by.
ENDS = ("finalized", "failed", "reversed", "refunded")
FILTERABLE = frozenset({"finalized", "failed", "refunded"})
#: Which status may follow which is not documented; what was never paid may not be given back.
MAY_BE_REFUSED = {"reversed": (409, 422), "refunded": (409, 422)}


@pytest.fixture
def session(charging: Charging, evse: Evse, driver: Driver) -> ScenarioResponse:
    """A session that has ended."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    charging.stop(session)
    return charging.wait_until_finished(session)


def recorded(api: ScenarioApi, session: ScenarioResponse, amount: float, status: str) -> ScenarioResponse:
    """An external payment, recorded for a session."""
    body: dict[str, Any] = {
        "sessionId": int(session["id"]),
        "totalAmount": amount,
        "status": status,
        "ref": f"conformance-{secrets.token_hex(6)}",
        "paymentMethod": {"methodType": "card", "cardNetwork": "visa", "last4": "4242"},
    }
    with step(f"An external payment is recorded as {status}"):
        made = api.post(TRANSACTIONS, body, expected=(201, 422))
        if made.status == 422:
            pytest.skip(f"the target accepts no external payment for this session: {made.body.get('message')}")
        read = api.get(TRANSACTION, transaction=made["id"])
        check_transaction(api, read, amount, status)
        read.require_equal(str(read["sessionId"]), str(session["id"]), "transaction-of-session", "sessionId")
        read.require_equal(read["ref"], body["ref"], "reference-reads-back", "ref")
    return read


def check_transaction(api: ScenarioApi, transaction: ScenarioResponse, amount: float, status: str) -> None:
    """The transaction has this status and amount, and a time of its end only when it is finalized."""
    transaction.require_equal(transaction.get("status"), status, "transaction-status", "status")
    found = transaction.get("totalAmount")
    transaction.require(
        found is not None and rounding_of(api, transaction["currency"]).equal(found, amount),
        "transaction-total",
        f"the transaction is over {found}, recorded was {amount}",
        expected=amount,
        actual=found,
    )


def test_what_was_paid_outside_is_not_taken_from_the_balance(
    api: ScenarioApi, priced: PricedCharging, evse: Evse, drivers: Drivers
) -> None:
    """A session that cost nothing is paid for outside of the platform: the balance stays as it is."""
    driver = drivers.new_with_balance()
    priced.put_under(evse, priced.tariffs.new("free"))
    free = priced.charge(evse, driver, 10)
    before = balance(api, driver)
    payment = recorded(api, free, 8, "finalized")
    with step("The balance is as it was"):
        priced.charging.clock.let_pass(priced.charging.clock.a_while)
        payment.require_equal(balance(api, driver), before, "paid-outside", "the balance of the driver")


@pytest.mark.parametrize("end", ENDS)
def test_a_noted_payment_ends_as_it_is_told(api: ScenarioApi, session: ScenarioResponse, end: str) -> None:
    """A pending payment takes every documented status, is listed under it, and cannot change once finalized."""
    payment = recorded(api, session, 8, "pending")
    ids = {"transaction": payment["id"]}
    with step(f"It is {end}"):
        change = {"status": end, "totalAmount": 7}
        changed = api.patch(TRANSACTION, change, expected=(200, *MAY_BE_REFUSED.get(end, ())), **ids)
        if changed.status != 200:
            pytest.skip(f"the target does not let a pending payment become {end}: {changed.body.get('message')}")
        ended = api.get(TRANSACTION, **ids)
        check_transaction(api, ended, 7, end)
        ended.require_equal(ended["ref"], payment["ref"], "partial-update", "ref that was not sent")
    if end in FILTERABLE:
        with step("It is listed under that status"):
            own = {"sessionId": session["id"]}
            check_listed(api, TRANSACTIONS, payment["id"], own | {"status": end})
            check_listed(api, TRANSACTIONS, payment["id"], own | {"status": "pending"}, is_listed=False)
    if end == "finalized":
        with step("It can no longer be changed"):
            api.patch(TRANSACTION, {"status": "failed", "totalAmount": 0}, expected=(403, 409, 422), **ids)
            check_transaction(api, api.get(TRANSACTION, **ids), 7, "finalized")


def test_a_refund_leaves_the_payment_as_it_is(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver
) -> None:
    """A refund recorded for a paid session is a second transaction; the payment stays finalized and is the only one."""
    paid = charging.charge_and_pay(paid_evse, driver)
    with step("The session is paid by one transaction"):
        before = payments_of(api, paid)
        paid.require_equal(len(before), 1, "one-payment-per-session", "the number of finalized transactions")
    had = balance(api, driver)
    refund = recorded(api, paid, float(bill.total_of(paid)), "refunded")
    with step("The payment is unchanged, and the refund is no payment"):
        finalized = [entry["id"] for entry in payments_of(api, paid)]
        refund.require_equal(finalized, [before[0]["id"]], "refund-is-no-payment", "the finalized transactions")
        check_transaction(api, api.get(TRANSACTION, transaction=refund["id"]), refund["totalAmount"], "refunded")
    with step("It is recorded once, and gives back no more than was paid"):
        refunds = [entry["id"] for entry in payments_of(api, paid, status="refunded")]
        refund.require_equal(refunds, [refund["id"]], "refund-once", "the refunds of the session")
        if driver.is_ours:
            back = balance(api, driver) - had
            is_due = 0 <= back <= decimal(refund["totalAmount"])
            refund.require(is_due, "refund-once", f"the balance changed by {back}")
    check_listed(api, TRANSACTIONS, refund["id"], {"sessionId": paid["id"], "status": "refunded"})
