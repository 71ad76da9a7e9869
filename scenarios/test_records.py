"""The records of a payment name each other, agree, and stay as they are.

Business rule: session, transaction, receipt and invoice of a payment name each other; they have the same driver,
currency and amounts; the receipt is for the time of the session; none of them changes later; a session that failed
costs nothing.
Documented: session.receiptId, transactions 1.0 (sessionId, receiptId, invoiceId, currency), receipts 2.0 (periodStart
and periodEnd, which may be calendar days), invoices 1.0 (subtotal, taxAmount, quantity, unitPrice), the currency of a
tariff. A session that never charges has nothing to pay for.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER, bill
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.chargers import Chargers
from scenarios.vocabulary.charging import EVERYTHING, SESSION, Charging
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.invoices import issue_invoice
from scenarios.vocabulary.money import decimal, rounding_of
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.receipts import RECEIPT, receipts_of, wait_for_receipt
from scenarios.vocabulary.transactions import TRANSACTION, payments_of

pytestmark = BLOCKER

A_DAY = timedelta(days=1)


@pytest.fixture
def paid(charging: Charging, paid_evse: Evse, driver: Driver) -> ScenarioResponse:
    """A paid session."""
    return charging.charge_and_pay(paid_evse, driver)


@pytest.fixture
def receipt(api: ScenarioApi, charging: Charging, driver: Driver, paid: ScenarioResponse) -> ScenarioResponse:
    """Its receipt."""
    number = paid.get("receiptId")
    earlier = {entry["id"] for entry in receipts_of(api, driver)} - {number} if number is not None else set()
    return wait_for_receipt(api, charging.clock, driver, earlier)


@pytest.fixture
def transaction(api: ScenarioApi, paid: ScenarioResponse) -> ScenarioResponse:
    """Its transaction."""
    payments = payments_of(api, paid)
    paid.require_equal(len(payments), 1, "one-payment", "the number of finalized payments of the session")
    return api.get(TRANSACTION, transaction=payments[0]["id"])


def test_session_transaction_and_receipt_agree(
    priced: PricedCharging,
    driver: Driver,
    paid: ScenarioResponse,
    receipt: ScenarioResponse,
    transaction: ScenarioResponse,
) -> None:
    """The three name each other, and have one driver, currency, period and amount."""
    with step("They name each other"):
        now = priced.api.get(SESSION, session=paid["id"])
        for record, rule in ((now, "session-names-receipt"), (transaction, "transaction-names-receipt")):
            named = record.get("receiptId")
            record.require(named in (None, receipt["id"]), rule, f"receiptId is {named}, not {receipt['id']}")
        session = str(transaction.get("sessionId"))
        transaction.require_equal(session, str(paid["id"]), "transaction-of-session", "sessionId of the transaction")
    with step("They have the same driver"):
        for record in (paid, receipt, transaction):
            record.require_equal(record["userId"], driver.id, "record-of-driver", "userId")
    with step("They have the currency of the tariff"):
        currency = priced.snapshot_of(paid).get("currency") or transaction["currency"]
        paid.require_equal(paid["currency"], currency, "currency-of-tariff", "currency of the session")
        transaction.require_equal(transaction["currency"], currency, "currency-of-tariff", "currency of the payment")
        for line in paid.get("priceBreakdown") or ():
            paid.require_equal(line["currency"], currency, "currency-of-tariff", "currency of a price line")
    with step("The receipt is for the time of the session"):
        check_period(receipt, paid)
    with step("They are over the same amount"):
        total = decimal(bill.total_of(paid))
        for record in (receipt, transaction):
            shown = decimal(record["totalAmount"])
            record.require(shown == total, "record-total", f"totalAmount is {shown}, the session's total {total}")


def check_period(receipt: ScenarioResponse, session: ScenarioResponse) -> None:
    """The period of a receipt begins and ends about the days of the session; days may be those of another zone."""
    if receipt.get("periodStart") is None or receipt.get("periodEnd") is None:
        return
    for name, side in (("periodStart", "startedAt"), ("periodEnd", "stoppedAt")):
        shown, moment = bill.moment(receipt[name]), bill.moment(session[side])
        receipt.require(
            abs(shown.replace(tzinfo=None) - moment.replace(tzinfo=None)) <= 2 * A_DAY,
            "receipt-period",
            f"{name} of the receipt is {receipt[name]}, the session's {side} {session[side]}",
            expected=session[side],
            actual=receipt[name],
        )


def test_an_invoice_agrees_with_its_session(
    api: ScenarioApi, driver: Driver, paid: ScenarioResponse, transaction: ScenarioResponse
) -> None:
    """The invoice is the driver's; quantity times price is its subtotal, and with the tax of the session its total."""
    invoice = issue_invoice(api, transaction)
    rounding = rounding_of(api, paid.get("currency"))
    with step("It is the driver's, over the session"):
        user = invoice.get("userId")
        invoice.require(user in (None, driver.id), "invoice-of-driver", f"userId is {user}, not {driver.id}")
        kwh = decimal(invoice.get("totalEnergy") or 0)
        charged = decimal(paid["energy"]) / 1000
        invoice.require(
            invoice.get("totalEnergy") is None or abs(kwh - charged) <= Decimal("0.01"),
            "invoice-energy",
            f"the invoice says {kwh} kWh, the session {charged}",
        )
    with step("It has the tax of the session, and the date of today"):
        rate = (paid.get("tax") or {}).get("taxPercentage")
        shown = invoice.get("taxRate")
        # The rate is a whole number, whatever the tax.
        is_rate = None in (rate, shown) or abs(decimal(shown) - decimal(rate)) < 1
        invoice.require(is_rate, "invoice-tax-rate", f"taxRate is {shown}, the session has {rate} %")
        late = abs(bill.moment(invoice["date"]).replace(tzinfo=None) - api.clock.moment().replace(tzinfo=None))
        invoice.require(late <= 2 * A_DAY, "invoice-date", f"the date of the invoice is {invoice['date']}")
    with step("It adds up"):
        subtotal, tax, total = (decimal(invoice[name]) for name in ("subtotal", "taxAmount", "totalAmount"))
        invoice.require(
            rounding.equal(subtotal + tax, total),
            "invoice-sum",
            f"the total is {total}, not {subtotal} plus {tax} tax",
            expected=float(subtotal + tax),
            actual=float(total),
        )
        product = decimal(invoice["quantity"]) * decimal(invoice["unitPrice"])
        is_product = rounding.is_product(subtotal, invoice["quantity"], "invoice", invoice["unitPrice"])
        invoice.require(is_product, "invoice-subtotal", f"quantity times price is {product}, the subtotal {subtotal}")
        without_tax = (paid.get("totalAmount") or {}).get("withoutTax")
        if without_tax is not None:
            invoice.require(
                rounding.equal(subtotal, without_tax),
                "invoice-subtotal",
                f"the subtotal is {subtotal}, the session costs {without_tax} without tax",
                expected=without_tax,
                actual=float(subtotal),
            )


def test_paid_records_do_not_change(
    api: ScenarioApi,
    charging: Charging,
    paid: ScenarioResponse,
    receipt: ScenarioResponse,
    transaction: ScenarioResponse,
) -> None:
    """After a day, or what a scenario waits, the records are as they were when the session was paid."""
    with step("Time passes"):
        charging.clock.let_pass(min(A_DAY.total_seconds(), charging.clock.patience / 10))
    with step("The records are as they were"):
        for rule, before, after in (
            ("session-kept", paid, api.get(SESSION, query=EVERYTHING, session=paid["id"])),
            ("receipt-kept", receipt, api.get(RECEIPT, receipt=receipt["id"])),
            ("transaction-kept", transaction, api.get(TRANSACTION, transaction=transaction["id"])),
        ):
            known = (name for name, value in before.item.items() if name in KEPT and value is not None)
            changed = [name for name in known if after.get(name) != before.get(name)]
            after.require_equal(changed, [], rule, "the changed fields")


#: What a payment settles for good.
KEPT = frozenset(
    (
        *("status", "reason", "userId", "startedAt", "stoppedAt", "energy", "amount", "totalAmount", "tax", "currency"),
        *("paymentStatus", "receiptId", "chargingPeriods", "priceBreakdown", "tariffSnapshotId", "sessionId", "date"),
        *("receiptNo", "totalKwh", "periodStart", "periodEnd", "purchaseResourceType", "finalizedAt", "number"),
    )
)


def test_a_failed_session_costs_nothing(charging: Charging, chargers: Chargers, evse: Evse, driver: Driver) -> None:
    """A session whose charge point never begins ends without energy, price and payment."""
    session = charging.start(evse, driver)
    chargers.refuse_commands(evse, "offline")
    over = charging.wait_until_over(session)
    if over["status"] == "finished":
        pytest.skip("the session could begin before the charge point was offline")
    with step("It costs nothing"):
        check_costs_nothing(over)


def check_costs_nothing(session: ScenarioResponse) -> None:
    """A session without energy has no price, no payment and no receipt."""
    total = (session.get("totalAmount") or {}).get("withTax")
    for name, cost in (("amount", session.get("amount")), ("totalAmount", total)):
        said = f"{name} of a failed session is {cost}"
        session.require(not cost, "failed-session-costs-nothing", said, expected=0, actual=cost)
    paid = session.get("paymentStatus")
    session.require(paid != "paid", "failed-session-costs-nothing", f"a failed session is {paid}")
    session.require_equal(session.get("receiptId"), None, "failed-session-costs-nothing", "receiptId")
