"""Invoices of transactions."""

import pytest
from allure import step

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.transactions import TRANSACTION

ISSUE_INVOICE = "/actions/transactions/v1.0/{transaction}/issue-invoice"
INVOICE = "/resources/invoices/v1.0/{invoice}"
DETAILS = {
    "email": "conformance@example.com",
    "invoiceDetails": {"invoiceType": "individual", "individualName": "Conformance Driver", "country": "BG"},
}


def issue_invoice(api: ScenarioApi, transaction: ScenarioResponse) -> ScenarioResponse:
    """The invoice of a transaction, issued now or before; skips the scenario where the platform issues none."""
    with step("The invoice is issued"):
        issued = api.post(ISSUE_INVOICE, DETAILS, expected=(202, 409, 412), transaction=transaction["id"])
        if issued.status == 412:
            pytest.skip(f"the target does not issue invoices: {issued.body.get('message')}")
    number = api.get(TRANSACTION, transaction=transaction["id"]).get("invoiceId")
    issued.require(number is not None, "transaction-names-invoice", "invoiceId of the transaction is missing")
    return api.get(INVOICE, invoice=number)
