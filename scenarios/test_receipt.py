"""A paid session has one receipt that agrees with the session; an unpaid one has none.

Business rule: one paid session, one receipt, for its user, with its total and its tax, found by each filter;
receipt numbers are unique and increasing; no payment, no receipt.
Documented: receipts 2.0 (receiptNo, userId, totalKwh, totalAmount, tax, paymentStatus pending/paid/partially_paid;
filters userId, taxId, paymentStatus, periodStart, periodEnd)
and the session's paymentStatus, receiptId, totalAmount (with and without tax) and tax.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER, bill
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.money import decimal, rounding_of
from scenarios.vocabulary.people import Driver, balance
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.receipts import RECEIPT, RECEIPTS, receipts_of, wait_for_receipt
from scenarios.vocabulary.transactions import payments_of
from scenarios.vocabulary.waiting import looks

pytestmark = BLOCKER

A_DAY = timedelta(days=1)


def test_a_paid_session_has_exactly_one_receipt(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver
) -> None:
    """One paid session gives one receipt with its user, energy, total and tax."""
    earlier = {entry["id"] for entry in receipts_of(api, driver)}
    paid = charging.charge_and_pay(paid_evse, driver)
    receipt = wait_for_receipt(api, charging.clock, driver, earlier)
    rounding = rounding_of(api, paid.get("currency"))
    with step("The receipt agrees with the session"):
        receipt.require_equal(receipt["userId"], driver.id, "receipt-of-user", "userId")
        receipt.require_equal(receipt.get("paymentStatus"), "paid", "receipt-paid", "paymentStatus")
        total = bill.total_of(paid)
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


def test_the_balance_pays_what_the_receipt_says(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver
) -> None:
    """The price of a session is taken from the balance once."""
    if not driver.is_ours:
        pytest.skip("the balance of a configured user may move for other reasons; run without `test_equipment: user`")
    before = balance(api, driver)
    paid = charging.charge_and_pay(paid_evse, driver)
    with step("The balance is reduced by the total"):
        charging.clock.let_pass(charging.clock.a_while)
        after = balance(api, driver)
        total = bill.total_of(paid)
        paid.require(
            rounding_of(api, paid.get("currency")).equal(before - after, total),
            "balance-pays-total",
            f"the balance fell by {before - after}, the session costs {total}",
            expected=total,
            actual=float(before - after),
        )


def test_the_listing_finds_the_receipt_under_each_filter(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver
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
    check_period_filters(api, receipt, driver)
    with step("It reads the same by id"):
        read = api.get(RECEIPT, receipt=receipt["id"])
        read.require_equal(read.item, receipt.item, "receipt-reads-same", "the receipt")


def check_period_filters(api: ScenarioApi, receipt: ScenarioResponse, driver: Driver) -> None:
    """The filters by period find the receipt in its own period only.

    Whether they bound the period or name it is not documented: either reading may find the receipt.
    """
    if receipt.get("periodStart") is None or receipt.get("periodEnd") is None:
        return
    begin, end = (bill.moment(receipt[name]) for name in ("periodStart", "periodEnd"))
    around = {"periodStart": (begin - A_DAY).isoformat(), "periodEnd": (end + A_DAY).isoformat()}
    exactly = {name: receipt[name] for name in around}
    long_ago = {"periodStart": "2001-01-01T00:00:00Z", "periodEnd": "2001-01-02T00:00:00Z"}
    with step("It is listed in its period"):
        for look in looks(api.clock):
            with look:
                found = any(is_listed(api, receipt, {"userId": driver.id, **period}) for period in (around, exactly))
                said = f"not listed in its period, neither under {around} nor under {exactly}"
                receipt.require(found, "filter-finds", said)
    with step("It is not listed in another"):
        found = is_listed(api, receipt, {"userId": driver.id, **long_ago})
        receipt.require(not found, "filter-holds", f"listed under {long_ago}")


def is_listed(api: ScenarioApi, receipt: ScenarioResponse, filter: dict[str, Any]) -> bool:
    """Whether the listing under a filter holds the receipt."""
    return receipt["id"] in {entry["id"] for entry in api.listing(RECEIPTS, filter=filter)}


def test_receipt_numbers_are_unique_and_increase(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver
) -> None:
    """Receipt numbers of a driver are unique, and a later receipt has a higher number."""
    made: list[ScenarioResponse] = []
    for _ in range(2):
        earlier = {entry["id"] for entry in receipts_of(api, driver)}
        charging.charge_and_pay(paid_evse, driver)
        made.append(wait_for_receipt(api, charging.clock, driver, earlier))
        charging.wait_until_free(paid_evse)
    with step("The receipt numbers are unique"):
        # Other operators of the tenant may have a series of their own.
        first, second = (receipt["receiptNo"] for receipt in made)
        made[1].require(first != second, "receipt-number-unique", f"two receipts have the number {first}")
    with step("The later receipt has the higher number"):
        counts = [counted(receipt["receiptNo"]) for receipt in made]
        if counts[0] is None or counts[1] is None or counts[0][0] != counts[1][0]:
            pytest.skip("receipt numbers of this target have no counter")
        made[1].require(
            counts[1][1] > counts[0][1],
            "receipt-number-increases",
            f"{made[1]['receiptNo']} follows {made[0]['receiptNo']}",
        )


def counted(number: str) -> tuple[str, int] | None:
    """What comes before the count that a receipt number ends with, and the count; None without one."""
    found = re.fullmatch(r"(.*?)(\d+)", number)
    return (found[1], int(found[2])) if found else None


def test_a_free_session_has_no_receipt(api: ScenarioApi, priced: PricedCharging, evse: Evse, driver: Driver) -> None:
    """A session under a free tariff costs nothing, and has neither a payment nor a receipt."""
    earlier = {entry["id"] for entry in receipts_of(api, driver)}
    priced.put_under(evse, priced.tariffs.new("free"))
    free = priced.charge(evse, driver, 10)
    priced.charging.clock.let_pass(min(600.0, priced.charging.clock.patience / 2))
    with step("Nothing is paid"):
        total = (free.get("totalAmount") or {}).get("withTax") or 0
        free.require(not total, "free-costs-nothing", f"the session costs {total}", expected=0, actual=total)
        payments = [entry for entry in payments_of(api, free, least=0) if entry["totalAmount"]]
        free.require_equal(payments, [], "no-receipt-without-payment", "the payments of the session")
        new = sorted({entry["id"] for entry in receipts_of(api, driver)} - earlier)
        free.require_equal(new, [], "no-receipt-without-payment", "new receipts of the driver")


def test_an_unpaid_session_has_no_receipt(
    api: ScenarioApi, charging: Charging, paid_evse: Evse, driver: Driver
) -> None:
    """A running session is not paid and has no receipt."""
    earlier = {entry["id"] for entry in receipts_of(api, driver)}
    session = charging.start(paid_evse, driver)
    charging.wait_until_active(session)
    charging.wait_for_energy(session)
    with step("The running session is unpaid and has no receipt"):
        running = charging.read(session)
        running.require(running.get("paymentStatus") != "paid", "unpaid-while-running", "a running session is paid")
        running.require_equal(running.get("receiptId"), None, "no-receipt-while-running", "receiptId")
        new = {entry["id"] for entry in receipts_of(api, driver)} - earlier
        running.require_equal(sorted(new), [], "no-receipt-while-running", "new receipts of the driver")
    charging.stop(session)
    charging.wait_until_finished(session)
