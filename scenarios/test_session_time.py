"""A session says when it began and ended, how much energy came with what power, and who ended it.

Business rule: a session starts and stops when its driver does, by the clock of the target; its energy is its power over
the time it charged; clock-aligned intervals begin at the quarter, half or full hour and are that long; the reason of a
stop names who stopped it; the authorization that a session shows is its own.
Documented: sessions 1.0 (startedAt, stoppedAt, energy in Wh, power, reason, authorization), clockAlignedInterval (15,
30 or 60 minutes), stop reasons (remote, force_stop). The unit of power is not documented: W or kW.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL, bill
from scenarios.vocabulary.api import ScenarioResponse
from scenarios.vocabulary.charging import CLOCKS, EVERYTHING, SESSION, Charging
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import Driver

pytestmark = CRITICAL

BY_US = {False: {"remote", "standard_stop"}, True: {"force_stop", "system_force_stop", "remote"}}
AUTHORIZATION = "/resources/authorizations/v2.0/{authorization}"


@pytest.fixture
def charged(charging: Charging, evse: Evse, driver: Driver) -> ScenarioResponse:
    """A session of about an hour, or of what a scenario waits."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    charging.clock.let_pass(min(3600.0, charging.clock.patience / 2))
    charging.stop(session)
    return charging.wait_until_finished(session)


def check_near(session: ScenarioResponse, name: str, earliest: datetime, latest: datetime, rule: str) -> None:
    """A time of a session is between two times that the target's clock showed."""
    moment = bill.moment(session[name])
    session.require(
        earliest - CLOCKS <= moment <= latest + CLOCKS,
        rule,
        f"{name} is {session[name]}, it was between {earliest:%Y-%m-%dT%H:%M:%S%z} and {latest:%Y-%m-%dT%H:%M:%S%z}",
        expected=earliest.isoformat(),
        actual=session[name],
    )


@pytest.mark.parametrize("force", [False, True], ids=["stopped", "forced"])
def test_a_session_lasts_from_start_to_stop(charging: Charging, evse: Evse, driver: Driver, force: bool) -> None:
    """It starts when the driver starts, stops when the driver stops, and says that it was stopped on purpose."""
    clock = charging.clock
    before_start = clock.moment()
    session = charging.start(evse, driver)
    active = charging.wait_until_active(session)
    after_start = clock.moment()
    with step("It started just now"):
        check_near(active, "startedAt", before_start, after_start, "started-when-started")
    clock.let_pass(min(1800.0, clock.patience / 3))
    before_stop = clock.moment()
    charging.stop(session, force=force)
    finished = charging.wait_until_finished(session)
    with step("It stopped just now, because we stopped it"):
        check_near(finished, "startedAt", before_start, after_start, "started-when-started")
        check_near(finished, "stoppedAt", before_stop, clock.moment(), "stopped-when-stopped")
        reason = finished.get("reason")
        finished.require(
            reason is None or reason in BY_US[force],
            "reason-of-stop",
            f"a session that its driver stopped has the reason {reason}",
            expected=sorted(BY_US[force]),
            actual=reason,
        )


def test_energy_is_power_over_time(charged: ScenarioResponse) -> None:
    """The energy of the session is its average power over the time it charged, and no more than its peak gives."""
    energy, power = decimal(charged["energy"]), charged.get("power") or {}
    if not energy or power.get("average") is None:
        pytest.skip("the session shows no energy or no average power")
    hours = charged_hours(charged)
    with step("Energy and average power agree"):
        expected = hours * decimal(power["average"]) * watts_per_unit(charged)
        charged.require(
            abs(energy - expected) <= tolerance(expected),
            "energy-of-power",
            f"an average of {power['average']} for {hours:.3f} h is {expected:.0f} Wh, the session has {energy}",
            expected=float(expected),
            actual=float(energy),
        )
    with step("The peak could give that energy"):
        most = hours * decimal(power.get("peak") or power["average"]) * watts_per_unit(charged)
        charged.require(
            energy <= most + tolerance(most),
            "energy-of-power",
            f"a peak of {power.get('peak')} for {hours:.3f} h gives {most:.0f} Wh, the session has {energy}",
            expected=float(most),
            actual=float(energy),
        )


def charged_hours(session: ScenarioResponse) -> Decimal:
    """How long energy could flow."""
    periods = [period for period in session["chargingPeriods"] if period.get("chargingState") != "idle"]
    return (
        sum(
            (
                decimal((bill.moment(one["stoppedAt"]) - bill.moment(one["startedAt"])).total_seconds())
                for one in periods
            ),
            Decimal(0),
        )
        / 3600
    )


def watts_per_unit(session: ScenarioResponse) -> int:
    """1 when the powers of a session are W, 1000 when they are kW: whichever is nearer to its energy."""
    watts = charged_hours(session) * decimal((session.get("power") or {}).get("average") or 0)
    energy = decimal(session["energy"])
    return 1 if abs(watts - energy) <= abs(watts * 1000 - energy) else 1000


def tolerance(energy: Decimal) -> Decimal:
    """A twentieth, for what the meter and the clock round; not less than ten Wh."""
    return max(energy / 20, Decimal(10))


@pytest.mark.parametrize("minutes", [15, 30, 60])
def test_intervals_are_aligned_with_the_clock(charging: Charging, charged: ScenarioResponse, minutes: int) -> None:
    """Clock-aligned intervals begin and end at multiples of their length, and hold what the power gives in it."""
    query = EVERYTHING | {"clockAlignedInterval": minutes}
    read = charging.api.get(SESSION, query=query, session=charged["id"])
    bill.check_aligned_consumption(read)
    peak = (read.get("power") or {}).get("peak")
    with step(f"Each interval is {minutes} minutes of the clock"):
        for interval in read.get("clockAlignedEnergyConsumption") or ():
            start, end = bill.moment(interval["start"]), bill.moment(interval["end"])
            # Aligned by the clock as it is written, or by that of UTC.
            starts = {start.minute % minutes, start.astimezone(UTC).minute % minutes}
            is_aligned = 0 in starts and start.second == 0 and end - start == timedelta(minutes=minutes)
            is_cut = start == bill.moment(read["startedAt"]) or end == bill.moment(read["stoppedAt"])
            read.require(
                is_aligned or is_cut,
                "interval-aligned",
                f"the interval {interval['start']} to {interval['end']} is none of {minutes} minutes",
                expected=f"{minutes} minutes of the clock",
                actual=f"{interval['start']} to {interval['end']}",
            )
            most = decimal(peak or 0) * watts_per_unit(read) * minutes / 60
            read.require(
                not peak or decimal(interval["energyConsumed"]) <= most + tolerance(most),
                "interval-of-power",
                f"{interval['energyConsumed']} Wh in {minutes} minutes are more than a peak of {peak} gives",
            )


def test_a_session_shows_its_own_authorization(charging: Charging, charged: ScenarioResponse) -> None:
    """The authorization that a session embeds is the one it names, for its driver."""
    embedded = charged.get("authorization")
    if embedded is None:
        pytest.skip("the session shows no authorization")
    with step("It is the session's own"):
        named = charged["authorizationId"]
        charged.require_equal(embedded["id"], named, "authorization-embedded", "id of the embedded authorization")
        user = embedded.get("userId")
        charged.require(user in (None, charged["userId"]), "authorization-embedded", f"its userId is {user}")
        read = charging.api.get(AUTHORIZATION, authorization=named)
        for name in ("status", "source"):
            if name in embedded:
                read.require_equal(embedded[name], read[name], "authorization-embedded", f"{name} as embedded")
