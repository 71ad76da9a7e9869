"""Receipts: what a driver gets for a payment."""

from collections.abc import Collection
from typing import Any

from allure import step

from ampeco_conformance.polling import wait_until
from ampeco_conformance.tenants.clock import Clock
from scenarios.vocabulary.api import Answer, Api
from scenarios.vocabulary.charging import GLANCE
from scenarios.vocabulary.people import Driver

RECEIPTS = "/resources/receipts/v2.0"
RECEIPT = "/resources/receipts/v2.0/{receipt}"


def receipts_of(api: Api, driver: Driver) -> list[dict[str, Any]]:
    """All receipts of a driver."""
    return list(api.listing(RECEIPTS, filter={"userId": driver.id}))


def wait_for_receipt(api: Api, clock: Clock, driver: Driver, earlier: Collection[int]) -> Answer:
    """The one receipt that is new since `earlier`; more than one breaks the rule at once."""
    with step("The driver gets a receipt"):
        seen = wait_until(
            "the driver gets a receipt",
            lambda: [entry["id"] for entry in receipts_of(api, driver) if entry["id"] not in earlier],
            bool,
            clock=clock,
            deadline=clock.deadline,
            interval=GLANCE,
            describe=lambda new: f"{len(new)} new receipts",
        )
        # A second one, made by mistake, would come a little later.
        clock.let_pass(clock.a_while)
        new = [entry["id"] for entry in receipts_of(api, driver) if entry["id"] not in earlier]
        receipt = api.get(RECEIPT, receipt=seen[-1].state[0])
        receipt.require_equal(new, [receipt["id"]], "one-receipt-per-session", "new receipts of the driver")
        return receipt
