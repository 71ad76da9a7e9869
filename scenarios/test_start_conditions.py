"""Whoever may not charge at a charge point is refused there, in every way to start.

Business rule: nobody starts at a charge point that is out of order, at a location that is closed, without the plan that
a charge point requires, or as a user who does not exist; a session is stopped at its own charge point only.
Documented: charge point status `out of order` (no session can start), location workingHours, charge point subscription
(required, planIds), the error codes CHARGING_NOT_ALLOWED, LOCATION_IS_CLOSED and SUBSCRIPTION_REQUIRED, the three start
actions, "Stop Charging Session" of a charge point (404 for a session that is not there).
"""

from datetime import timedelta

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import EVERY_WAY, NEEDS_A_CONFIGURED_USER, Charging, ChargingSession
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import SESSIONS, Evse, EvseFinder
from scenarios.vocabulary.people import USER, Driver, Drivers
from scenarios.vocabulary.plans import ACTIVATE, new_plan
from scenarios.vocabulary.priced_charging import zone_of
from scenarios.vocabulary.refusal import check_is_refusal, check_start_refused
from scenarios.vocabulary.settings import Settings

pytestmark = CRITICAL

BY_EVERY_WAY = pytest.mark.parametrize("way", EVERY_WAY.values(), ids=EVERY_WAY)
UNKNOWN_USER = 999_999_999
LAST_HOUR = 23
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@BY_EVERY_WAY
def test_a_charge_point_out_of_order_is_refused(
    charging: Charging, evse: Evse, driver: Driver, operator_settings: Settings, way: str
) -> None:
    """No session can start at any EVSE of a charge point that is out of order."""
    with step("The charge point is put out of order"):
        operator_settings.change_charge_point(evse, status="out of order")
    with step("The driver tries to start and is refused"):
        check_start_refused(charging, evse, driver, way)


@BY_EVERY_WAY
def test_a_closed_location_is_refused(
    charging: Charging, evse: Evse, driver: Driver, operator_settings: Settings, way: str
) -> None:
    """No session can start at a location outside its working hours."""
    opens = charging.clock.moment().astimezone(zone_of(charging.api, evse)) + timedelta(hours=9)
    hours = [{"start": f"{opens:%H}:00", "end": f"{opens:%H}:30"}]
    with step(f"The location opens at {opens:%H}:00 only"):
        closed = {"isAlwaysOpen": False, "hours": dict.fromkeys(DAYS, hours)}
        operator_settings.change_location(evse, workingHours=closed)
    with step("The driver tries to start and is refused"):
        check_start_refused(charging, evse, driver, way)


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed"])
def test_a_location_is_open_on_its_days(
    charging: Charging, evse: Evse, driver: Driver, operator_settings: Settings, is_open: bool
) -> None:
    """On a day of the week that a location is open one can start, on one that it is not nobody can."""
    now = charging.clock.moment().astimezone(zone_of(charging.api, evse))
    if now.hour == LAST_HOUR:
        pytest.skip("the day of the location ends within an hour")
    later = now + timedelta(hours=9)
    all_day, half_an_hour = {"start": "00:00", "end": "23:59"}, {"start": f"{later:%H}:00", "end": f"{later:%H}:30"}
    hours = {day: [all_day if (day == f"{now:%A}".lower()) is is_open else half_an_hour] for day in DAYS}
    with step("The location is open today" if is_open else "The location is open on every day but today"):
        operator_settings.change_location(evse, workingHours={"isAlwaysOpen": False, "hours": hours})
    if is_open:
        charging.stop(charging.start(evse, driver), force=True)
    else:
        with step("The driver tries to start and is refused"):
            check_start_refused(charging, evse, driver)


@BY_EVERY_WAY
def test_a_required_plan_is_asked_for(
    charging: Charging, evse: Evse, drivers: Drivers, operator_settings: Settings, cleanup: Cleanup, way: str
) -> None:
    """Where a charge point requires a plan, those without it are refused, and its subscribers charge."""
    api, subscriber, other = charging.api, drivers.new_with_balance(), drivers.new_with_balance()
    plan = new_plan(api, cleanup, 0)
    with step("The charge point requires the plan"):
        operator_settings.change_charge_point(evse, subscription={"required": True, "planIds": [plan["id"]]})
    with step("A driver without it tries to start and is refused"):
        check_start_refused(charging, evse, other, way)
    with step("A driver subscribes to the plan"):
        api.post(ACTIVATE, {"planId": plan["id"], "reason": "conformance scenario"}, user=subscriber.id)
    with step("The subscriber may start"):
        answer = charging.try_to_start(evse, subscriber, way)
        code = answer.get("errorCode")
        if code in NEEDS_A_CONFIGURED_USER - {"SUBSCRIPTION_REQUIRED"}:
            pytest.skip(f"the target refuses a new user ({code})")
        said = f"a subscriber was refused: {code}"
        answer.require(bool(answer["success"]), "plan-lets-in", said, expected="a start", actual=code)
        if answer.get("sessionId") is not None:
            charging.stop(charging.accepted(answer, evse), force=True)
        else:
            stop_all(charging, evse, subscriber)


def stop_all(charging: Charging, evse: Evse, driver: Driver) -> None:
    """Stop what a start without an EVSE may have begun."""
    for entry in charging.api.listing(SESSIONS, filter={"userId": driver.id}):
        if entry["status"] in ("pending", "active"):
            session = charging.followed(ChargingSession(str(entry["id"]), evse.charge_point))
            charging.stop(session, force=True)


@BY_EVERY_WAY
@pytest.mark.parametrize("kind", ["unknown", "deleted"])
def test_who_does_not_exist_starts_nothing(
    api: ScenarioApi, charging: Charging, evse: Evse, drivers: Drivers, kind: str, way: str
) -> None:
    """A start for an unknown or deleted user is refused or invalid, and makes no session for anybody."""
    nobody = Driver(UNKNOWN_USER, is_ours=True) if kind == "unknown" else drivers.new_with_balance()
    if kind == "deleted":
        with step("The driver is deleted"):
            api.delete(USER, user=nobody.id)
    before = running_at(api, evse)
    with step("A start for that user is attempted"):
        answer = charging.try_to_start(evse, nobody, way, expected=(202, 404, 422))
        if answer.status == 202 and answer["success"] and answer.get("sessionId") is not None:
            charging.accepted(answer, evse)
        if answer.status == 202:
            check_is_refusal(answer)
    with step("No session has begun"):
        charging.clock.let_pass(min(charging.clock.a_while, 5))
        answer.require_equal(running_at(api, evse), before, "refusal-changes-nothing", "running sessions at the EVSE")


def running_at(api: ScenarioApi, evse: Evse) -> list[str]:
    """The sessions that run at an EVSE."""
    found = api.listing(SESSIONS, filter={"evseId": evse.id})
    return sorted(str(entry["id"]) for entry in found if entry["status"] in ("pending", "active"))


def test_a_session_is_not_stopped_through_another_charge_point(
    charging: Charging, evse: Evse, evse_finder: EvseFinder, driver: Driver
) -> None:
    """A stop at a charge point where the session does not run is refused, and the session continues."""
    elsewhere = evse_finder.free_evse(lambda other: other.charge_point != evse.charge_point)
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    with step("A stop is sent to another charge point"):
        charging.stop(ChargingSession(session.id, elsewhere.charge_point), expected=(403, 404, 406, 422))
    with step("The session continues"):
        charging.clock.let_pass(min(charging.clock.a_while, 30))
        running = charging.read(session)
        running.require_equal(running["status"], "active", "stop-elsewhere", "the status of the session")
    charging.stop(session)
    charging.wait_until_finished(session)
