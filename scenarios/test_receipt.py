"""A paid session has one receipt that tells the same as the session; an unpaid one has none.

Business rule: one paid session, one receipt, for its user, with its total and its tax, findable under each filter;
receipt numbers are unique; no payment, no receipt.
Documented: receipts 2.0 (receiptNo, userId, totalKwh, totalAmount, tax, paymentStatus pending/paid/partially_paid)
and the session's paymentStatus, receiptId, totalAmount (with and without tax) and tax.
"""

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER, bill
from scenarios.vocabulary.api import Api
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.money import decimal, rounding_of
from scenarios.vocabulary.people import Driver, balance
from scenarios.vocabulary.places import Evse
from scenarios.vocabulary.receipts import RECEIPT, RECEIPTS, receipts_of, wait_for_receipt

pytestmark = BLOCKER


def test_a_paid_session_has_exactly_one_receipt(api: Api, charging: Charging, paid_evse: Evse, driver: Driver) -> None:
    """One paid session gives one receipt with its user, energy, total and tax."""
    earlier = {entry["id"] for entry in receipts_of(api, driver)}
    paid = charging.charge_and_pay(paid_evse, driver)
    receipt = wait_for_receipt(api, charging.clock, driver, earlier)
    rounding = rounding_of(api, paid.get("currency"))
    with step("The receipt tells the same as the session"):
        receipt.require_equal(receipt["userId"], driver.id, "receipt-of-user", "userId")
        receipt.require_equal(receipt.get("paymentStatus"), "paid", "receipt-paid", "paymentStatus")
        total = paid["totalAmount"]["withTax"]
        receipt.require(
            rounding.equal(receipt["totalAmount"], total),
            "receipt-total",
            f"the receipt says {receipt['totalAmount']}, the session {total}",
            expected=total,
            actual=receipt["totalAmount"],
        )
        if receipt.get("totalKwh") is not None:
            kwh = decimal(paid["energy"]) / 1000
            receipt.require(
                abs(decimal(receipt["totalKwh"]) - kwh) <= decimal("0.01"),
                "receipt-energy",
                f"the receipt says {receipt['totalKwh']} kWh, the session {kwh}",
                expected=float(kwh),
                actual=receipt["totalKwh"],
            )
        tax = paid.get("tax") or {}
        if receipt.get("tax") and tax.get("taxPercentage") is not None:
            receipt.require(
                decimal(receipt["tax"]["taxPercentage"]) == decimal(tax["taxPercentage"]),
                "receipt-tax",
                f"the receipt has {receipt['tax']}, the session {tax}",
                expected=tax,
                actual=receipt["tax"],
            )
        if paid.get("receiptId") is not None:
            paid.require_equal(paid["receiptId"], receipt["id"], "session-names-receipt", "receiptId of the session")
    bill.check_price(paid, rounding)


def test_the_balance_pays_what_the_receipt_says(api: Api, charging: Charging, paid_evse: Evse, driver: Driver) -> None:
    """What a session costs leaves the balance, once."""
    if not driver.is_ours:
        pytest.skip("the balance of a configured user may move for other reasons; run without ids: user")
    before = balance(api, driver)
    paid = charging.charge_and_pay(paid_evse, driver)
    with step("The balance is less by the total"):
        charging.clock.let_pass(60.0)
        after = balance(api, driver)
        total = paid["totalAmount"]["withTax"]
        paid.require(
            rounding_of(api, paid.get("currency")).equal(before - after, total),
            "balance-pays-total",
            f"the balance fell by {before - after}, the session costs {total}",
            expected=total,
            actual=float(before - after),
        )


def test_the_listing_finds_the_receipt_under_each_filter(
    api: Api, charging: Charging, paid_evse: Evse, driver: Driver
) -> None:
    """A receipt is listed under its user, tax and payment status only."""
    earlier = {entry["id"] for entry in receipts_of(api, driver)}
    charging.charge_and_pay(paid_evse, driver)
    receipt = wait_for_receipt(api, charging.clock, driver, earlier)
    with step("It is listed under each filter"):
        check_listed(api, RECEIPTS, receipt["id"], {"userId": driver.id})
        check_listed(api, RECEIPTS, receipt["id"], {"userId": driver.id, "paymentStatus": "paid"})
        check_listed(api, RECEIPTS, receipt["id"], {"userId": driver.id, "paymentStatus": "pending"}, is_listed=False)
        if receipt.get("tax"):
            check_listed(api, RECEIPTS, receipt["id"], {"userId": driver.id, "taxId": receipt["tax"]["taxId"]})
    with step("It reads the same by its id"):
        read = api.get(RECEIPT, receipt=receipt["id"])
        read.require_equal(read.item, receipt.item, "receipt-reads-same", "the receipt")


def test_receipt_numbers_are_unique(api: Api, charging: Charging, paid_evse: Evse, driver: Driver) -> None:
    """Every receipt has a number of its own."""
    for _ in range(2):
        earlier = {entry["id"] for entry in receipts_of(api, driver)}
        charging.charge_and_pay(paid_evse, driver)
        wait_for_receipt(api, charging.clock, driver, earlier)
        charging.wait_until_free(paid_evse)
    with step("No number appears twice"):
        answer = api.get(RECEIPTS, query={"per_page": 100})
        numbers = [entry["receiptNo"] for entry in answer.items]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        answer.require_equal(twice, [], "receipt-number-unique", "receipt numbers used twice")


def test_an_unpaid_session_has_no_receipt(api: Api, charging: Charging, paid_evse: Evse, driver: Driver) -> None:
    """While a session runs it is not paid and has no receipt."""
    earlier = {entry["id"] for entry in receipts_of(api, driver)}
    session = charging.start(paid_evse, driver)
    charging.wait_until_active(session)
    charging.wait_for_energy(session)
    with step("The running session is neither paid nor receipted"):
        running = charging.read(session)
        running.require(running.get("paymentStatus") != "paid", "unpaid-while-running", "a running session is paid")
        running.require_equal(running.get("receiptId"), None, "no-receipt-while-running", "receiptId")
        listed = api.get(RECEIPTS, query={"filter": {"userId": driver.id}})
        new = {entry["id"] for entry in listed.items} - earlier
        listed.require_equal(sorted(new), [], "no-receipt-while-running", "new receipts of the driver")
    charging.stop(session)
    charging.wait_until_finished(session)
