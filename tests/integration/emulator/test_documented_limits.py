"""Limits and conditions that the documentation states in one sentence each, on the emulator."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.emulator import NOON, PREFIX, TOKEN, RunningEmulator

USERS, SESSIONS, TARIFFS = "/resources/users/v1.0", "/resources/sessions/v1.0", "/resources/tariffs/v1.0"
GROUPS, EVSES, ASSETS = "/resources/tariff-groups/v1.0", "/resources/evses/v2.1", "/resources/flexibility-assets/v1.0"
TAGS = "/resources/id-tags/v2.0"
START = "/actions/evse/v1.0/1/start"
RECORDS = "/v1/charge-records"


def test_a_page_has_at_most_100_items(emulator: RunningEmulator) -> None:
    sizes = [emulator.get(USERS, **query).json()["meta"]["per_page"] for query in ({}, {"per_page": 101})]
    assert sizes == [100, 100]


def test_answers_have_a_trace_id_of_their_own(emulator: RunningEmulator) -> None:
    ids = [emulator.get(USERS, per_page=1).headers["x-req-trace-id"] for _ in range(2)]
    assert ids[0] != ids[1]


def test_only_deprecated_operations_announce_their_end(newest: RunningEmulator) -> None:
    old, new = (newest.get(f"/resources/locations/{version}", per_page=1).headers for version in ("v1.0", "v2.0"))
    assert {"deprecation", "sunset"} <= set(old)
    assert not {"deprecation", "sunset"} & set(new)


def test_a_user_with_an_unpaid_session_is_refused(emulator: RunningEmulator) -> None:
    debtor = next(item["userId"] for item in emulator.data(SESSIONS, per_page=100) if item["paymentStatus"] == "failed")
    assert emulator.post(START, {"userId": debtor}).json()["errorCode"] == "PREVIOUS_SESSION_NOT_PAID"


def test_an_expired_payment_method_is_refused(emulator: RunningEmulator) -> None:
    method = emulator.data(f"{USERS}/2/payment-methods")[0]
    body = {"userId": 2, "paymentMethodId": method["id"]}
    state = emulator.control("GET", "/state")
    for known in state["families"]["payment-methods"]["records"]:
        known["fields"] |= {"expireYear": 2026, "expireMonth": 5}
    emulator.control("PUT", "/state", state)
    assert emulator.post(START, body).json()["errorCode"] == "CANNOT_USE_EXPIRED_PAYMENT_METHOD"
    emulator.control("POST", "/reset")
    assert emulator.post(START, body).json()["success"]


def test_a_charge_point_numbers_its_evses_itself(emulator: RunningEmulator) -> None:
    evse = next(item for item in emulator.data(EVSES) if (item["chargePointId"], item["networkId"]) == (2, "2"))
    started = emulator.post("/actions/charge-point/v1.0/2/start/2", {"userId": 2}).json()
    assert emulator.data(f"{SESSIONS}/{started['sessionId']}")["evseId"] == evse["id"] != 2


def test_statistics_have_at_most_300_points(emulator: RunningEmulator) -> None:
    session = emulator.post(START, {"userId": 2}).json()["sessionId"]
    emulator.advance(6 * 3600)
    assert len(emulator.data(f"{SESSIONS}/{session}/consumption-stats")) == 300


def test_the_filter_by_user_needs_the_filter_by_group(emulator: RunningEmulator) -> None:
    assert emulator.data(TARIFFS, **{"filter[userId]": 1}) == []
    assert len(emulator.data(TARIFFS, **{"filter[userId]": 1, "filter[tariffGroupId]": 1})) == 1


def started_at_price(emulator: RunningEmulator, **pricing: float) -> str:
    """The path of a session at a tariff of its own."""
    tariff = {"name": "T", "type": "duration+energy", "pricing": pricing}
    number = emulator.post(TARIFFS, tariff).json()["data"]["id"]
    group = emulator.post(GROUPS, {"name": "G", "tariffIds": [number]}).json()["data"]["id"]
    emulator.client.patch(f"{PREFIX}{EVSES}/1", json={"tariffGroupId": group})
    return f"{SESSIONS}/{emulator.post(START, {'userId': 2}).json()['sessionId']}"


def test_a_tariff_has_a_tax_of_its_own_where_several_are_on(emulator: RunningEmulator) -> None:
    assert emulator.data(started_at_price(emulator, pricePerKwh=1, taxID=2))["tax"]["taxId"] == 2


def test_a_currency_has_decimals_of_totals_and_of_unit_prices(emulator: RunningEmulator) -> None:
    decimals = {"alphabeticCode": "EUR", "decimal": 0, "unitPriceAndCalculationsDecimal": 2}
    emulator.client.patch(f"{PREFIX}/resources/currencies/v2.0/1", json=decimals)
    session = started_at_price(emulator, pricePerKwh=0.333)
    emulator.advance(3603)
    shown = emulator.data(session, withPriceBreakdown="true")
    # 11 kWh x 0.333 = 3.663.
    assert shown["totalAmount"]["withTax"] == 4
    assert shown["priceBreakdown"][0]["pricePerUnit"]["withTax"] == 0.33


@pytest.mark.parametrize(("feature", "field"), [("reservations", "allowsReservation"), ("bookings", "bookingEnabled")])
def test_an_evse_cannot_use_a_feature_that_is_off(emulator: RunningEmulator, feature: str, field: str) -> None:
    emulator.control("PATCH", "/settings", {"featuresOff": [feature]})
    try:
        used, unused = (emulator.client.patch(f"{PREFIX}{EVSES}/1", json={field: value}) for value in (True, False))
    finally:
        emulator.control("PATCH", "/settings", {"featuresOff": []})
    assert (used.status_code, list(used.json()["errors"]), unused.status_code) == (422, [field], 200)


def test_an_evse_that_can_be_booked_can_be_reserved(emulator: RunningEmulator) -> None:
    for field, value in (("allowsReservation", False), ("bookingEnabled", True)):
        emulator.client.patch(f"{PREFIX}{EVSES}/1", json={field: value})
    assert emulator.data(f"{EVSES}/1")["allowsReservation"]


@pytest.mark.parametrize(
    ("method", "path", "change"),
    [("PUT", f"{GROUPS}/1", {"name": "Edited", "tariffIds": [1]}), ("PATCH", f"{TAGS}/1", {"idTagLabel": "Edited"})],
)
def test_the_partner_of_a_record_may_edit_it(
    emulator: RunningEmulator, method: str, path: str, change: dict[str, Any]
) -> None:
    emulator.control("POST", "/tokens", {"token": "of-partner-1", "partnerId": 1})

    def edit(token: str, **more: Any) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return emulator.client.request(method, PREFIX + path, json=change | more, headers=headers).status_code

    assert [edit(TOKEN, partnerId=2), edit("of-partner-1")] == [200, 403]
    assert [edit(TOKEN, partnerId=1), edit("of-partner-1")] == [200, 200]


def test_status_end_and_binding_of_an_asset_stay_in_an_update(newest: RunningEmulator) -> None:
    bound = {"dlmCircuitId": None, "chargePointId": 1, "evseId": None, "status": "enabled"}
    asset = newest.post(ASSETS, {**bound, "integrationId": 1, "endsAt": "2026-06-01T18:00:00Z"}).json()["data"]
    other = {"status": "disabled", "endsAt": None, "chargePointId": 2, "maxCapacity": 7}
    newest.client.patch(f"{PREFIX}{ASSETS}/{asset['id']}", json=other)
    shown = newest.data(f"{ASSETS}/{asset['id']}")
    assert {name: shown[name] for name in (*bound, "endsAt")} == {name: asset[name] for name in (*bound, "endsAt")}


def test_a_charge_records_key_is_checked_and_limited(start: Callable[..., RunningEmulator]) -> None:
    emulator = start("--api", "spirii", "--clock", NOON, "--rate-limit", "600")
    emulator.control("POST", "/tokens", {"token": "without-permission", "role": "no-access"})
    answers: dict[str, Any] = {
        token: emulator.client.get(RECORDS, headers={"Authorization": f"Bearer {token}"})
        for token in ("unknown", "without-permission")
    }
    assert [answer.status_code for answer in answers.values()] == [401, 403]
    assert {answer.headers["x-ratelimit-limit"] for answer in answers.values()} <= {"600"}
    assert int(emulator.client.get(RECORDS).headers["x-ratelimit-remaining"]) < 600


def made(emulator: RunningEmulator, path: str, **body: Any) -> Any:
    answer = emulator.post(path, body)
    assert answer.is_success, answer.text
    return answer.json()["data"]


def changed(emulator: RunningEmulator, path: str, **body: Any) -> None:
    answer = emulator.client.patch(PREFIX + path, json=body)
    assert answer.is_success, answer.text


@pytest.mark.parametrize(("number", "status"), [("1", 201), ("2", 422)])
def test_the_numbers_of_evses_have_no_gaps(newest: RunningEmulator, number: str, status: int) -> None:
    place = {"communicationMode": "direct_ocpp", "name": "New", "type": "public", "locationId": 1, "status": "enabled"}
    charge_point = made(newest, "/resources/charge-points/v2.0", **place)["id"]
    body = {"chargePointId": charge_point, "currentType": "ac", "status": "enabled", "physicalReference": "X1"}
    assert newest.post(EVSES, {**body, "networkId": number}).status_code == status
    if status == 201:
        assert newest.post(EVSES, {**body, "networkId": "3"}).status_code == 422
        assert newest.post(EVSES, {**body, "networkId": "2"}).status_code == 201


def test_a_template_that_persists_is_set_again_at_each_boot(newest: RunningEmulator) -> None:
    templates = "/resources/configuration-templates/v1.0"
    number = made(newest, templates, name="Mine", ocppVersion="ocpp 1.6")["id"]
    made(newest, f"{templates}/{number}/variables", keyName="Mine", value="7")
    keys = "/resources/charge-points/v2.0/1/configurations"

    def value_after_boot(*, persists: bool) -> str:
        applied = {"chargePointIds": [1], "shouldPersist": persists}
        assert newest.post(f"/actions/configuration-template/v1.0/{number}/apply-to-charge-points", applied).is_success
        changed(newest, f"{keys}/Mine", value="8")
        assert newest.post("/actions/charge-point/v1.0/1/reset/hard", {}).is_success
        newest.advance(60)
        return str(newest.data(f"{keys}/Mine")["key"]["value"])

    assert [value_after_boot(persists=persists) for persists in (True, False)] == ["7", "8"]


def test_a_long_finished_session_has_at_most_300_intervals(emulator: RunningEmulator) -> None:
    profile = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 100}]}
    shaped = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": profile,
    }
    session = emulator.post(START, {"userId": 2, "chargingProfile": shaped}).json()["sessionId"]
    emulator.advance(5 * 86400)
    query = {"withClockAlignedEnergyConsumption": "true"}
    running = emulator.data(f"{SESSIONS}/{session}", **query)["clockAlignedEnergyConsumption"]
    emulator.post(f"/actions/charge-point/v1.0/1/stop/{session}", {})
    shown = emulator.data(f"{SESSIONS}/{session}", **query)
    finished = shown["clockAlignedEnergyConsumption"]
    assert len(running) > 450
    assert 150 < len(finished) <= 300
    assert sum(interval["energyConsumed"] for interval in finished) == shown["energy"]
    assert [interval["start"] for interval in finished[1:]] == [interval["end"] for interval in finished[:-1]]


def contract(emulator: RunningEmulator, **terms: Any) -> int:
    """A contract of partner 1, which is in force at charge point 1."""
    made_up = {"title": "Terms", "partnerId": 1, "startDate": "2026-01-01T00:00:00Z", **terms}
    number = made(emulator, "/resources/partner-contracts/v1.0", **made_up)["id"]
    changed(emulator, "/resources/charge-points/v2.0/1", partner={"id": 1, "contractId": number})
    return int(number)


def test_electricity_is_taken_off_before_the_revenue_is_shared(newest: RunningEmulator) -> None:
    contract(newest, revenueSharing={"partnerSharePercentageAcEvse": 50, "deductElectricityCost": True})
    rate = made(newest, "/resources/electricity-rates/v2.0", name="Mine", defaultPrice=0.2, taxPercentage=0)["id"]
    changed(newest, "/resources/charge-points/v2.0/1", electricityRateId=rate)
    tariff = made(newest, TARIFFS, name="Priced", type="duration+energy", pricing={"pricePerKwh": 0.5})["id"]
    group = made(newest, GROUPS, name="Priced", tariffIds=[tariff])["id"]
    changed(newest, f"{EVSES}/1", tariffGroupId=group)
    session = newest.post(START, {"userId": newest.new_user()}).json()["sessionId"]
    newest.advance(3603)
    assert newest.post(f"/actions/charge-point/v1.0/1/stop/{session}", {}).is_success
    newest.advance(60)
    shown = newest.data(f"{SESSIONS}/{session}")
    assert shown["electricityCost"] == pytest.approx(0.2 * shown["energy"] / 1000, abs=0.006)
    shared = shown["totalAmount"]["withoutTax"] - shown["electricityCost"]
    revenues = newest.data("/resources/partner-revenues/v1.1", per_page=100)
    [share] = [item["partnerShare"] for item in revenues if item["chargingSessionId"] == session]
    assert share == pytest.approx(shared / 2, abs=0.006)


def test_monthly_fees_are_charged_without_tax_for_what_the_contract_covers(newest: RunningEmulator) -> None:
    number = contract(newest, monthlyPlatformFees={"perChargePoint": 3, "perAcEvse": 2, "perDcEvse": 50})
    before = {item["id"] for item in newest.data("/resources/partner-expenses/v1.1", per_page=100)}
    newest.advance(32 * 86400)
    listed = newest.data("/resources/partner-expenses/v1.1", per_page=100, withBreakdown="true")
    [fee] = [item for item in listed if item["id"] not in before and item["partnerId"] == 1]
    [part] = [item for item in fee["breakdown"] if item["partnerContractId"] == number]
    evses = [item for item in newest.data(EVSES, per_page=100) if item["chargePointId"] == 1]
    assert {item["currentType"] for item in evses} == {"ac"}
    assert part["totalPlatformFeeAcEvses"] == 2 * len(evses)
    totals = ("totalPlatformFeeChargePoints", "totalPlatformFeeAcEvses", "totalPlatformFeeDcEvses")
    own = newest.data("/resources/partners/v2.0/1").get("monthlyPlatformFee") or 0
    charged = sum(item[name] for item in fee["breakdown"] for name in totals)
    # The seeded contract of the partner has fees, too.
    assert fee["totalAmount"]["withoutTax"] == charged > own + 3 + 2 * len(evses)
    assert fee["origin"] == "platform-fee-cpo"
