"""A paid session has one transaction, and its invoice is issued once.

Business rule: a paid session has one finalized transaction for its driver, over its total; only finalized means
paid; a payment reference that is changed reads back; an invoice appears in the listing, can be sent again, and is
not issued twice; what is not finalized can still change, what is finalized cannot.
Documented: transactions 1.0 (status, purchaseResourceType, filter sessionId), "Issue Invoice" (202, 409 already
issued, 412 conditions not met), "Resend Invoice" (202, 409 not issued yet), "Update Payment Reference".
"""

import secrets

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER, bill
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.money import rounding_of
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.transactions import TRANSACTION, TRANSACTIONS, is_payment, payments_of
from scenarios.vocabulary.waiting import looks, wait_for_entries

pytestmark = BLOCKER

ISSUE_INVOICE = "/actions/transactions/v1.0/{transaction}/issue-invoice"
RESEND_INVOICE = "/actions/transactions/v1.0/{transaction}/resend-invoice"
UPDATE_REFERENCE = "/actions/transactions/v1.0/{transaction}/update-payment-reference"
INVOICES = "/resources/invoices/v1.0"
INVOICE = "/resources/invoices/v1.0/{invoice}"


@pytest.fixture
def paid(charging: Charging, paid_evse: Evse, driver: Driver) -> ScenarioResponse:
    """A paid session."""
    return charging.charge_and_pay(paid_evse, driver)


@pytest.fixture
def transaction(api: ScenarioApi, paid: ScenarioResponse) -> ScenarioResponse:
    """The transaction that paid it."""
    with step("The transaction of the session is found"):
        finalized = wait_for_entries(
            "payment-finalized",
            "the session has a finalized transaction",
            (api, TRANSACTIONS, {"sessionId": paid["id"]}),
            lambda entry: is_payment(entry) and entry["status"] == "finalized",
        )
        return api.get(TRANSACTION, transaction=finalized[0]["id"])


def test_a_paid_session_has_one_finalized_transaction(
    api: ScenarioApi, charging: Charging, driver: Driver, paid: ScenarioResponse, transaction: ScenarioResponse
) -> None:
    """The transaction is over the session's total, for its driver, and the only one."""
    with step("It agrees with the session"):
        transaction.require_equal(str(transaction["sessionId"]), str(paid["id"]), "transaction-of-session", "sessionId")
        transaction.require_equal(transaction["userId"], driver.id, "transaction-of-user", "userId")
        total = bill.total_of(paid)
        transaction.require(
            rounding_of(api, transaction["currency"]).equal(transaction["totalAmount"], total),
            "transaction-total",
            f"the transaction is over {transaction['totalAmount']}, the session over {total}",
            expected=total,
            actual=transaction["totalAmount"],
        )
        if paid.get("currency") is not None:
            transaction.require_equal(transaction["currency"], paid["currency"], "transaction-currency", "currency")
        transaction.require(
            transaction.get("finalizedAt") is not None, "finalized-has-time", "a finalized one has no finalizedAt"
        )
    with step("It is the only payment of the session"):
        charging.clock.let_pass(charging.clock.a_while)
        finalized = [entry["id"] for entry in payments_of(api, paid)]
        transaction.require_equal(finalized, [transaction["id"]], "one-payment-per-session", "finalized transactions")
    with step("It is listed under its user and status"):
        check_listed(api, TRANSACTIONS, transaction["id"], {"userId": driver.id, "status": "finalized"})


def test_a_payment_reference_reads_back(api: ScenarioApi, transaction: ScenarioResponse) -> None:
    """The external reference of a payment can be changed, and nothing else changes."""
    reference = f"conformance-{secrets.token_hex(4)}"
    with step("The reference is changed"):
        api.post(UPDATE_REFERENCE, {"ref": reference}, transaction=transaction["id"])
    with step("It reads back, and is found by it"):
        read = api.get(TRANSACTION, transaction=transaction["id"])
        read.require_equal(read["ref"], reference, "reference-reads-back", "ref")
        for name in ("status", "totalAmount", "sessionId"):
            read.require_equal(read[name], transaction[name], "reference-only", name)
        for look in looks(api.clock):
            with look:
                listed = api.get(TRANSACTIONS, query={"filter": {"ref": reference}})
                found = [entry["id"] for entry in listed.items]
                listed.require_equal(
                    found, [transaction["id"]], "found-by-reference", "transactions with the reference"
                )


def test_a_finalized_transaction_cannot_be_changed(api: ScenarioApi, transaction: ScenarioResponse) -> None:
    """A finalized payment cannot be changed."""
    with step("Changing it to failed is attempted"):
        change = {"status": "failed", "totalAmount": 0}
        api.patch(TRANSACTION, change, expected=(403, 422), transaction=transaction["id"])
    with step("It is unchanged"):
        read = api.get(TRANSACTION, transaction=transaction["id"])
        read.require_equal(read["status"], "finalized", "finalized-stays", "status")
        read.require_equal(read["totalAmount"], transaction["totalAmount"], "finalized-stays", "totalAmount")


def test_an_invoice_is_issued_once(api: ScenarioApi, transaction: ScenarioResponse) -> None:
    """An invoice can be resent only after it is issued, is listed, and is not issued twice."""
    ids = {"transaction": transaction["id"]}
    if transaction.get("invoiceId") is not None:
        pytest.skip("the target issues invoices by itself, with the payment")
    with step("It cannot be resent before it is issued"):
        api.post(RESEND_INVOICE, expected=(409,), **ids)
    with step("The invoice is issued"):
        details = {
            "email": "conformance@example.com",
            "invoiceDetails": {"invoiceType": "individual", "individualName": "Conformance Driver", "country": "BG"},
        }
        issued = api.post(ISSUE_INVOICE, details, expected=(202, 412), **ids)
        if issued.status == 412:
            pytest.skip(f"the target does not issue invoices: {issued.body.get('message')}")
    with step("The transaction names it and it is listed"):
        read = api.get(TRANSACTION, **ids)
        number = read.get("invoiceId")
        read.require(number is not None, "transaction-names-invoice", "invoiceId is missing")
        check_listed(api, INVOICES, number, {})
        invoice = api.get(INVOICE, invoice=number)
        invoice.require(
            rounding_of(api, read["currency"]).equal(invoice["totalAmount"], read["totalAmount"]),
            "invoice-total",
            f"the invoice is over {invoice['totalAmount']}, the transaction over {read['totalAmount']}",
            expected=read["totalAmount"],
            actual=invoice["totalAmount"],
        )
        if read.get("invoiceNo") is not None:
            invoice.require_equal(invoice["number"], read["invoiceNo"], "invoice-number", "number of the invoice")
    with step("It can be resent"):
        api.post(RESEND_INVOICE, **ids)
    with step("It is not issued twice"):
        api.post(ISSUE_INVOICE, details, expected=(409,), **ids)
        again = api.get(TRANSACTION, **ids)
        again.require_equal(again.get("invoiceId"), number, "one-invoice", "invoiceId")
