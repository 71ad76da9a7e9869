"""Receipts: what a driver gets for a payment."""

from collections.abc import Collection
from typing import Any

import pytest
from allure import step

from ampeco_conformance.emulator_client.clock import TargetClock
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.transactions import TRANSACTIONS
from scenarios.vocabulary.waiting import GLANCE, wait_for_entries

RECEIPTS = "/resources/receipts/v2.0"
RECEIPT = "/resources/receipts/v2.0/{receipt}"


def receipts_of(api: ScenarioApi, driver: Driver) -> list[dict[str, Any]]:
    """All receipts of a driver."""
    return list(api.listing(RECEIPTS, filter={"userId": driver.id}))


def skip_if_invoiced(api: ScenarioApi, driver: Driver) -> None:
    """Skip the scenario where the target invoices what is paid: no fact promises a receipt besides."""
    entries = api.listing(TRANSACTIONS, filter={"userId": driver.id})
    if driver.is_ours and any(entry.get("invoiceId") is not None for entry in entries):
        pytest.skip("the target issues invoices for payments, in place of receipts")


def wait_for_receipt(
    api: ScenarioApi, clock: TargetClock, driver: Driver, earlier: Collection[int]
) -> ScenarioResponse:
    """The one receipt that is new since `earlier`; more than one breaks the rule at once."""
    clock.let_pass(min(clock.a_while, GLANCE))
    skip_if_invoiced(api, driver)
    with step("The driver gets a receipt"):
        found = wait_for_entries(
            "receipt-for-payment",
            "the driver gets a receipt",
            (api, RECEIPTS, {"userId": driver.id}),
            lambda entry: entry["id"] not in earlier,
        )
        # A second one, made by mistake, would come a little later.
        clock.let_pass(clock.a_while)
        new = [entry["id"] for entry in receipts_of(api, driver) if entry["id"] not in earlier]
        receipt = api.get(RECEIPT, receipt=found[0]["id"])
        receipt.require_equal(new, [receipt["id"]], "one-receipt-per-session", "new receipts of the driver")
        return receipt
