"""A charging session runs from start to stop and reads the same everywhere.

Business rule: an accepted start makes one session for that driver at that EVSE; it goes pending, active, finished;
its energy only grows; stopping ends it; the billed energy is the charged energy.
Documented: actions "Start Charging Session", "Start Charging with EVSE ID", "Start Charging Session Without EVSE" and
"Stop Charging Session" (202 with success, sessionId); session statuses; energy in Wh; the guide's start and stop flows.
"""

from itertools import pairwise

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER, bill
from scenarios.vocabulary.charging import (
    AT_AN_EVSE,
    ENERGY_FLOWS,
    IN_USE,
    START_CHARGE_POINT,
    Charging,
    ChargingSession,
)
from scenarios.vocabulary.evses import SESSIONS, Evse
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.money import rounding_of
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.power import check_power

pytestmark = BLOCKER


@pytest.mark.parametrize("way", AT_AN_EVSE.values(), ids=AT_AN_EVSE)
def test_a_driver_charges_and_stops(charging: Charging, evse: Evse, driver: Driver, way: str) -> None:
    """A driver starts at an EVSE, charges and stops; the session adds up."""
    session = charging.start(evse, driver, way)
    with step("The session is the driver's, at that EVSE"):
        begun = charging.read(session)
        begun.require_equal(begun["userId"], driver.id, "session-of-driver", "userId")
        begun.require_equal(begun["evseId"], evse.id, "session-at-evse", "evseId")
        begun.require_equal(begun["chargePointId"], evse.charge_point, "session-at-charge-point", "chargePointId")
        begun.require(
            begun["status"] in ("pending", "active"),
            "session-begins",
            f"a session just started is {begun['status']}",
            expected="pending or active",
            actual=begun["status"],
        )
    charging.wait_until_active(session)
    used = charging.wait_for_evse(evse, "in use", lambda status: status in IN_USE)
    readings = charging.wait_for_energy(session)
    with step("The energy never decreases"):
        for earlier, later in pairwise(readings):
            later.require(
                later["energy"] >= earlier["energy"],
                "energy-never-falls",
                f"energy fell from {earlier['energy']} to {later['energy']} Wh",
                expected=earlier["energy"],
                actual=later["energy"],
            )
    charging.stop(session)
    finished = charging.wait_until_finished(session)
    with step("The session kept its values"):
        finished.require(
            finished["energy"] >= readings[-1]["energy"],
            "stop-keeps-energy",
            f"{finished['energy']} Wh after the stop, {readings[-1]['energy']} Wh before",
        )
        bill.check_times(finished)
    bill.check_energy(finished)
    check_power(finished, used.get("currentType"))
    if finished.get("totalAmount") is not None:
        bill.check_price(finished, rounding_of(charging.api, finished.get("currency")))
    charging.wait_for_evse(evse, "not charging", lambda status: status not in ENERGY_FLOWS)


def test_a_start_without_evse_charges_where_the_driver_plugs_in(charging: Charging, evse: Evse, driver: Driver) -> None:
    """A driver authorizes at a charge point without naming an EVSE."""
    with step("The driver authorizes at the charge point"):
        answer = charging.try_to_start(evse, driver, START_CHARGE_POINT)
        charging.check_accepted(answer, evse)
        authorization = answer.get("authorizationId")
        answer.require(
            authorization is not None, "start-names-authorization", "an accepted start names no authorization"
        )
    with step("A session of the driver at that charge point, if it begins, is the only one"):
        charging.clock.let_pass(charging.clock.a_while)
        begun = [
            entry
            for entry in charging.api.listing(SESSIONS, filter={"userId": driver.id})
            if entry["chargePointId"] == evse.charge_point and entry["status"] in ("pending", "active")
        ]
        for entry in begun:
            charging.followed(ChargingSession(str(entry["id"]), evse.charge_point))
        answer.require(len(begun) <= 1, "one-session-per-start", f"one start made {len(begun)} sessions")
    if begun:
        session = ChargingSession(str(begun[0]["id"]), evse.charge_point)
        charging.wait_until_active(session)
        charging.stop(session)
        charging.wait_until_finished(session)


def test_a_forced_stop_ends_the_session(charging: Charging, evse: Evse, driver: Driver) -> None:
    """A forced stop ends the session whatever the charge point responds."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    answer = charging.stop(session, force=True)
    answer.require_equal(answer.status, 202, "forced-stop-accepted", "the status of a forced stop")
    charging.wait_until_finished(session)


def test_statistics_and_intervals_agree_with_the_session(charging: Charging, evse: Evse, driver: Driver) -> None:
    """Consumption statistics and clock-aligned values have the same energy as the session."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    charging.wait_for_energy(session)
    charging.stop(session)
    finished = charging.wait_until_finished(session)
    bill.check_aligned_consumption(finished)
    stats = charging.api.get("/resources/sessions/v1.0/{session}/consumption-stats", session=session.id)
    bill.check_consumption_stats(stats, finished)


def test_the_listing_finds_the_session_under_each_filter(charging: Charging, evse: Evse, driver: Driver) -> None:
    """The session is listed under its driver, EVSE, charge point and status only, while it runs and afterwards."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    own = {"userId": driver.id}
    with step("The running session is listed as active"):
        check_listed(charging.api, SESSIONS, session.id, own | {"status": "active"})
        check_listed(charging.api, SESSIONS, session.id, own | {"status": "finished"}, is_listed=False)
    charging.stop(session)
    charging.wait_until_finished(session)
    with step("The finished session is listed under each filter"):
        check_listed(charging.api, SESSIONS, session.id, own)
        check_listed(charging.api, SESSIONS, session.id, own | {"evseId": evse.id})
        check_listed(charging.api, SESSIONS, session.id, own | {"chargePointId": evse.charge_point})
        check_listed(charging.api, SESSIONS, session.id, own | {"status": "finished"})
        check_listed(charging.api, SESSIONS, session.id, own | {"status": "active"}, is_listed=False)


def test_a_second_stop_changes_nothing(charging: Charging, evse: Evse, driver: Driver) -> None:
    """Stopping a finished session again changes nothing."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    charging.stop(session)
    finished = charging.wait_until_finished(session)
    with step("The driver stops again"):
        charging.api.post(
            "/actions/charge-point/v1.0/{chargePoint}/stop/{session}",
            expected=(202, 404, 406),
            chargePoint=evse.charge_point,
            session=session.id,
        )
    with step("Nothing has changed"):
        charging.clock.let_pass(charging.clock.a_while)
        again = charging.read(session)
        for name in ("status", "stoppedAt", "energy", "reason"):
            again.require_equal(again.get(name), finished.get(name), "stop-once", name)
