"""What follows from a request, at once or in a while: charge points, roaming, flexibility, templates, settlement."""

from typing import Any

import pytest

from tests.support.emulator import PREFIX, RunningEmulator
from tests.support.webhooks import deliveries, store

HOUR, DAY = 3600, 86400
ACTIONS = "/actions/charge-point/v1.0/1"
CHARGE_POINT = "/resources/charge-points/v2.0/1"
FILTERS = "/resources/roaming-operators/v2.0/1/custom-tariff-filters"


def put(emulator: RunningEmulator, method: str, path: str, body: Any = None) -> Any:
    answer = emulator.client.request(method, PREFIX + path, json=body)
    assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json().get("data", answer.json()) if answer.content else {}


def events_of(emulator: RunningEmulator, subscription: int) -> list[Any]:
    return [item["payload"] for item in deliveries(emulator, subscription)]


def test_diagnostics_are_uploaded_after_some_time(newest: RunningEmulator) -> None:
    number = store(newest, "DiagnosticsStatusNotification")
    asked = put(newest, "POST", f"{ACTIONS}/get-diagnostics", {"location": "ftp://127.0.0.1/"})
    seen = []
    for seconds in (1, 3, 10):
        newest.advance(seconds)
        seen.append([event["status"] for event in events_of(newest, number)])
    assert seen == [[], ["uploading"], ["uploading", "uploaded"]]
    assert {event["requestId"] for event in events_of(newest, number)} == {asked["requestId"]}


def test_firmware_is_installed_after_some_time(newest: RunningEmulator) -> None:
    number = store(newest, "BootNotification", "SecurityEventNotification", "ChargePointSyncConfigurationNotification")
    version = newest.data("/resources/firmware-versions/v1.0")[0]
    body = {"firmwareVersionId": version["id"], "signed": False}
    assert newest.post("/actions/charge-point/v2.0/1/update-firmware", {"signed": False}).status_code == 422
    put(newest, "POST", "/actions/charge-point/v2.0/1/update-firmware", body)
    newest.advance(20)
    assert events_of(newest, number) == []
    newest.advance(20)
    boot = next(event for event in events_of(newest, number) if event["notification"] == "BootNotification")
    assert boot["bootNotification"]["firmware_version"] == version["firmwareVersion"]
    kinds = [
        event["type"] for event in events_of(newest, number) if event["notification"] == "SecurityEventNotification"
    ]
    assert kinds == ["FirmwareUpdated", "StartupOfTheDevice"]
    assert events_of(newest, number)[-1]["notification"] == "ChargePointSyncConfigurationNotification"
    shown = newest.data(CHARGE_POINT, **{"include[]": "lastBootNotification"})
    assert shown["lastBootNotification"]["firmwareVersion"] == version["firmwareVersion"]
    logged = newest.data("/resources/security-events-log/v2.0", **{"filter[chargePoint]": 1, "per_page": 100})
    assert "FirmwareUpdated" in {event["type"] for event in logged}


def test_a_closed_connection_is_restored(newest: RunningEmulator) -> None:
    close = {"reason": "test"}
    assert newest.post(f"{ACTIONS}/disconnect", close).json()["success"] is True
    assert newest.data(CHARGE_POINT)["networkStatus"] == "temporarily_unavailable"
    assert newest.post(f"{ACTIONS}/disconnect", close).status_code == 409
    newest.advance(3)
    assert newest.data(CHARGE_POINT)["networkStatus"] == "available"
    latest = newest.data(f"{CHARGE_POINT}/network-status-logs", per_page=100)[-2:]
    assert [entry["status"] for entry in latest] == ["temporarily unavailable", "available"]
    assert newest.data(f"{CHARGE_POINT}/latest-network-status-log") == latest[-1]


def test_a_desired_security_profile_is_applied_at_the_next_boot(newest: RunningEmulator) -> None:
    def security() -> tuple[int, str]:
        shown = newest.data(CHARGE_POINT)["security"]
        return shown["currentProfile"], shown["desiredProfileStatus"]

    put(newest, "PATCH", "/resources/charge-points/v1.0/1", {"desiredSecurityProfile": 2})
    assert security()[1] == "pending"
    put(newest, "POST", f"{ACTIONS}/reset/soft", {})
    newest.advance(10)
    assert security() == (2, "applied")
    put(newest, "POST", f"{ACTIONS}/reset-security-profile", {})
    assert security() == (0, "pending")
    found = newest.data("/resources/charge-points/v2.0", **{"filter[desiredSecurityProfileStatus]": "pending"})
    assert [item["id"] for item in found] == [1]
    old = newest.data("/resources/charge-points/v1.0/1")
    assert (old["desiredSecurityProfile"], old["desiredSecurityProfileStatus"]) == (2, "pending")
    put(newest, "POST", f"{ACTIONS}/reset/hard", {})
    newest.advance(10)
    assert security() == (2, "applied")
    put(newest, "POST", "/actions/charge-point/v2.0/1/set-security-profile", {"setSecurityProfile": 1, "reason": "t"})
    assert security() == (1, "applied")


def test_a_security_profile_that_is_not_supported_is_rejected(newest: RunningEmulator) -> None:
    put(newest, "PATCH", CHARGE_POINT, {"security": {"desiredProfile": 3}})
    put(newest, "POST", f"{ACTIONS}/reset/soft", {})
    newest.advance(10)
    known = newest.data(CHARGE_POINT)["security"]
    assert (known["currentProfile"], known["desiredProfileStatus"]) == (2, "rejected")


def test_a_variable_of_ocpp_2_names_its_component(newest: RunningEmulator) -> None:
    put(newest, "PATCH", CHARGE_POINT, {"network": {"protocol": "ocpp 2.0.1"}})
    path, body = "/actions/charge-point/v2.0/1/set-configuration", {"name": "HeartbeatInterval", "value": "60"}
    assert newest.post(path, body).status_code == 422
    assert newest.post(path, {**body, "componentName": "OCPPCommCtrlr"}).status_code == 202


def test_filters_by_receipt_are_for_received_records_and_those_by_sending_for_local_ones(
    newest: RunningEmulator,
) -> None:
    for name, is_local in (("receivedAfter", False), ("sentAfter", True), ("deliveryResponse", True)):
        value = "success" if name == "deliveryResponse" else "2000-01-01T00:00:00Z"
        found = newest.data("/resources/cdrs/v2.0", **{f"filter[{name}]": value})
        assert {record["isLocal"] for record in found} == {is_local}


def test_a_profile_limits_later_sessions_until_it_is_cleared(newest: RunningEmulator) -> None:
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 5000}]}
    kind = {"chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Absolute", "stackLevel": 0}

    def energy_of_an_hour() -> int:
        number = newest.post("/actions/evse/v1.0/1/start", {"userId": 2}).json()["sessionId"]
        newest.advance(3 + HOUR)
        newest.post(f"{ACTIONS}/stop/{number}", {})
        newest.advance(60)
        return int(newest.data(f"/resources/sessions/v1.0/{number}")["energy"])

    put(newest, "POST", f"{ACTIONS}/set-charging-profile/1", {**kind, "chargingSchedule": schedule})
    assert energy_of_an_hour() == 5000
    put(newest, "POST", f"{ACTIONS}/clear-charging-profile", {"chargingProfilePurpose": "TxProfile"})
    assert energy_of_an_hour() == 5000
    put(newest, "POST", f"{ACTIONS}/clear-charging-profile", {"chargingProfilePurpose": "TxDefaultProfile"})
    assert energy_of_an_hour() == 11_000


def orders(emulator: RunningEmulator) -> dict[str, int]:
    return {item["name"]: item["order"] for item in emulator.data(FILTERS, per_page=100)}


def test_custom_tariff_filters_make_room_for_each_other(newest: RunningEmulator) -> None:
    for item in newest.data(FILTERS):
        newest.client.delete(f"{PREFIX}{FILTERS}/{item['id']}")
    numbers = {
        name: put(newest, "POST", FILTERS, {"name": name, "status": "enabled", **order})["id"]
        for name, order in (("a", {}), ("b", {}), ("c", {"order": 1}), ("d", {"order": 9}))
    }
    assert orders(newest) == {"a": 2, "b": 3, "c": 1, "d": 9}
    put(newest, "PATCH", f"{FILTERS}/{numbers['b']}", {"order": 1})
    assert orders(newest) == {"a": 3, "b": 1, "c": 2, "d": 9}
    put(newest, "PUT", f"{FILTERS}/reorder", {"filters": [{"id": numbers["d"], "order": 2}]})
    assert orders(newest) == {"a": 4, "b": 1, "c": 3, "d": 2}
    assert newest.client.put(f"{PREFIX}{FILTERS}/reorder", json={"filters": [{"id": 999, "order": 1}]}).status_code in (
        404,
        422,
    )


def test_a_flexibility_asset_is_disabled_at_its_end(newest: RunningEmulator) -> None:
    body = {"dlmCircuitId": None, "chargePointId": 1, "evseId": None, "integrationId": 1, "status": "enabled"}
    asset = put(newest, "POST", "/resources/flexibility-assets/v1.0", {**body, "endsAt": "2026-06-01T18:00:00Z"})["id"]
    path = f"/resources/flexibility-assets/v1.0/{asset}"
    forecast = newest.data(f"{path}/time-series-forecast", per_page=100)
    assert [entry["startTime"] for entry in forecast][-1] == "2026-06-01T17:00:00Z"
    newest.advance(5 * HOUR)
    assert newest.data(path)["status"] == "enabled"
    newest.advance(HOUR)
    assert newest.data(path)["status"] == "disabled"
    action = f"/actions/flexibility-asset/v1.0/{asset}"
    periods = [{"startTime": "2026-06-02T08:00:00Z", "endTime": "2026-06-02T09:00:00Z", "energy": 5}]
    request = put(newest, "POST", f"{action}/create-activation-request", {"periods": periods})
    assert request["assetId"] == asset
    listed = newest.data("/resources/flexibility-activation-requests/v1.0", **{"filter[assetId]": asset})
    assert [entry["id"] for entry in listed] == [request["id"]]
    assert put(newest, "POST", f"{action}/change-status", {"status": "enabled"})["status"] == "enabled"


def test_a_template_has_unique_variables_and_sets_them_at_charge_points(newest: RunningEmulator) -> None:
    path = "/resources/configuration-templates/v1.0"
    template = put(newest, "POST", path, {"name": "Mine", "ocppVersion": "ocpp 1.6"})["id"]
    variable = {"keyName": "Mine", "value": "7"}
    put(newest, "POST", f"{path}/{template}/variables", variable)
    assert newest.post(f"{path}/{template}/variables", variable).status_code == 409
    action = f"/actions/configuration-template/v1.0/{template}"
    assert newest.post(f"{action}/insert-bulk-variables", [variable]).status_code == 422
    put(newest, "POST", f"{action}/insert-bulk-variables", [{"keyName": "Other", "value": "8"}])
    put(newest, "POST", f"{action}/apply-to-charge-points", {"chargePointIds": [1], "shouldPersist": False})
    keys = [entry["key"] for entry in newest.data(f"{CHARGE_POINT}/configurations")]
    assert {key["name"]: key["value"] for key in keys if key["name"] in ("Mine", "Other")} == {
        "Mine": "7",
        "Other": "8",
    }


def test_a_variable_of_a_component_is_shown_as_one(newest: RunningEmulator) -> None:
    path = "/resources/configuration-templates/v1.0"
    template = put(newest, "POST", path, {"name": "Mine", "ocppVersion": "ocpp 2.0.1"})["id"]
    variable = {"component": "Clock", "variableName": "Zone", "value": "UTC"}
    stored = put(newest, "POST", f"{path}/{template}/variables", variable)
    assert {**stored, **variable, "componentInstance": None, "evseId": None} == stored
    assert newest.data(f"{path}/{template}/variables") == [stored]


def test_a_month_that_ends_is_settled_once(newest: RunningEmulator) -> None:
    number = newest.post("/actions/evse/v1.0/1/start", {"userId": 2}).json()["sessionId"]
    newest.advance(HOUR)
    newest.post(f"{ACTIONS}/stop/{number}", {})
    newest.advance(60)
    revenue = newest.data("/resources/partner-revenues/v1.1", per_page=100)[-1]
    assert (revenue["chargingSessionId"], revenue["settlementReportId"]) == (number, None)
    reports = "/resources/partner-settlement-reports/v1.0"
    before = len(newest.data(reports, per_page=100))
    newest.advance(30 * DAY)
    report = next(item for item in newest.data(reports, per_page=100)[before:] if item["partnerId"] == 1)
    assert (report["periodStart"], report["periodEnd"]) == ("2026-06-01", "2026-06-30")
    settled = newest.data("/resources/partner-revenues/v1.1", per_page=100)
    own = [item for item in settled if item["settlementReportId"] == report["id"]]
    assert revenue["id"] in {item["id"] for item in own}
    assert report["totalRevenue"] == pytest.approx(sum(item["partnerShare"] for item in own))
    amount = report["totalRevenue"] - report["totalExpenses"]
    assert report["totalAmount"]["withoutTax"] == pytest.approx(amount)
    after = newest.data(reports, per_page=100)
    newest.advance(DAY)
    assert newest.data(reports, per_page=100) == after


def test_a_meter_reports_the_consumption_of_its_circuits(newest: RunningEmulator) -> None:
    number = store(newest, "CircuitConsumptionNotification")
    meter = newest.data("/resources/electricity-meters/v1.0")[0]["id"]
    body = {"name": "Roof", "maxCurrent": 63, "phases": "three_phase", "electricityMeterId": meter}
    circuit = put(newest, "POST", "/resources/circuits/v2.0", body)["id"]
    path = f"/actions/electricity-meter/v1.0/{meter}/report-consumption"
    for current in (16_000, 8_000):
        put(newest, "POST", path, {"currentL1": current, "currentL2": 500})
    shown = newest.data(f"/resources/circuits/v2.0/{circuit}/consumption")
    assert {entry["phase"]: entry["consumption"] for entry in shown} == {"L1": 8, "L2": 0.5}
    own = [event for event in events_of(newest, number) if event["circuitId"] == circuit]
    assert [event["currentConsumption"][0]["consumption"] for event in own] == [16, 8]


def test_a_listing_and_a_read_show_the_same_times_that_nobody_has_written(emulator: RunningEmulator) -> None:
    listed = {item["id"]: item for item in emulator.data("/resources/cdrs/v2.0")}
    emulator.advance(60)
    for id, item in listed.items():
        assert emulator.data(f"/resources/cdrs/v2.0/{id}").get("oicpData") == item.get("oicpData")


def test_a_configuration_key_occurs_once_at_a_charge_point(newest: RunningEmulator) -> None:
    names = [item["key"]["name"] for item in newest.data(f"{CHARGE_POINT}/configurations", per_page=100)]
    assert len(names) == len(set(names)) > 2


def test_the_partner_of_a_charge_point_is_the_same_in_both_versions(newest: RunningEmulator) -> None:
    old, new = "/resources/charge-points/v1.0/1", CHARGE_POINT
    put(newest, "PATCH", old, {"ownerPartnerId": 2, "partnerAccessType": "publicViewPrivateUse"})
    assert newest.data(new)["partner"] == {"id": 2, "contractId": 1, "accessType": "public_view_private_use"}
    assert 1 in [item["id"] for item in newest.data("/resources/charge-points/v1.0", **{"filter[partnerId]": 2})]
    put(newest, "PATCH", new, {"partner": {"id": 1, "contractId": 1, "accessType": "private_view_public_use"}})
    shown = newest.data(old)
    assert (shown["ownerPartnerId"], shown["partnerAccessType"]) == (1, "privateViewPublicUse")


def test_what_only_the_server_sets_is_not_taken_from_a_body(emulator: RunningEmulator) -> None:
    body = {"email": "a.rich.one@example.com", "password": "Secret-1-word", "balance": 999, "status": "disabled"}
    user = emulator.post("/resources/users/v1.0", body).json()["data"]["id"]
    shown = emulator.data(f"/resources/users/v1.0/{user}")
    assert (shown["status"], shown["balance"]) == ("enabled", 0)


def test_a_password_is_neither_shown_nor_kept(emulator: RunningEmulator) -> None:
    user = emulator.new_user(0, password="Quite-Secret-7")
    emulator.client.patch(f"/public-api/resources/users/v1.0/{user}", json={"password": "Quite-Secret-8"})
    assert "Quite-Secret" not in emulator.get(f"/resources/users/v1.0/{user}").text
    assert "Quite-Secret" not in emulator.client.get("/_emulator/state").text


def test_a_data_transfer_is_answered_with_its_status(emulator: RunningEmulator) -> None:
    sent = emulator.post("/actions/charge-point/v1.0/1/send-data-transfer", {"vendorId": "a", "messageId": "b"})
    assert (sent.status_code, sent.json()["status"]) == (200, "Accepted")


def test_a_listing_that_documents_cursors_has_them(emulator: RunningEmulator) -> None:
    path = "/resources/downtime-period-notices/v1.0"
    page = emulator.get(path, per_page=2).json()
    assert page["meta"].keys() == {"path", "per_page", "next_cursor", "prev_cursor"}
    following = emulator.client.get(page["links"]["next"]).json()
    assert not {item["id"] for item in page["data"]} & {item["id"] for item in following["data"]}


def test_the_connectors_of_an_evse_are_those_of_their_listing(newest: RunningEmulator) -> None:
    evse = newest.data("/resources/evses/v2.0/1")
    [known] = evse["connectors"]
    written = [{**known, "format": "socket"}, {"type": "chademo", "format": "cable", "status": "active"}]
    answer = newest.client.put("/public-api/resources/evses/v2.0/1", json=evse | {"connectors": written})
    assert answer.status_code == 200, answer.text
    shown = answer.json()["data"]["connectors"]
    listed = newest.data("/resources/charge-points/v2.0/1/evses/1/connectors")
    assert [(item["type"], item["format"]) for item in shown] == [(known["type"], "socket"), ("chademo", "cable")]
    assert [(item["id"], item["type"], item["format"]) for item in listed] == [
        (item["id"], item["type"], item["format"]) for item in shown
    ]
    newest.client.put("/public-api/resources/evses/v2.0/1", json=evse | {"connectors": shown[1:]})
    assert [item["id"] for item in newest.data("/resources/charge-points/v2.0/1/evses/1/connectors")] == [
        shown[1]["id"]
    ]
    assert newest.get(f"/resources/charge-points/v2.0/1/evses/1/connectors/{known['id']}").status_code == 404


def test_a_charge_point_of_version_1_shows_its_evses(emulator: RunningEmulator) -> None:
    shown = emulator.data("/resources/charge-points/v1.0/2")["evses"]
    assert [evse["id"] for evse in shown] == [3, 4]
