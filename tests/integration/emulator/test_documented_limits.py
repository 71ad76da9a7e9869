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
