"""The power of a session over time: charging profiles with their periods, circuits, and connections that are lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ampeco_emulator.domain.billing.energy import Charge
from ampeco_emulator.domain.charging.schedules import edges_of, limit_of
from tests.support.emulator import RunningEmulator

BEGUN = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = 3600
ACTIONS = "/actions/charge-point/v1.0/1"
CIRCUITS = "/resources/circuits/v2.0"


def schedule(*periods: tuple[float, float], unit: str = "W", **others: Any) -> dict[str, Any]:
    shown = [{"startPeriod": start, "limit": limit} for start, limit in periods]
    return {"chargingRateUnit": unit, "chargingSchedulePeriod": shown, **others}


def profile(purpose: str, *periods: tuple[float, float], kind: str = "Relative", level: int = 0) -> dict[str, Any]:
    names = {"chargingProfilePurpose": purpose, "chargingProfileKind": kind, "stackLevel": level}
    return {**names, "chargingSchedule": schedule(*periods)}


@pytest.mark.parametrize(
    ("fields", "minutes", "watts"),
    [
        ({"chargingSchedule": schedule((0, 10), unit="A")}, 0, 6900),
        ({"chargingSchedule": schedule((0, 4000), (600, 7000))}, 9, 4000),
        ({"chargingSchedule": schedule((600, 7000), (0, 4000))}, 10, 7000),
        ({"chargingSchedule": schedule((600, 7000))}, 9, None),
        ({"chargingSchedule": schedule((0, 4000), duration=600)}, 9, 4000),
        ({"chargingSchedule": schedule((0, 4000), duration=600)}, 10, None),
        ({"chargingSchedule": schedule((0, 4000)), "validTo": "2026-06-01T12:10:00Z"}, 10, None),
        ({"chargingSchedule": schedule((0, 4000)), "validFrom": "2026-06-01T12:10:00Z"}, 9, None),
        ({"chargingSchedule": schedule((0, 4000)), "validFrom": "2026-06-01T14:10:00+02:00"}, 10, 4000),
        (
            {
                "chargingProfileKind": "Absolute",
                "chargingSchedule": schedule((0, 4000), startSchedule="2026-06-01T12:30:00Z"),
            },
            29,
            None,
        ),
        (
            {
                "chargingProfileKind": "Recurring",
                "recurrencyKind": "Daily",
                "chargingSchedule": schedule((0, 1000), (HOUR, 2000), startSchedule="2026-05-01T11:30:00Z"),
            },
            30,
            2000,
        ),
        (
            {
                "chargingProfileKind": "Recurring",
                "recurrencyKind": "Weekly",
                "chargingSchedule": schedule((0, 1000), (24 * HOUR, 2000), startSchedule="2026-05-25T12:05:00Z"),
            },
            5,
            1000,
        ),
        ({"chargingSchedule": schedule((0, 10**400))}, 0, 10**9),
        ({"chargingSchedule": {"chargingRateUnit": "W"}}, 0, None),
    ],
)
def test_the_limit_of_a_profile_at_a_time(fields: dict[str, Any], minutes: float, watts: float | None) -> None:
    at = BEGUN + timedelta(minutes=minutes)
    assert limit_of([fields], at, BEGUN) == watts
    assert all(isinstance(edge, datetime) for edge in edges_of(fields, at, BEGUN))


@pytest.mark.parametrize("start", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "no time"])
def test_a_schedule_at_the_end_of_the_calendar_limits_nothing_else(start: str) -> None:
    fields = {
        "chargingProfileKind": "Recurring",
        "chargingSchedule": schedule((10**30, 1), startSchedule=start, duration=10**30),
    }
    assert limit_of([fields], BEGUN, BEGUN) is None
    assert list(edges_of(fields, BEGUN, BEGUN))


def test_a_charge_follows_its_power() -> None:
    changes = ((BEGUN + timedelta(minutes=30), 0.0), (BEGUN + timedelta(hours=1), 20_000.0))
    charge = Charge(BEGUN, BEGUN + timedelta(hours=4), 10_000, changes=changes)
    assert [charge.energy_until(BEGUN + timedelta(minutes=minutes)) for minutes in (30, 60, 90, 240)] == [
        5_000,
        5_000,
        15_000,
        45_000,
    ]
    assert charge.full_at == BEGUN + timedelta(hours=3)
    assert (charge.power_at(BEGUN), charge.power_at(changes[0][0]), charge.power_at(charge.ended)) == (10_000, 0, 0)
    assert charge.peak_power == 20_000
    assert charge.charging_minutes == 180


def powers(emulator: RunningEmulator, session: int, *minutes: float) -> list[int]:
    """The power of a session after each of these times."""
    shown = []
    for pause in minutes:
        emulator.advance(pause * 60)
        shown.append(emulator.data(f"/resources/sessions/v1.0/{session}")["power"]["latest"])
    return shown


def begin(emulator: RunningEmulator, evse: int = 1, user: int = 2, **fields: Any) -> int:
    answer = emulator.post(f"/actions/evse/v1.0/{evse}/start", {"userId": user, **fields}).json()
    assert answer["success"], answer
    emulator.advance(3)
    return int(answer["sessionId"])


def test_a_session_follows_the_periods_of_a_profile_that_is_set_while_it_runs(newest: RunningEmulator) -> None:
    session = begin(newest)
    assert powers(newest, session, 10) == [11_000]
    periods = ((0, 2000), (20 * 60, 0), (30 * 60, 6000))
    assert newest.post(f"{ACTIONS}/set-charging-profile/1", profile("TxProfile", *periods)).status_code == 202
    assert powers(newest, session, 0, 9, 1) == [2000, 2000, 0]
    assert newest.data("/resources/evses/v2.1/1")["hardwareStatus"] == "suspendedEVSE"
    assert powers(newest, session, 10) == [6000]
    assert newest.data("/resources/evses/v2.1/1")["hardwareStatus"] == "charging"
    newest.advance(30 * 60)
    newest.post(f"{ACTIONS}/stop/{session}", {})
    shown = newest.data(f"/resources/sessions/v1.0/{session}")
    assert shown["energy"] == round(11_000 / 6 + 2000 / 6 + 6000 / 2)
    assert shown["power"]["peak"] == 11_000
    newest.advance(60)
    assert powers(newest, begin(newest), 1) == [11_000], "a profile for a transaction ends with it"


def test_profiles_by_purpose_and_stack_level(newest: RunningEmulator) -> None:
    session = begin(newest)
    for number, chosen, watts in (
        ("1", profile("TxDefaultProfile", (0, 8000)), 8000),
        ("0", profile("ChargePointMaxProfile", (0, 5000)), 5000),
        ("0", profile("TxDefaultProfile", (0, 9000), level=9), 5000),
        ("1", profile("TxProfile", (0, 3000)), 3000),
        ("1", profile("TxProfile", (0, 4000), level=2), 4000),
    ):
        newest.post(f"{ACTIONS}/set-charging-profile/{number}", chosen)
        assert powers(newest, session, 1) == [watts]
    for criteria, watts in (
        ({"chargingProfilePurpose": "TxProfile", "stackLevel": 2}, 3000),
        ({"chargingProfilePurpose": "TxProfile", "evseNetworkId": "1"}, 5000),
        ({}, 9000),
        ({"chargingProfilePurpose": "TxDefaultProfile"}, 11_000),
    ):
        assert newest.post(f"{ACTIONS}/clear-charging-profile", criteria).status_code == 202
        assert powers(newest, session, 1) == [watts]


def test_a_battery_is_full_and_a_limit_reached_by_the_power_that_was(newest: RunningEmulator) -> None:
    session = begin(newest)
    newest.advance(HOUR)
    newest.post(f"{ACTIONS}/set-charging-profile/1", profile("TxProfile", (0, 1000)))
    newest.advance(5 * HOUR)
    assert newest.data("/resources/evses/v2.1/1")["hardwareStatus"] == "charging"
    newest.post(f"{ACTIONS}/clear-charging-profile", {"chargingProfilePurpose": "TxProfile"})
    newest.advance(2.7 * HOUR)
    assert newest.data("/resources/evses/v2.1/1")["hardwareStatus"] == "suspendedEV"
    assert newest.data(f"/resources/sessions/v1.0/{session}")["energy"] == 45_000


def test_sessions_of_a_circuit_share_its_current(newest: RunningEmulator) -> None:
    fields = {"name": "Yard", "phases": "three_phase", "maxCurrent": 24, "minChargePointCurrent": 8}
    circuit = newest.post(CIRCUITS, fields).json()["data"]["id"]
    newest.post(f"/actions/circuit/v2.0/{circuit}/attach-charge-point", {"chargePointId": 1, "priority": 1})
    ampere = 3 * 230
    first = begin(newest)
    assert powers(newest, first, 1) == [11_000]
    second = begin(newest, evse=2, user=3)
    assert powers(newest, first, 1) + powers(newest, second, 0) == [12 * ampere] * 2
    newest.client.patch(f"/public-api{CIRCUITS}/{circuit}", json={"maxCurrent": 10})
    assert powers(newest, first, 0) == [5 * ampere]
    newest.post(f"{ACTIONS}/stop/{second}", {})
    assert powers(newest, first, 0) == [10 * ampere]
    newest.advance(60)
    refused = newest.post("/actions/evse/v1.0/2/start", {"userId": 3}).json()
    assert (refused["success"], refused["errorCode"]) == (False, "CHARGING_NOT_ALLOWED")
    newest.post(f"/actions/circuit/v2.0/{circuit}/detach-charge-point/1", {})
    assert powers(newest, first, 0) == [11_000]


def test_a_circuit_with_an_integration_is_not_balanced_here(newest: RunningEmulator) -> None:
    fields = {"name": "Yard", "phases": "three_phase", "maxCurrent": 2, "loadBalancingIntegration": {"id": 1}}
    circuit = newest.post(CIRCUITS, fields).json()["data"]["id"]
    newest.post(f"/actions/circuit/v2.0/{circuit}/attach-charge-point", {"chargePointId": 1, "priority": 1})
    session = begin(newest)
    assert powers(newest, session, 1) == [11_000]
    newest.client.patch(f"/public-api{CIRCUITS}/{circuit}", json={"loadBalancingIntegration": {"id": None}})
    assert powers(newest, session, 0) == [2 * 3 * 230]


def test_a_circuit_is_limited_by_those_above_it(newest: RunningEmulator) -> None:
    above = newest.post(CIRCUITS, {"name": "Street", "phases": "single_phase", "maxCurrent": 10}).json()["data"]["id"]
    fields = {"name": "Yard", "phases": "single_phase", "connectedPhase": "L1", "maxCurrent": 32}
    circuit = newest.post(CIRCUITS, {**fields, "parentCircuitId": above}).json()["data"]["id"]
    newest.post(f"/actions/circuit/v2.0/{circuit}/attach-charge-point", {"chargePointId": 1, "priority": 1})
    session = begin(newest)
    assert powers(newest, session, 1) == [10 * 230]
    newest.client.delete(f"/public-api{CIRCUITS}/{circuit}")
    assert powers(newest, session, 0) == [11_000]
