"""A charge point is created, configured, taken out of service and removed.

Business rule: what is created reads back and is listed where it belongs; what refers to each other agrees; an EVSE
that is inoperative starts no session, alone or with its charge point, which lets a running session end; a firmware
update needs its parts; what is deleted is gone.
Documented: locations, charging zones, charge points, EVSEs and connectors 2.0 (create, read, update, delete);
"Change Availability" (202, or 204 when scheduled, 406 rejected); downtime periods of type exempt.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

import pytest
from allure import step

from ampeco_conformance.emulator_client.clock import TargetClock
from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT, CHARGE_POINT_EVSES, CHARGE_POINTS, Evse
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.refusal import check_start_refused
from scenarios.vocabulary.sites import LOCATION, new_charge_point, new_location
from scenarios.vocabulary.waiting import looks

pytestmark = CRITICAL

ZONES = "/resources/locations/v2.0/{location}/charging-zones"
ZONE = "/resources/locations/v2.0/{location}/charging-zones/{chargingZone}"
CHARGE_POINT_EVSE = "/resources/charge-points/v2.0/{chargePoint}/evses/{evse}"
CONNECTORS = "/resources/charge-points/v2.0/{chargePoint}/evses/{evse}/connectors"
CONNECTOR = "/resources/charge-points/v2.0/{chargePoint}/evses/{evse}/connectors/{connector}"
CHANGE_AVAILABILITY = "/actions/charge-point/v1.0/{chargePoint}/change-availability"
UPDATE_FIRMWARE = "/actions/charge-point/v2.0/{chargePoint}/update-firmware"
FIRMWARE = "https://conformance.example.com/firmware.bin"
NOTICES = "/resources/downtime-period-notices/v1.0"
NOTICE = "/resources/downtime-period-notices/v1.0/{notice}"
DOWNTIMES = "/resources/charge-point-downtime-periods/v1.0"
DOWNTIME = "/resources/charge-point-downtime-periods/v1.0/{chargePointDowntimePeriod}"


def test_a_charge_point_is_built_and_removed(api: ScenarioApi, cleanup: Cleanup) -> None:
    """Location, zone, charge point, EVSE and connector are created, refer to each other and are deleted in order."""
    location = new_location(api, cleanup)
    with step("A charging zone is created in the location"):
        zone = api.post(ZONES, {"name": "Row A", "status": "enabled"}, location=location["id"])
        zone.require_equal(zone.get("locationId"), location["id"], "zone-of-location", "locationId of the zone")
        cleanup.later("DELETE", ZONE, location=location["id"], chargingZone=zone["id"])
    charge_point = new_charge_point(api, cleanup, location["id"])
    number = charge_point["id"]
    with step("The charge point moves to the zone"):
        moved = api.patch(CHARGE_POINT, {"chargingZoneId": zone["id"]}, chargePoint=number)
        moved.require_equal(moved.get("chargingZoneId"), zone["id"], "charge-point-in-zone", "chargingZoneId")
        moved.require_equal(moved["name"], charge_point["name"], "partial-update", "the name that was not sent")
    with step("An EVSE with a connector is created"):
        evse = api.post(
            CHARGE_POINT_EVSES,
            {"physicalReference": secrets.token_hex(4), "currentType": "ac", "networkId": "1", "status": "enabled"},
            chargePoint=number,
        )
        cleanup.later("DELETE", CHARGE_POINT_EVSE, chargePoint=number, evse=evse["id"])
        connector = api.post(CONNECTORS, {"type": "type2", "status": "enabled"}, chargePoint=number, evse=evse["id"])
    ids = {"chargePoint": number, "evse": evse["id"]}
    with step("Each is listed where it belongs"):
        check_listed(charge_point, api, CHARGE_POINTS, filter={"locationId": location["id"]})
        check_listed(evse, api, CHARGE_POINT_EVSES, chargePoint=number)
        check_listed(connector, api, CONNECTORS, **ids)
        check_listed(zone, api, ZONES, location=location["id"])
    with step("They are deleted, the smallest first, and are gone"):
        remove(api, CONNECTOR, connector=connector["id"], **ids)
        remove(api, CHARGE_POINT_EVSE, **ids)
        remove(api, CHARGE_POINT, chargePoint=number)
        remove(api, ZONE, location=location["id"], chargingZone=zone["id"])
        remove(api, LOCATION, location=location["id"])


def check_listed(
    created: ScenarioResponse, api: ScenarioApi, path: str, *, filter: dict[str, int] | None = None, **ids: Any
) -> None:
    """The new resource is in a listing."""
    for look in looks(api.clock):
        with look:
            found = created["id"] in {entry["id"] for entry in api.listing(path, filter=filter, **ids)}
            created.require(found, "created-listed", f"the new resource is not listed at {path}")


def remove(api: ScenarioApi, path: str, **ids: Any) -> None:
    """Delete a resource; reading it is answered with 404 afterwards."""
    api.delete(path, **ids)
    api.call("GET", path, expected=(404,), **ids)


def test_an_inoperative_evse_starts_no_session(
    charging: Charging, evse: Evse, driver: Driver, cleanup: Cleanup
) -> None:
    """An inoperative EVSE is unavailable and refuses starts; when operative again, it charges."""
    ids: dict[str, Any] = {"chargePoint": evse.charge_point}
    network_id = int(evse.network_id)
    operative = {"type": "Operative", "evseNetworkId": network_id}
    with step("The EVSE is made inoperative"):
        cleanup.later("POST", CHANGE_AVAILABILITY, operative, **ids)
        charging.api.post(CHANGE_AVAILABILITY, {"type": "Inoperative", "evseNetworkId": network_id}, **ids)
    charging.wait_for_evse(evse, "unavailable", lambda status: status == "unavailable")
    with step("The driver tries to start and is refused"):
        check_start_refused(charging, evse, driver)
    with step("The EVSE is made operative again"):
        charging.api.post(CHANGE_AVAILABILITY, operative, **ids)
    charging.wait_until_free(evse)
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    charging.stop(session)
    charging.wait_until_finished(session)


def test_a_charge_point_is_made_inoperative_as_a_whole(
    charging: Charging, evse: Evse, driver: Driver, cleanup: Cleanup
) -> None:
    """Without the number of an EVSE all are inoperative; what runs there goes on until it is stopped."""
    ids: dict[str, Any] = {"chargePoint": evse.charge_point}
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    with step("The charge point is made inoperative while a session runs"):
        cleanup.later("POST", CHANGE_AVAILABILITY, {"type": "Operative"}, **ids)
        charging.api.post(CHANGE_AVAILABILITY, {"type": "Inoperative"}, expected=(202, 204), **ids)
        running = charging.read(session)
        running.require_equal(running["status"], "active", "inoperative-later", "the status of the session")
    charging.stop(session)
    charging.wait_until_finished(session)
    charging.wait_for_evse(evse, "unavailable", lambda status: status == "unavailable")
    with step("The driver tries to start and is refused"):
        check_start_refused(charging, evse, driver)
    with step("The charge point is made operative again"):
        charging.api.post(CHANGE_AVAILABILITY, {"type": "Operative"}, **ids)
    charging.wait_until_free(evse)


@pytest.mark.parametrize("body", [{"signed": False}, {"signed": True, "url": FIRMWARE}], ids=["no source", "unsigned"])
def test_a_firmware_update_needs_its_parts(api: ScenarioApi, evse: Evse, body: dict[str, Any]) -> None:
    """An update without an address or a version, or a signed one without its signature, is invalid."""
    api.operation("POST", UPDATE_FIRMWARE)
    with step("The update is refused"):
        api.post(UPDATE_FIRMWARE, body, expected=(422,), chargePoint=evse.charge_point)


def test_a_planned_downtime_is_an_exempt_period(api: ScenarioApi, clock: TargetClock, cleanup: Cleanup) -> None:
    """A downtime created by hand is exempt, has its notice and times, and can be deleted."""
    location = new_location(api, cleanup)
    charge_point = new_charge_point(api, cleanup, location["id"])
    with step("A notice is created"):
        notice = api.post(NOTICES, {"type": "exempt", "notice": "Planned work"})
        cleanup.later("DELETE", NOTICE, notice=notice["id"])
    begins = clock.moment().replace(microsecond=0) - timedelta(hours=2)
    ends = begins + timedelta(hours=1)
    with step("The downtime is recorded"):
        period = api.post(
            DOWNTIMES,
            {
                "chargePointId": charge_point["id"],
                "noticeId": notice["id"],
                "startedAt": begins.isoformat(),
                "endedAt": ends.isoformat(),
            },
        )
        cleanup.later("DELETE", DOWNTIME, chargePointDowntimePeriod=period["id"])
    with step("It is exempt and manual"):
        read = api.get(DOWNTIME, chargePointDowntimePeriod=period["id"])
        read.require_equal(read["type"], "exempt", "manual-downtime-exempt", "type")
        read.require_equal(read["entryMode"], "manual", "manual-downtime-exempt", "entryMode")
        read.require_equal(read["chargePointId"], charge_point["id"], "downtime-of-charge-point", "chargePointId")
        read.require_equal(read.get("noticeId"), notice["id"], "downtime-under-notice", "noticeId")
        read.require_equal(datetime.fromisoformat(read["startedAt"]), begins, "downtime-times", "startedAt")
        read.require_equal(datetime.fromisoformat(read["endedAt"]), ends, "downtime-times", "endedAt")
    with step("It is deleted and gone"):
        remove(api, DOWNTIME, chargePointDowntimePeriod=period["id"])
