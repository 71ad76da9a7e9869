"""Electricity rates of the first version: their prices are those of the second one, and price energy."""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.emulator import PREFIX, RunningEmulator


def _interval(start: str, end: str, price: float) -> dict[str, Any]:
    return {"startAt": start, "endAt": end, "price": price}


@pytest.mark.parametrize(
    ("intervals", "price"),
    [
        ({}, "3.30"),
        ({"intervalPricing": [{"weekDays": ["monday"], "elements": [_interval("12:00:00", "13:00:00", 0.5)]}]}, "5.50"),
        ({"intervalPricing": [{"weekDays": ["tuesday"], "elements": [_interval("12:00:00", "13:00:00", 9)]}]}, "3.30"),
        (
            {
                "intervalSpecialPricing": [
                    {
                        "specialPricingName": "Fair",
                        "validOn": ["2026-06-01"],
                        "elements": [_interval("12:00:00", "13:00:00", 0.8)],
                    }
                ]
            },
            "8.80",
        ),
    ],
)
def test_a_rate_of_the_first_version_prices_energy(
    newest: RunningEmulator, intervals: dict[str, Any], price: str
) -> None:
    newest.client.patch(f"{PREFIX}/resources/locations/v2.0/1", json={"timezone": "Etc/UTC"})
    body = {"name": "R", "defaultPricePerKwh": 0.3, "pricingGranularityInMinutes": 60, "taxPercentage": 0}
    rate = newest.create("electricity-rates/v1.0", {**body, **intervals})
    assert newest.data(f"/resources/electricity-rates/v2.0/{rate}")["defaultPrice"] == 0.3
    newest.client.patch(f"{PREFIX}/resources/electricity-rates/v2.0/{rate}", json={"defaultPrice": 0.3})
    assert newest.data(f"/resources/electricity-rates/v1.0/{rate}")["defaultPricePerKwh"] == 0.3
    pricing = {"chargePointElectricityRate": False, "fallbackElectricityRateId": rate}
    tariff = newest.create("tariffs/v1.0", {"name": "T", "type": "energy tou", "pricing": pricing})
    group = newest.create("tariff-groups/v1.0", {"name": "G", "tariffIds": [tariff]})
    newest.client.patch(f"{PREFIX}/resources/evses/v2.1/1", json={"tariffGroupId": group})
    started = newest.post("/actions/evse/v1.0/1/start", {"userId": 2}).json()
    newest.advance(3600)
    newest.post(f"/actions/charge-point/v1.0/1/stop/{started['sessionId']}", {})
    shown = newest.data(f"/resources/sessions/v1.0/{started['sessionId']}")["totalAmount"]["withTax"]
    assert abs(Decimal(str(shown)) - Decimal(price)) < Decimal("0.02")
