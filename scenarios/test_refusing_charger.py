"""A rejection by the charge point or the platform is reported and has no effect.

Business rule: a refused start has its documented error code and changes neither driver nor EVSE; a
command that the charge point rejects, or that never reaches it, is answered 406 and has no effect; force ends a
session or reservation whatever the charge point responds.
Documented: the start actions (202 with success=false, message and one of the listed errorCodes); stop, reserve, cancel
reservation, unlock, change availability, trigger message (406 rejected); `force` of stop and cancel.

Only an emulator's charger can be ordered to refuse, through its control plane; elsewhere these scenarios are skipped.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.chargers import Chargers
from scenarios.vocabulary.charging import EVERY_WAY, NEEDS_A_CONFIGURED_USER, Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import EVSE, Evse, EvseFinder
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.refusal import check_is_refusal, check_start_refused, check_unchanged, standing_of
from scenarios.vocabulary.reservations import Reservations

pytestmark = CRITICAL

REFUSING = pytest.mark.parametrize("how", ["reject", "offline"], ids=["rejecting", "offline"])

CONFIGURATION = "/resources/charge-points/v2.0/{chargePoint}/configurations/{key}"
KEY = "HeartbeatInterval"

#: Commands to a charge point that need nothing but the charge point, with their bodies.
COMMANDS: dict[str, Mapping[str, Any] | None] = {
    "/actions/charge-point/v1.0/{chargePoint}/change-availability": {"type": "Inoperative"},
    "/actions/charge-point/v1.0/{chargePoint}/trigger-message": {"type": "Heartbeat"},
    "/actions/charge-point/v1.0/{chargePoint}/unlock/{evse}": None,
}


@pytest.mark.parametrize("way", EVERY_WAY.values(), ids=EVERY_WAY)
def test_every_reason_of_a_refused_start_is_told(
    api: ScenarioApi, charging: Charging, chargers: Chargers, evse: Evse, driver: Driver, way: str
) -> None:
    """For every reason the start is refused with its error code, and driver and EVSE are unchanged."""
    codes = api.documented_values("POST", way, "errorCode")
    before, standing = api.get(EVSE, evse=evse.id), standing_of(charging, driver)
    for code in codes:
        with step(f"A start is refused with {code}"):
            chargers.refuse_starts(evse, code)
            answer = charging.try_to_start(evse, driver, way)
            check_is_refusal(answer)
            if answer.get("errorCode") in NEEDS_A_CONFIGURED_USER - {code}:
                charging.check_accepted(answer, evse)
            answer.require_equal(answer.get("errorCode"), code, "refusal-code", "errorCode")
    check_unchanged(charging, driver, standing, answer)
    with step("The EVSE is unchanged"):
        after = api.get(EVSE, evse=evse.id)
        after.require_equal(after["hardwareStatus"], before["hardwareStatus"], "refusal-changes-nothing", "the EVSE")
    chargers.as_usual()
    with step("Without an obstacle the driver charges"):
        charging.stop(charging.start(evse, driver), force=True)


@REFUSING
def test_a_charger_that_says_no_starts_nothing(
    charging: Charging, chargers: Chargers, evse: Evse, driver: Driver, how: str
) -> None:
    """A start that the charge point rejects creates no session."""
    chargers.refuse_commands(evse, how)
    with step("The driver tries to start and is refused"):
        check_start_refused(charging, evse, driver)


@REFUSING
def test_a_rejected_stop_stops_nothing(
    charging: Charging, chargers: Chargers, evse: Evse, driver: Driver, how: str
) -> None:
    """A session continues when the charge point rejects the stop; a forced stop ends it."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    chargers.refuse_commands(evse, how)
    with step("The driver tries to stop and is rejected"):
        charging.stop(session, expected=(406,))
        running = charging.read(session)
        running.require_equal(running["status"], "active", "rejected-stop-changes-nothing", "the status of the session")
        running.require_equal(running.get("stoppedAt"), None, "rejected-stop-changes-nothing", "stoppedAt")
    with step("The session is ended by force"):
        charging.stop(session, force=True)
    charging.wait_until_finished(session)


@REFUSING
def test_a_rejected_reservation_reserves_nothing(
    chargers: Chargers, evse_finder: EvseFinder, reservations: Reservations, driver: Driver, how: str
) -> None:
    """A reservation that the charge point rejects holds no EVSE."""
    evse = evse_finder.free_evse(allowing="allowsReservation")
    chargers.refuse_commands(evse, how)
    with step("The driver tries to reserve and is rejected"):
        answer = reservations.check_refused(evse, driver)
        answer.require_equal(answer.status, 406, "rejected-is-406", "the status")
        shown = reservations.api.get(EVSE, evse=evse.id)
        shown.require(shown["hardwareStatus"] != "reserved", "refused-reserve-changes-nothing", "the EVSE is reserved")


@REFUSING
def test_a_rejected_cancellation_cancels_nothing(
    chargers: Chargers, evse_finder: EvseFinder, reservations: Reservations, driver: Driver, how: str
) -> None:
    """A reservation stays when the charge point rejects the cancellation; a forced one ends it."""
    evse = evse_finder.free_evse(allowing="allowsReservation")
    reservation = reservations.reserve(evse, driver)
    chargers.refuse_commands(evse, how)
    with step("The driver cancels and is rejected"):
        reservations.cancel(reservation, expected=(406,))
        reservations.check_status(reservation, "active", "rejected-cancel-changes-nothing")
    with step("It is cancelled by force"):
        reservations.cancel(reservation, force=True)
    reservations.wait_for_status(reservation, "canceled")


@REFUSING
def test_a_rejected_configuration_is_told(
    api: ScenarioApi, chargers: Chargers, evse: Evse, cleanup: Cleanup, how: str
) -> None:
    """A value that the charge point does not take is answered with 406, and the cached one stays."""
    ids: dict[str, Any] = {"chargePoint": evse.charge_point, "key": KEY}
    api.operation("PATCH", CONFIGURATION)
    before = api.call("GET", CONFIGURATION, expected=(200, 404), **ids)
    if before.status == 404:
        pytest.skip(f"charge point {evse.charge_point} has not reported its {KEY}")
    value = str(before["key"]["value"])
    cleanup.later("PATCH", CONFIGURATION, {"value": value}, **ids)
    chargers.refuse_commands(evse, how)
    with step("The operator sends another value and it is rejected"):
        api.patch(CONFIGURATION, {"value": "61"}, expected=(406,), **ids)
        after = api.get(CONFIGURATION, **ids)
        after.require_equal(after["key"]["value"], value, "rejected-command-changes-nothing", "the cached value")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.split("/")[5])
@REFUSING
def test_a_rejected_command_is_told(api: ScenarioApi, chargers: Chargers, evse: Evse, command: str, how: str) -> None:
    """A command that the charge point rejects is answered with 406, and the EVSE is unchanged."""
    ids: dict[str, int | str] = {"chargePoint": evse.charge_point}
    if "{evse}" in command:
        ids["evse"] = evse.network_id
    api.operation("POST", command)
    chargers.refuse_commands(evse, how)
    with step("The operator sends it and it is rejected"):
        api.post(command, COMMANDS[command], expected=(406,), **ids)
        shown = api.get(EVSE, evse=evse.id)
        shown.require_equal(shown["hardwareStatus"], "available", "rejected-command-changes-nothing", "hardwareStatus")
