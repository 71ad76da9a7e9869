"""Every field of a tariff changes a price that is computed by hand, or has no effect that the guide names."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.billing.pricing import lines_of
from tests.support.emulator import PREFIX, RunningEmulator
from tests.support.facts import CanonicalFacts, facts

# A Monday. 22 kWh until 14:00; 45 kWh until 14:00, then an hour of idling.
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TWO_HOURS = Charge(NOON, NOON + timedelta(hours=2), 11_000)
FULL = Charge(NOON, NOON + timedelta(hours=3), 22_500)
BOTH, TIMES, OFTEN = "duration+energy", "duration+energy time of day", {"pricePeriodInMinutes": 15}
NOON_DAY = {"dayTariffStart": "12:30", "nightTariffStart": "13:30"}
IDLE_DAY = {"dayTariffStart": "14:30", "nightTariffStart": "20:00"}
HALVES = [{"startTime": "00:00", "endTime": "13:00"}, {"startTime": "13:00", "endTime": "24:00"}]


class Priced(NamedTuple):
    """A price computed by hand."""

    sum: str
    total: str
    type: str
    pricing: dict[str, Any]
    charge: Charge = TWO_HOURS
    top: dict[str, str] = {}


def fees(**by_kind: list[float]) -> dict[str, Any]:
    return {f"{kind}FeePeriods": {"fee": values} for kind, values in by_kind.items()}


PRICES = [
    Priced("7.50", "7.50", "flat rate", {"pricePerSession": 7.5}),
    Priced("22 x 0.35 = 7.70, at least 9", "9.00", BOTH, {"pricePerKwh": 0.35, "minPrice": 9}),
    Priced(
        "100 of 120 minutes, 7 x 0.60", "4.20", BOTH, {"pricePerPeriod": 0.6, "durationFeeGracePeriod": 20, **OFTEN}
    ),
    Priced(
        "60 minutes, 4 x 0.60",
        "2.40",
        BOTH,
        {"pricePerPeriod": 0.6, "durationFeeFrom": "12:30", "durationFeeTo": "13:30", **OFTEN},
    ),
    Priced("8 x 0.60 = 4.80, at most 3", "3.00", BOTH, {"pricePerPeriod": 0.6, "durationFeeLimit": 3, **OFTEN}),
    Priced(
        "22 x 0.10 + 1.50",
        "3.70",
        BOTH,
        {
            "pricePerKwh": 0.1,
            "connectionFee": 1.5,
            "connectionFeeMinimumSessionDuration": 120,
            "connectionFeeMinimumSessionEnergy": 22,
        },
    ),
    Priced("45 x 0.10", "4.50", BOTH, {"idleFeePerMinute": 0.1, "idleFeeGracePeriodMinutes": 15}, FULL),
    Priced("2 periods of 45 x 0.10", "9.00", BOTH, {"idleFeePerMinute": 0.1, "idlePricingPeriodInMinutes": 45}, FULL),
    Priced("60 x 0.10 = 6, at most 2", "2.00", BOTH, {"idleFeePerMinute": 0.1, "idleFeeLimit": 2}, FULL),
    Priced(
        "30 x 0.10",
        "3.00",
        BOTH,
        {"idleFeePerMinute": 0.1, "idleFeePeriodStart": "14:15", "idleFeePeriodEnd": "14:45"},
        FULL,
    ),
    Priced(
        "10 x 0.50 + 12 x 0.30 + 1",
        "9.60",
        BOTH,
        {
            "multiPricePerKwh": [
                {"firstKwh": 0, "lastKwh": 10, "feePerKwh": 0.5},
                {"firstKwh": 10, "lastKwh": None, "feePerKwh": 0.3, "flatFee": 1},
            ]
        },
    ),
    Priced(
        "0.50 + 3 + 0.50",
        "4.00",
        BOTH,
        {
            "pricePeriodInMinutes": 60,
            "multiPricePerDuration": [
                {"firstUnit": 0, "lastUnit": 1, "feePerUnit": 0.5},
                {"firstUnit": 1, "feePerUnit": 3, "flatFee": 0.5},
            ],
        },
    ),
    Priced(
        "1 + 3 + 0.50",
        "4.50",
        BOTH,
        {
            "idlePricingPeriodInMinutes": 30,
            "multiIdleFee": [
                {"firstUnit": 0, "lastUnit": 1, "feePerUnit": 1},
                {"firstUnit": 1, "feePerUnit": 3, "flatFee": 0.5},
            ],
        },
        FULL,
    ),
    Priced(
        "11 x 0.50 + 11 x 0.20", "7.70", TIMES, {"dayPricePerKwh": 0.5, "nightPricePerKwh": 0.2}, TWO_HOURS, NOON_DAY
    ),
    Priced(
        "4 x 0.60 + 4 x 0.30",
        "3.60",
        TIMES,
        {"dayPricePerPeriod": 0.6, "nightPricePerPeriod": 0.3, **OFTEN},
        TWO_HOURS,
        NOON_DAY,
    ),
    Priced(
        "30 x 0.10 + 30 x 0.05",
        "4.50",
        TIMES,
        {"dayIdleFeePerMinute": 0.1, "nightIdleFeePerMinute": 0.05},
        FULL,
        IDLE_DAY,
    ),
    *(
        Priced(
            "22 x 0.20 of the night",
            "4.40",
            TIMES,
            {"dayPricePerKwh": 0.5, "nightPricePerKwh": 0.2, lock: True},
            TWO_HOURS,
            NOON_DAY,
        )
        for lock in ("lockPriceOnSessionStart", "lockEnergyPriceOnSessionStart")
    ),
    Priced(
        "8 x 0.30 of the night",
        "2.40",
        TIMES,
        {"dayPricePerPeriod": 0.6, "nightPricePerPeriod": 0.3, "lockDurationPriceOnSessionStart": True, **OFTEN},
        TWO_HOURS,
        NOON_DAY,
    ),
    Priced(
        "60 x 0.05 of the night",
        "3.00",
        TIMES,
        {"dayIdleFeePerMinute": 0.1, "nightIdleFeePerMinute": 0.05, "lockIdlePriceOnSessionStart": True},
        FULL,
        IDLE_DAY,
    ),
    Priced(
        "22 x (0.20 + 10 % + 0.05)",
        "5.94",
        "energy tou",
        {"rate": {"default": 0.2}, "markupPercentagePerKwh": 10, "markupFixedFeePerKwh": 0.05},
    ),
    Priced(
        "16.5 x (0.20 + 0.10) + 5.5 x (0.20 + 0.20)",
        "7.15",
        "energy tou",
        {
            "rate": {"default": 0.2},
            "flexibleMarkUpAsFixedPerKwh": {
                "defaultPrice": 0.1,
                "intervalPricing": [{"startsAt": "13:00", "endsAt": "13:30", "price": 0.2}],
            },
        },
    ),
    Priced(
        "1 + 22.5 x 0.30 + 22.5 x 0.40 + 60 x 0.10 + 60 x 0.20 + 60 x 0.10",
        "40.75",
        "standard",
        {
            "timePeriods": HALVES,
            "pricePeriods": fees(connection=[1, 2], energy=[0.3, 0.4], duration=[0.1, 0.2], idle=[0.05, 0.1]),
        },
        FULL,
    ),
    Priced(
        "1 + 45 x 0.50 + 120 x 0.10 + 60 x 0.05",
        "38.50",
        "standard_tod",
        {
            "pricePeriods": fees(energy=[0.3]),
            "daysWhenApplied": [
                {
                    "specialDates": ["2026-06-01"],
                    "pricePeriods": fees(connection=[1], energy=[0.5], duration=[0.1], idle=[0.05]),
                }
            ],
        },
        FULL,
    ),
    Priced(
        "1 + 45 x 0.50 + 2 hours x 0.10 + 2 x 45 x 0.05 by the terms of a special date",
        "28.20",
        "standard_tod",
        {
            "pricePeriods": fees(energy=[0.3]),
            "daysWhenApplied": [
                {
                    "specialDates": ["2026-06-01"],
                    "pricePeriods": fees(connection=[1], energy=[0.5], duration=[0.1], idle=[0.05]),
                    "connectionFeeMinimumSessionDuration": 180,
                    "connectionFeeMinimumSessionEnergy": 45,
                    "durationFeeGracePeriod": 30,
                    "pricePeriodInMinutes": 60,
                    "idleFeeGracePeriodMinutes": 10,
                    "idlePricingPeriodInMinutes": 45,
                }
            ],
        },
        FULL,
    ),
    Priced(
        "120 x 0.20",
        "24.00",
        "average power levels",
        {
            "averagePowerLevels": [
                {"averagePowerUpToKw": 7, "pricePerMinute": 0.1},
                {"averagePowerUpToKw": 22, "pricePerMinute": 0.2},
            ]
        },
    ),
    Priced(
        "60 x 0.10 + 60 x 0.20",
        "18.00",
        "peak power levels",
        {
            "regularUsePeriod": 60,
            "peakPowerLevels": [
                {"peakPowerUpToKw": 7, "regularPricePerMinute": 0.05, "excessUsePricePerMin": 0.15},
                {"peakPowerUpToKw": 22, "regularPricePerMinute": 0.1, "excessUsePricePerMin": 0.2},
            ],
        },
    ),
    Priced("22 x 0.20", "4.40", "optimised dynamic pricing", {"priceForEnergyWhenOptimized": 0.2}),
]

#: The price of an hour, 11 kWh, by a tariff of 0.50 per kWh; where it does not apply, another one of 1.00 does.
SESSIONS: dict[str, tuple[dict[str, Any], str]] = {
    "stopSession.timeLimitMinutes": ({"stopSession": {"timeLimitMinutes": 30}}, "2.75"),
    "stopSession.stopWhenEnergyExceedsKwh": ({"stopSession": {"stopWhenEnergyExceedsKwh": 2.2}}, "1.10"),
    # 2.00 are used up after 21.8 minutes: 22 minutes are 4.033 kWh.
    "pricing.preAuthorizeAmount": ({"pricing": {"pricePerKwh": 0.5, "preAuthorizeAmount": 2}}, "2.02"),
    "restrictions.startDate": ({"restrictions": {"startDate": "2026-06-02"}}, "11.00"),
    "restrictions.endDate": ({"restrictions": {"endDate": "2026-05-31"}}, "11.00"),
    "restrictions.applyToUserGroupIds": ({"restrictions": {"applyToUserGroupIds": [3]}}, "11.00"),
    "restrictions.applyToUsersOfPartners": ({"restrictions": {"applyToUsersOfPartners": [9999]}}, "11.00"),
    "restrictions.applyToUsersWithSubscriptions": (
        {"restrictions": {"applyToUsersWithSubscriptions": [9999]}},
        "11.00",
    ),
    "restrictions.applyToAdHocUsers": ({"restrictions": {"applyToAdHocUsers": True}}, "11.00"),
    "restrictions.applyToUsersOfAllRoamingEmsps": ({"restrictions": {"applyToUsersOfAllRoamingEmsps": True}}, "11.00"),
    # A rate of 0.30, and the charge point's of 0.70.
    "pricing.fallbackElectricityRateId": (
        {"type": "energy tou", "pricing": {"chargePointElectricityRate": False, "fallbackElectricityRateId": "made"}},
        "3.30",
    ),
    "pricing.chargePointElectricityRate": (
        {"type": "energy tou", "pricing": {"chargePointElectricityRate": True, "fallbackElectricityRateId": "made"}},
        "7.70",
    ),
}
#: The type is in every price; the tax of a tariff changes what a price is without tax.
ELSEWHERE = {"type", "pricing.taxID"}
#: Names, texts and owners.
NO_PRICE = {
    *("additionalInformation", "currency", "description", "externalId", "id", "lastUpdatedAt", "learnMoreUrl", "name"),
    *("partner.id", "pricing.daysWhenApplied.name", "pricing.optimisedLabel"),
    *("display.defaultPriceInformation", "display.defaultPriceInformationOffline", "display.priceInformation"),
    "display.totalCostInformation",
}
GUIDE = Path("docs/guide/emulator.md")


def total(type: str, pricing: dict[str, Any], charge: Charge, top: dict[str, Any]) -> Decimal:
    lines = lines_of({"type": type, "pricing": pricing, **top}, charge)
    return sum((line.amount for line in lines), Decimal(0))


@pytest.mark.parametrize("priced", PRICES, ids=lambda priced: priced.sum)
def test_the_price_is_the_one_by_hand(priced: Priced) -> None:
    assert total(priced.type, priced.pricing, priced.charge, priced.top) == Decimal(priced.total)


@pytest.mark.parametrize("field", SESSIONS)
def test_the_price_of_a_session_is_the_one_by_hand(newest: RunningEmulator, field: str) -> None:
    changes, expected = deepcopy(SESSIONS[field])
    rates = {name: new_rate(newest, price) for name, price in (("made", 0.3), ("own", 0.7))}
    pricing = changes.get("pricing", {})
    pricing |= {name: rates["made"] for name, value in pricing.items() if value == "made"}
    newest.client.patch(f"{PREFIX}/resources/charge-points/v2.0/1", json={"electricityRateId": rates["own"]})
    other, tried = (
        newest.create("tariffs/v1.0", {"name": "T", "type": BOTH, "pricing": {"pricePerKwh": price}, **more})
        for price, more in ((1, {}), (0.5, changes))
    )
    group = newest.create("tariff-groups/v1.0", {"name": "G", "tariffIds": [other, tried]})
    newest.client.patch(f"{PREFIX}/resources/evses/v2.1/1", json={"tariffGroupId": group})
    card = newest.data("/resources/users/v1.0/2/payment-methods")[0]["id"]
    started = newest.post("/actions/evse/v1.0/1/start", {"userId": 2, "paymentMethodId": card}).json()
    newest.advance(3603)
    newest.post(f"/actions/charge-point/v1.0/1/stop/{started['sessionId']}", {})
    session = newest.data(f"/resources/sessions/v1.0/{started['sessionId']}")
    assert Decimal(str(session["totalAmount"]["withTax"])) == Decimal(expected)


def test_a_tariff_for_the_users_of_a_partner_is_theirs(newest: RunningEmulator) -> None:
    other, tried = (
        newest.create("tariffs/v1.0", {"name": "T", "type": "free", "restrictions": {"applyToUsersOfPartners": listed}})
        for listed in ([], [2])
    )
    group = newest.create("tariff-groups/v1.0", {"name": "G", "tariffIds": [other, tried]})

    def applying() -> int:
        [tariff] = newest.data("/resources/tariffs/v1.0", **{"filter[userId]": 2, "filter[tariffGroupId]": group})
        return int(tariff["id"])

    assert applying() == other
    state = newest.control("GET", "/state")
    for invite in state["families"]["partner-invites"]["records"]:
        invite["fields"]["status"] = "accepted"
    newest.control("PUT", "/state", state)
    assert applying() == tried


def test_every_field_changes_a_price_or_is_named_without_effect() -> None:
    tariff = CanonicalFacts(facts()["components"])({"$ref": "#/components/schemas/Tariff"})
    known = set(fields_of(tariff))
    changing = {name for priced in PRICES for name in fields_that_matter(priced)}
    without_effect = named_without_effect()
    assert not (changing | SESSIONS.keys()) & without_effect
    assert known - changing - SESSIONS.keys() - ELSEWHERE - NO_PRICE == without_effect


def new_rate(emulator: RunningEmulator, price: float) -> int:
    return emulator.create("electricity-rates/v2.0", {"name": "R", "defaultPrice": price, "taxPercentage": 0})


def fields_of(schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """The fields of a schema that have no fields of their own, with dots."""
    inner = schema.get("items", schema)
    for name, field in inner.get("properties", {}).items():
        yield from fields_of(field, f"{place}.{name}" if place else name)
    if place and not inner.get("properties"):
        yield place


@cache
def named_without_effect() -> frozenset[str]:
    """The fields that the guide names as those that change no price."""
    paragraph = GUIDE.read_text(encoding="utf-8").split("- **Tariff fields without effect**")[1].split("\n- **")[0]
    return frozenset(re.findall(r"`([\w.]+)`", paragraph))


def fields_that_matter(priced: Priced) -> Iterator[str]:
    """The fields of which another value gives another price."""
    tariff: dict[str, Any] = {"pricing": priced.pricing, **priced.top}
    for steps in leaves(tariff):
        changed = deepcopy(tariff)
        holder: Any = changed
        for step in steps[:-1]:
            holder = holder[step]
        holder[steps[-1]] = another(holder[steps[-1]])
        top = {name: value for name, value in changed.items() if name != "pricing"}
        if total(priced.type, changed["pricing"], priced.charge, top) != Decimal(priced.total):
            yield ".".join(step for step in steps if isinstance(step, str))


def leaves(value: Any, steps: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*steps, step))
    elif value is not None:
        yield steps


def another(value: Any) -> Any:
    """Another value of the same kind; times are half an hour later."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value * 2 + 1
    if "-" in value:
        return "2026-07-01"
    return (datetime.strptime(value, "%H:%M") + timedelta(minutes=30)).strftime("%H:%M") if value != "24:00" else value
