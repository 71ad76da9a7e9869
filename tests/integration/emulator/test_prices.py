"""Each type of tariff, with arithmetic done by hand: 11 kW for two hours is 22 kWh."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ampeco_emulator.domain.billing.energy import Charge, most_power
from ampeco_emulator.domain.billing.pricing import lines_of, without_tax
from tests.support.emulator import RunningEmulator

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TWO_HOURS = Charge(NOON, NOON + timedelta(hours=2), 11_000)
# 45 kWh at 22.5 kW are full after two hours: then an hour of idling.
FULL = Charge(NOON, NOON + timedelta(hours=3), 22_500)


def price(type: str, charge: Charge = TWO_HOURS, /, **pricing: Any) -> Decimal:
    tariff = {"type": type, "pricing": pricing, "dayTariffStart": "07:00:00Z", "nightTariffStart": "13:00:00Z"}
    return sum((line.amount for line in lines_of(tariff, charge)), Decimal(0))


@pytest.mark.parametrize(
    ("type", "pricing", "expected"),
    [
        ("free", {"pricePerKwh": 1}, "0"),
        ("charging not allowed", {}, "0"),
        ("flat rate", {"pricePerSession": 7.5}, "7.50"),
        ("duration+energy", {"pricePerKwh": 0.35}, "7.70"),
        # 120 minutes are 8 periods of 15.
        ("duration+energy", {"pricePerPeriod": 0.6, "pricePeriodInMinutes": 15}, "4.80"),
        # 100 minutes after the grace period are 7 periods begun.
        ("duration+energy", {"pricePerPeriod": 0.6, "pricePeriodInMinutes": 15, "durationFeeGracePeriod": 20}, "4.20"),
        ("duration+energy", {"pricePerPeriod": 0.6, "pricePeriodInMinutes": 15, "durationFeeLimit": 3}, "3.00"),
        ("duration+energy", {"pricePerKwh": 0.1, "connectionFee": 1.5}, "3.70"),
        (
            "duration+energy",
            {"pricePerKwh": 0.1, "connectionFee": 1.5, "connectionFeeMinimumSessionEnergy": 30},
            "2.20",
        ),
        ("duration+energy", {"pricePerKwh": 0.01, "minPrice": 2}, "2.00"),
        # 10 kWh at 0.50 and 12 at 0.30, and a flat fee for reaching the second level.
        (
            "duration+energy",
            {
                "multiPricePerKwh": [
                    {"firstKwh": 0, "lastKwh": 10, "feePerKwh": 0.5},
                    {"firstKwh": 10, "lastKwh": None, "feePerKwh": 0.3, "flatFee": 1},
                ]
            },
            "9.60",
        ),
        # Two hours begun: one free, one at 3.00.
        (
            "duration+energy",
            {
                "pricePeriodInMinutes": 60,
                "multiPricePerDuration": [
                    {"firstUnit": 0, "lastUnit": 1, "feePerUnit": 0},
                    {"firstUnit": 1, "feePerUnit": 3},
                ],
            },
            "3.00",
        ),
        # An hour by day, an hour by night: 11 kWh each.
        ("duration+energy time of day", {"dayPricePerKwh": 0.5, "nightPricePerKwh": 0.2}, "7.70"),
        # (0.20 + 10 %) + 0.05 = 0.27 per kWh.
        ("energy tou", {"rate": {"default": 0.2}, "markupPercentagePerKwh": 10, "markupFixedFeePerKwh": 0.05}, "5.94"),
        # On a Monday 0.40 + 0.10 until 13:00, then 0.20 + 0.20: 5.50 and 4.40.
        (
            "energy tou",
            {
                "rate": {"default": 0.2, "mon": [{"startsAt": "12:00", "endsAt": "13:00", "price": 0.4}]},
                "flexibleMarkUpAsFixedPerKwh": {
                    "defaultPrice": 0.1,
                    "intervalPricing": [{"startsAt": "13:00", "endsAt": "14:00", "price": 0.2}],
                },
            },
            "9.90",
        ),
        (
            "standard_tod",
            {
                "pricePeriods": {"energyFeePeriods": {"fee": [0.3]}},
                "daysWhenApplied": [
                    {"specialDates": ["2026-06-01"], "pricePeriods": {"energyFeePeriods": {"fee": [0.5]}}}
                ],
            },
            "11.00",
        ),
        (
            "standard",
            {
                "timePeriods": [{"startTime": "00:00", "endTime": "13:00"}, {"startTime": "13:00", "endTime": "24:00"}],
                "pricePeriods": {"energyFeePeriods": {"fee": [0.3, 0.4]}, "connectionFeePeriods": {"fee": [1, 2]}},
            },
            "8.70",
        ),
        ("standard_tod", {"pricePeriods": {"energyFeePeriods": {"fee": [0.3]}}}, "6.60"),
        # 11 kW fall into the second level: 120 minutes at 0.20.
        (
            "average power levels",
            {
                "averagePowerLevels": [
                    {"averagePowerUpToKw": 7, "pricePerMinute": 0.1},
                    {"averagePowerUpToKw": 22, "pricePerMinute": 0.2},
                ]
            },
            "24.00",
        ),
        # 60 regular minutes at 0.10, 60 more at 0.20.
        (
            "peak power levels",
            {
                "regularUsePeriod": 60,
                "peakPowerLevels": [{"peakPowerUpToKw": 22, "regularPricePerMinute": 0.1, "excessUsePricePerMin": 0.2}],
            },
            "18.00",
        ),
        ("optimised dynamic pricing", {"priceForEnergyWhenOptimized": 0.2, "pricePerKwh": 0.4}, "4.40"),
    ],
)
def test_the_price_of_a_charge(type: str, pricing: dict[str, Any], expected: str) -> None:
    assert price(type, **pricing) == Decimal(expected)


def test_idling_costs_after_the_grace_period() -> None:
    assert FULL.energy == 45_000
    assert price("duration+energy", FULL, idleFeePerMinute=0.1) == Decimal("6.00")
    assert price("duration+energy", FULL, idleFeePerMinute=0.1, idleFeeGracePeriodMinutes=15) == Decimal("4.50")
    assert price("duration+energy", FULL, idleFeePerMinute=0.1, idleFeeLimit=2) == Decimal("2.00")


@pytest.mark.parametrize(
    ("started", "hours", "expected"),
    [
        # 22:00 in Copenhagen; of 23:00-07:00 nine hours pass where clocks go back, seven where they go forward.
        pytest.param("2026-10-24T20:00+00:00", 11, "3.05", id="2 x 0.40 + 9 x 0.25"),
        pytest.param("2026-03-28T21:00+00:00", 9, "2.55", id="2 x 0.40 + 7 x 0.25"),
    ],
)
def test_day_and_night_are_those_of_the_location(started: str, hours: int, expected: str) -> None:
    begin = datetime.fromisoformat(started)
    pricing = {"dayPricePerKwh": 0.4, "nightPricePerKwh": 0.25}
    times = {"dayTariffStart": "07:00", "nightTariffStart": "23:00"}
    tariff = {"type": "duration+energy time of day", "pricing": pricing, **times}
    lines = lines_of(tariff, Charge(begin, begin + timedelta(hours=hours), 1000), ZoneInfo("Europe/Copenhagen"))
    assert sum((line.amount for line in lines), Decimal(0)) == Decimal(expected)


def test_a_lock_keeps_the_price_of_the_start() -> None:
    prices = {"dayPricePerKwh": 0.5, "nightPricePerKwh": 0.2}
    assert price("duration+energy time of day", **prices, lockEnergyPriceOnSessionStart=True) == Decimal("11.00")


def test_a_charge_without_energy_has_no_minimum_price() -> None:
    assert price("duration+energy", Charge(NOON, NOON, 11_000), minPrice=2) == 0


def test_tax_is_inside_the_price() -> None:
    assert without_tax(Decimal("12.50"), Decimal(25)) == Decimal("10.00")


def test_power_is_the_least_of_evse_and_car() -> None:
    assert most_power({"currentType": "ac", "powerOptions": {"maxPower": 7400}}) == 7400
    assert most_power({"currentType": "ac", "powerOptions": {"maxPower": 22000}}) == 11000


@pytest.mark.parametrize("amount", [-1.2e26, 1e300])
@pytest.mark.parametrize(("action", "why"), [("add-balance", "reason"), ("apply-custom-fee", "description")])
def test_an_excessive_amount_breaks_nothing(emulator: RunningEmulator, action: str, why: str, amount: float) -> None:
    user = emulator.new_user()
    answer = emulator.post(f"/actions/users/v1.0/{user}/{action}", {"amount": amount, why: "absurd"})
    assert answer.status_code in (202, 400), answer.text
    assert emulator.get(f"/resources/users/v1.0/{user}").status_code == 200
