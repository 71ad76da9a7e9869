"""Random tariffs, and sessions that an emulator charges under them, as an operator of it sees them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from scenarios.pricing.bill import Bill, bills_of
from scenarios.pricing.comparison import BillDifference, Precision, closest
from scenarios.pricing.course import Course
from scenarios.pricing.terms import Terms, decimal
from tests.support.emulator import RunningEmulator

SHOWN = {"withPriceBreakdown": "true", "withChargingPeriods": "true"}
SNAPSHOT = "/resources/tariff-snapshots/v1.0"


@dataclass(frozen=True)
class RandomSession:
    """A session under a random tariff: the tariff, the session, the closest bill and where it differs."""

    tariff: dict[str, Any]
    session: dict[str, Any]
    bill: Bill
    differences: list[BillDifference]


class PricingOperator:
    """Creates tariffs at the first public EVSE of an emulator, where one driver charges."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self._emulator = emulator
        charge_point = next(
            item
            for item in emulator.data("/resources/charge-points/v2.0", per_page=100)
            if item["type"] == "public" and item["networkStatus"] == "available" and item["status"] == "enabled"
        )
        self._charge_point = charge_point["id"]
        self._evse = emulator.data(f"/resources/charge-points/v2.0/{self._charge_point}/evses")[0]["id"]
        location = emulator.data(f"/resources/locations/v2.0/{charge_point['locationId']}")
        self._zone = ZoneInfo(location["timezone"])
        self._driver = emulator.new_user(10_000_000)

    def charge(self, tariff: dict[str, Any], minutes: float) -> RandomSession:
        """Charge so long under a new tariff; the bill is computed from its snapshot."""
        emulator = self._emulator
        created = self._created("/resources/tariffs/v1.0", tariff)
        group = self._created("/resources/tariff-groups/v1.0", {"name": "random", "tariffIds": [created]})
        path = f"/public-api/resources/evses/v2.1/{self._evse}"
        emulator.client.patch(path, json={"tariffGroupId": group}).raise_for_status()
        started = emulator.post(f"/actions/evse/v1.0/{self._evse}/start", {"userId": self._driver}).json()
        assert started["success"], started
        emulator.advance(minutes * 60)
        emulator.post(f"/actions/charge-point/v1.0/{self._charge_point}/stop/{started['sessionId']}", {"force": True})
        emulator.advance(120)
        session = emulator.data(f"/resources/sessions/v1.0/{started['sessionId']}", **SHOWN)
        terms = Terms.of(emulator.data(f"{SNAPSHOT}/{session['tariffSnapshotId']}"))
        tax = decimal((session.get("tax") or {}).get("taxPercentage") or 0)
        bill, found = closest(bills_of(terms, Course.of(session, self._zone), tax), session, Precision())
        return RandomSession(tariff, session, bill, found)

    def wait(self, minutes: float) -> None:
        """Let time pass until the next session."""
        self._emulator.advance(minutes * 60)

    def _created(self, path: str, body: dict[str, Any]) -> int:
        answer = self._emulator.post(path, body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["data"]["id"])


def random_session(operator: PricingOperator, choose: random.Random) -> RandomSession:
    """A session at a random time, of a random length, under a random tariff."""
    operator.wait(choose.uniform(1, 24 * 60))
    type = choose.choice(sorted(PRICING))
    tariff = {"name": "random", "type": type, "pricing": PRICING[type](choose) | _common(choose)}
    if type == "duration+energy time of day":
        tariff |= {
            "dayTariffStart": f"{choose.randint(5, 9):02}:00",
            "nightTariffStart": f"{choose.randint(18, 23)}:30",
        }
    return operator.charge(tariff, choose.choice([choose.randint(5, 90), choose.randint(200, 400)]))


def _money(choose: random.Random, most: float = 1.0) -> float:
    return round(choose.uniform(0.01, most), choose.choice([2, 2, 3, 5]))


def _some(choose: random.Random, **fields: Callable[[], Any]) -> dict[str, Any]:
    return {name: value() for name, value in fields.items() if choose.random() < 0.35}


def _common(choose: random.Random) -> dict[str, Any]:
    return _some(
        choose,
        connectionFee=lambda: _money(choose, 3),
        connectionFeeMinimumSessionDuration=lambda: choose.randint(1, 60),
        connectionFeeMinimumSessionEnergy=lambda: choose.randint(1, 20),
        minPrice=lambda: _money(choose, 30),
        idleFeeGracePeriodMinutes=lambda: choose.randint(1, 60),
        idlePricingPeriodInMinutes=lambda: choose.choice([1, 15, 30, 60]),
        idleFeeLimit=lambda: _money(choose, 10),
    )


def _duration(choose: random.Random) -> dict[str, Any]:
    return _some(
        choose,
        durationFeeGracePeriod=lambda: choose.randint(1, 60),
        durationFeeLimit=lambda: _money(choose, 10),
        durationFeeFrom=lambda: "08:00",
        durationFeeTo=lambda: "20:00",
        idleFeePeriodStart=lambda: "08:00",
        idleFeePeriodEnd=lambda: "20:00",
    ) | {"pricePeriodInMinutes": choose.choice([1, 15, 30, 60])}


def _energy_and_duration(choose: random.Random) -> dict[str, Any]:
    prices = {name: _money(choose) for name in ("pricePerKwh", "pricePerPeriod", "idleFeePerMinute")}
    return prices | _duration(choose)


def _time_of_day(choose: random.Random) -> dict[str, Any]:
    names = [half + name for half in ("day", "night") for name in ("PricePerKwh", "PricePerPeriod", "IdleFeePerMinute")]
    locks = ("lockEnergyPriceOnSessionStart", "lockDurationPriceOnSessionStart", "lockPriceOnSessionStart")
    return (
        {name: _money(choose) for name in names}
        | {"pricePeriodInMinutes": choose.choice([1, 15])}
        | _some(choose, **{choose.choice(locks): lambda: True})
    )


def _standard(choose: random.Random) -> dict[str, Any]:
    edge, units = choose.randint(2, 20), choose.randint(1, 4)
    return {
        "multiPricePerKwh": [
            {"firstKwh": 0, "lastKwh": edge, "feePerKwh": round(choose.uniform(0, 1), 2)},
            {"firstKwh": edge, "feePerKwh": round(choose.uniform(0, 1), 2), "flatFee": choose.choice([0, 0.5])},
        ],
        "multiPricePerDuration": [
            {"firstUnit": 0, "lastUnit": units, "feePerUnit": choose.choice([0, 0.5])},
            {"firstUnit": units, "feePerUnit": round(choose.uniform(0, 1), 2), "flatFee": choose.choice([0, 1])},
        ],
        "multiIdleFee": [{"firstUnit": 0, "feePerUnit": round(choose.uniform(0, 1), 2)}],
    } | _duration(choose)


def _periods(choose: random.Random) -> dict[str, Any]:
    edges = ["00:00", "08:00", "18:00", "24:00"]
    fees = {f"{name}FeePeriods": {"fee": [_money(choose) for _ in range(3)]} for name in _PRICED}
    periods = [{"startTime": start, "endTime": end} for start, end in pairwise(edges)]
    return {"timePeriods": periods, "pricePeriods": fees, "pricePeriodInMinutes": choose.choice([1, 15])}


def _average_power(choose: random.Random) -> dict[str, Any]:
    return {"averagePowerLevels": [{"averagePowerUpToKw": kw, "pricePerMinute": _money(choose)} for kw in (7, 22)]}


def _peak_power(choose: random.Random) -> dict[str, Any]:
    levels = [
        {
            "peakPowerUpToKw": kw,
            "regularPricePerMinute": _money(choose),
            "excessUsePricePerMin": _money(choose),
        }
        for kw in (7, 22)
    ]
    return {"peakPowerLevels": levels, "regularUsePeriod": choose.randint(10, 120)}


_PRICED = ("connection", "energy", "duration", "idle")
PRICING: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "flat rate": lambda choose: {"pricePerSession": _money(choose, 20)},
    "duration+energy": _energy_and_duration,
    "duration+energy time of day": _time_of_day,
    "standard": _standard,
    "standard_tod": _periods,
    "average power levels": _average_power,
    "peak power levels": _peak_power,
}
