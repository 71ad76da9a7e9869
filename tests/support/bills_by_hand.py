"""Bills computed by hand, each with the fact it follows; names in quotes are fields of a tariff (operation notes)."""

from dataclasses import replace
from typing import Any, NamedTuple

from scenarios.pricing.bill import PriceReading
from scenarios.pricing.course import Course
from tests.support.courses import course

NET = PriceReading(tax_included=False, whole_periods=True, idle_is_time=False)
GROSS = replace(NET, tax_included=True)
BY_THE_MINUTE = replace(NET, whole_periods=False)
IDLE_IS_TIME = replace(NET, idle_is_time=True)

NOON = "2026-06-01T12:00"
AN_HOUR = course(NOON, "charge 60 min 11 kWh")
SEVENTY = course(NOON, "charge 70 min 10 kWh")
EVENING = course("2026-06-01T22:00", "charge 120 min 20 kWh")
TWELVE = course(NOON, "charge 60 min 12 kWh")


class ByHand(NamedTuple):
    """A bill computed by hand: the rule it shows with its source, the tariff, the session, its lines and its total."""

    rule: str
    type: str
    pricing: dict[str, Any]
    course: Course
    lines: list[str]
    total: str
    reading: PriceReading = NET
    top: dict[str, str] = {}


def energy_at(price: float, **pricing: Any) -> dict[str, Any]:
    return {"pricePerKwh": price, **pricing}


def quarter_hours(price: float, **pricing: Any) -> dict[str, Any]:
    return {"pricePerPeriod": price, "pricePeriodInMinutes": 15, **pricing}


TWO_LEVELS: list[dict[str, Any]] = [
    {"firstKwh": 0, "lastKwh": 10, "feePerKwh": 0.3},
    {"firstKwh": 10, "lastKwh": None, "feePerKwh": 0.5},
]
HOURS = [{"firstUnit": 0, "lastUnit": 2, "feePerUnit": 0}, {"firstUnit": 2, "lastUnit": None, "feePerUnit": 3}]
IDLE_QUARTERS = [{"firstUnit": 0, "lastUnit": 2, "feePerUnit": 1.5}, {"firstUnit": 2, "feePerUnit": 3}]
DAY_NIGHT = {"dayPricePerKwh": 0.4, "nightPricePerKwh": 0.25}
FROM_7_TO_23 = {"dayTariffStart": "07:00", "nightTariffStart": "23:00"}
TIMES = {
    "timePeriods": [{"startTime": "00:00", "endTime": "08:00"}, {"startTime": "08:00", "endTime": "24:00"}],
    "pricePeriods": {"energyFeePeriods": {"fee": [0.2, 0.45]}, "connectionFeePeriods": {"fee": [1, 2]}},
}
AVERAGE = [{"averagePowerUpToKw": 7, "pricePerMinute": 0.1}, {"averagePowerUpToKw": 22, "pricePerMinute": 0.2}]
PEAK = [
    {"peakPowerUpToKw": 7, "regularPricePerMinute": 0.05, "excessUsePricePerMin": 0.15},
    {"peakPowerUpToKw": 22, "regularPricePerMinute": 0.1, "excessUsePricePerMin": 0.3},
]

BILLS = [
    ByHand("a free tariff needs no pricing", "free", {}, AN_HOUR, [], "0"),
    ByHand(
        "'pricePerSession' is the price of a flat rate",
        "flat rate",
        {"pricePerSession": 4},
        AN_HOUR,
        ["flat 1 x 4 = 4"],
        "4.00",
    ),
    ByHand(
        "'connectionFee' is a line of its own",
        "flat rate",
        {"pricePerSession": 4, "connectionFee": 1.5},
        AN_HOUR,
        ["flat 1 x 4 = 4", "connection 1 x 1.5 = 1.5"],
        "5.50",
    ),
    ByHand(
        "9 of 10 minutes: below 'connectionFeeMinimumSessionDuration'",
        "duration+energy",
        energy_at(0.4, connectionFee=1.5, connectionFeeMinimumSessionDuration=10),
        course(NOON, "charge 9 min 2 kWh"),
        ["energy 2 x 0.4 = 0.8"],
        "0.80",
    ),
    ByHand(
        "10 of 10 minutes: 'connectionFeeMinimumSessionDuration' is reached",
        "duration+energy",
        energy_at(0.4, connectionFee=1.5, connectionFeeMinimumSessionDuration=10),
        course(NOON, "charge 10 min 2 kWh"),
        ["connection 1 x 1.5 = 1.5", "energy 2 x 0.4 = 0.8"],
        "2.30",
    ),
    ByHand(
        "4.9 of 5 kWh: below 'connectionFeeMinimumSessionEnergy'",
        "duration+energy",
        energy_at(0.4, connectionFee=1.5, connectionFeeMinimumSessionEnergy=5),
        course(NOON, "charge 30 min 4.9 kWh"),
        ["energy 4.9 x 0.4 = 1.96"],
        "1.96",
    ),
    ByHand(
        "'pricePerKwh' times energy",
        "duration+energy",
        energy_at(0.35),
        SEVENTY,
        ["energy 10 x 0.35 = 3.5"],
        "3.50",
    ),
    ByHand(
        "70 minutes are 5 periods of 15 begun: 5 x 0.60",
        "duration+energy",
        quarter_hours(0.6),
        SEVENTY,
        ["charging_time 75 x 0.04 = 3"],
        "3.00",
    ),
    ByHand(
        "60 minutes are exactly 4 periods of 15: 4 x 0.60",
        "duration+energy",
        quarter_hours(0.6),
        AN_HOUR,
        ["charging_time 60 x 0.04 = 2.4"],
        "2.40",
    ),
    ByHand(
        "70 minutes by the minute, which the facts leave open: 70 x 0.60 / 15",
        "duration+energy",
        quarter_hours(0.6),
        SEVENTY,
        ["charging_time 70 x 0.04 = 2.8"],
        "2.80",
        BY_THE_MINUTE,
    ),
    ByHand(
        "'idleFeeGracePeriodMinutes' delays the idle fee: 25 - 10 = 15 minutes",
        "duration+energy",
        {"idleFeePerMinute": 0.1, "idleFeeGracePeriodMinutes": 10},
        course(NOON, "charge 60 min 11 kWh", "idle 25 min"),
        ["idle_time 15 x 0.1 = 1.5"],
        "1.50",
    ),
    ByHand(
        "idle for less than 'idleFeeGracePeriodMinutes' costs nothing",
        "duration+energy",
        {"idleFeePerMinute": 0.1, "idleFeeGracePeriodMinutes": 10},
        course(NOON, "charge 60 min 11 kWh", "idle 8 min"),
        [],
        "0.00",
    ),
    ByHand(
        "idling is detected twice, so the grace counts twice: (12 - 10) + (15 - 10) = 7 minutes",
        "duration+energy",
        {"idleFeePerMinute": 0.1, "idleFeeGracePeriodMinutes": 10},
        course(NOON, "charge 60 min 11 kWh", "idle 12 min", "charge 10 min 1 kWh", "idle 15 min"),
        ["idle_time 7 x 0.1 = 0.7"],
        "0.70",
    ),
    ByHand(
        "100 minutes x 0.10 = 10.00, bounded by 'idleFeeLimit' 5",
        "duration+energy",
        {"idleFeePerMinute": 0.1, "idleFeeLimit": 5},
        course(NOON, "charge 60 min 11 kWh", "idle 100 min"),
        ["idle_time 1 x 5 = 5"],
        "5.00",
    ),
    ByHand(
        "20 idle minutes in periods of 15 ('idlePricingPeriodInMinutes') are 30 minutes",
        "duration+energy",
        {"idleFeePerMinute": 0.1, "idlePricingPeriodInMinutes": 15},
        course(NOON, "charge 60 min 11 kWh", "idle 20 min"),
        ["idle_time 30 x 0.1 = 3"],
        "3.00",
    ),
    ByHand(
        "idle 19:30-20:30, paid until 'idleFeePeriodEnd' 20:00: 30 minutes",
        "duration+energy",
        {"idleFeePerMinute": 0.1, "idleFeePeriodStart": "08:00", "idleFeePeriodEnd": "20:00"},
        course("2026-06-01T18:30", "charge 60 min 11 kWh", "idle 60 min"),
        ["idle_time 30 x 0.1 = 3"],
        "3.00",
    ),
    ByHand(
        "70 minutes less 'durationFeeGracePeriod' 30 are 40, 3 periods of 15 begun: 3 x 0.60",
        "duration+energy",
        quarter_hours(0.6, durationFeeGracePeriod=30),
        SEVENTY,
        ["charging_time 45 x 0.04 = 1.8"],
        "1.80",
    ),
    ByHand(
        "3.00 for the time, bounded by 'durationFeeLimit' 2",
        "duration+energy",
        quarter_hours(0.6, durationFeeLimit=2),
        SEVENTY,
        ["charging_time 1 x 2 = 2"],
        "2.00",
    ),
    ByHand(
        "22:00-24:00, paid from 'durationFeeFrom' 23:00 to 'durationFeeTo' 06:00: 60 minutes",
        "duration+energy",
        quarter_hours(0.6, durationFeeFrom="23:00", durationFeeTo="06:00"),
        EVENING,
        ["charging_time 60 x 0.04 = 2.4"],
        "2.40",
    ),
    ByHand(
        "'minPrice' 5 is the floor of a total of 3.50",
        "duration+energy",
        energy_at(0.35, minPrice=5),
        SEVENTY,
        ["energy 10 x 0.35 = 3.5"],
        "5.00",
    ),
    ByHand(
        "a total of 3.50 is above 'minPrice' 3",
        "duration+energy",
        energy_at(0.35, minPrice=3),
        SEVENTY,
        ["energy 10 x 0.35 = 3.5"],
        "3.50",
    ),
    ByHand(
        "22:00-24:00, night from 23:00: 10 kWh by day x 0.40 + 10 kWh at night x 0.25",
        "duration+energy time of day",
        DAY_NIGHT,
        EVENING,
        ["energy 10 x 0.4 = 4", "energy 10 x 0.25 = 2.5"],
        "6.50",
        top=FROM_7_TO_23,
    ),
    ByHand(
        "clocks go back: of 11 hours from 22:00, 23:00-07:00 are 9; 2 x 0.40 + 9 x 0.25",
        "duration+energy time of day",
        DAY_NIGHT,
        course("2026-10-24T22:00", "charge 660 min 11 kWh"),
        ["energy 2 x 0.4 = 0.8", "energy 9 x 0.25 = 2.25"],
        "3.05",
        top=FROM_7_TO_23,
    ),
    ByHand(
        "clocks go forward: of 9 hours from 22:00, 23:00-07:00 are 7; 2 x 0.40 + 7 x 0.25",
        "duration+energy time of day",
        DAY_NIGHT,
        course("2026-03-28T22:00", "charge 540 min 9 kWh"),
        ["energy 2 x 0.4 = 0.8", "energy 7 x 0.25 = 1.75"],
        "2.55",
        top=FROM_7_TO_23,
    ),
    ByHand(
        "'lockEnergyPriceOnSessionStart': the price of 22:00 is kept, 20 x 0.40",
        "duration+energy time of day",
        {**DAY_NIGHT, "lockEnergyPriceOnSessionStart": True},
        EVENING,
        ["energy 20 x 0.4 = 8"],
        "8.00",
        top=FROM_7_TO_23,
    ),
    ByHand(
        "idle 22:30-23:30: 30 minutes by day x 0.10 + 30 at night x 0.05",
        "duration+energy time of day",
        {"dayIdleFeePerMinute": 0.1, "nightIdleFeePerMinute": 0.05},
        course("2026-06-01T22:00", "charge 30 min 5 kWh", "idle 60 min"),
        ["idle_time 30 x 0.1 = 3", "idle_time 30 x 0.05 = 1.5"],
        "4.50",
        top=FROM_7_TO_23,
    ),
    ByHand(
        "10 kWh end exactly at the edge of 'multiPricePerKwh': 10 x 0.30",
        "standard",
        {"multiPricePerKwh": TWO_LEVELS},
        SEVENTY,
        ["energy 10 x 0.3 = 3"],
        "3.00",
    ),
    ByHand(
        "12 kWh: 10 at 0.30, 2 in the next level of 'multiPricePerKwh' at 0.50",
        "standard",
        {"multiPricePerKwh": TWO_LEVELS},
        TWELVE,
        ["energy 10 x 0.3 = 3", "energy 2 x 0.5 = 1"],
        "4.00",
    ),
    ByHand(
        "the 'flatFee' of a level is paid when it is reached: 3.00 + 1.00 + 0.75",
        "standard",
        {"multiPricePerKwh": [TWO_LEVELS[0], {**TWO_LEVELS[1], "flatFee": 0.75}]},
        TWELVE,
        ["energy 10 x 0.3 = 3", "energy 2 x 0.5 = 1", "energy_flat_fee 1 x 0.75 = 0.75"],
        "4.75",
    ),
    ByHand(
        "150 minutes are 3 hours begun: 2 free in 'multiPricePerDuration', 1 at 3.00",
        "standard",
        {"multiPricePerDuration": HOURS, "pricePeriodInMinutes": 60},
        course(NOON, "charge 150 min 20 kWh"),
        ["charging_time 60 x 0.05 = 3"],
        "3.00",
    ),
    ByHand(
        "40 idle minutes are 3 quarters begun: 2 at 1.50 in 'multiIdleFee', 1 at 3.00",
        "standard",
        {"multiIdleFee": IDLE_QUARTERS, "idlePricingPeriodInMinutes": 15},
        course(NOON, "charge 60 min 11 kWh", "idle 40 min"),
        ["idle_time 30 x 0.1 = 3", "idle_time 15 x 0.2 = 3"],
        "6.00",
    ),
    ByHand(
        "'timePeriods': 07:00-08:00 4 kWh x 0.20, 08:00-09:00 4 kWh x 0.45, the connection fee of the start",
        "standard_tod",
        TIMES,
        course("2026-06-01T07:00", "charge 120 min 8 kWh"),
        ["connection 1 x 1 = 1", "energy 4 x 0.2 = 0.8", "energy 4 x 0.45 = 1.8"],
        "3.60",
    ),
    ByHand(
        "a mean of 11 kW is in the level of 'averagePowerLevels' up to 22: 60 minutes x 0.20",
        "average power levels",
        {"averagePowerLevels": AVERAGE},
        AN_HOUR,
        ["power_levels_time 60 x 0.2 = 12"],
        "12.00",
    ),
    ByHand(
        "a mean of 7 kW is still in the first level: 60 minutes x 0.10",
        "average power levels",
        {"averagePowerLevels": AVERAGE},
        course(NOON, "charge 60 min 7 kWh"),
        ["power_levels_time 60 x 0.1 = 6"],
        "6.00",
    ),
    ByHand(
        "90 minutes at 11 kW: 'regularUsePeriod' 60 x 0.10, then 30 x 0.30",
        "peak power levels",
        {"peakPowerLevels": PEAK, "regularUsePeriod": 60},
        course(NOON, "charge 90 min 16.5 kWh"),
        ["power_levels_time 60 x 0.1 = 6", "power_levels_time 30 x 0.3 = 9"],
        "15.00",
    ),
    ByHand(
        "60 minutes of charging and 30 idle, should idle time count: 90 x 0.04",
        "duration+energy",
        quarter_hours(0.6),
        course(NOON, "charge 60 min 11 kWh", "idle 30 min"),
        ["charging_time 90 x 0.04 = 3.6"],
        "3.60",
        IDLE_IS_TIME,
    ),
]
