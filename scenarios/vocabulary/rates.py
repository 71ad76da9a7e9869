"""Electricity rates: what a kWh costs at a time."""

import secrets

from allure import step

from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup

RATES = "/resources/electricity-rates/v2.0"
RATE = "/resources/electricity-rates/v2.0/{electricityRate}"


def new_rate(api: ScenarioApi, cleanup: Cleanup, price: float) -> int:
    """A rate with one price per kWh, with tax, at all times; its id."""
    with step(f"The operator creates an electricity rate of {price}"):
        name = f"Conformance {secrets.token_hex(4)}"
        created = api.post(RATES, {"name": name, "defaultPrice": price, "taxPercentage": 20})
        cleanup.later("DELETE", RATE, electricityRate=created["id"])
    return int(created["id"])
