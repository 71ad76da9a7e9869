"""Vouchers that the scenario makes."""

from typing import Any

from allure import step

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup

VOUCHERS = "/resources/vouchers/v2.1"
VOUCHER = "/resources/vouchers/v2.1/{voucher}"
REDEEM = "/actions/users/v2.0/{user}/redeem-voucher"


def new_voucher(api: ScenarioApi, cleanup: Cleanup, amount: float, **fields: Any) -> ScenarioResponse:
    """A new voucher over an amount."""
    with step(f"The operator creates a voucher over {amount}"):
        created = api.post(VOUCHERS, {"amount": amount, "description": "conformance scenario", **fields})
        cleanup.later("DELETE", VOUCHER, voucher=created["id"])
    return created
