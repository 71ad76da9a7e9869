"""A body whose fields contradict each other is answered 422 with a field; one that keeps the rule is accepted."""

from typing import Any

import pytest

from tests.support.emulator import PREFIX, RunningEmulator

CHARGE_POINTS, LOCATIONS = "/resources/charge-points/v2.0", "/resources/locations/v2.0"
INVITES, SUBSCRIPTIONS = "/resources/partner-invites/v1.0", "/notifications/v2.0"
TRANSACTIONS, CIRCUITS, TARIFFS = (
    "/resources/transactions/v1.0",
    "/resources/circuits/v2.0",
    "/resources/tariffs/v1.0",
)
ASSETS, DOWNTIMES = "/resources/flexibility-assets/v1.0", "/resources/evse-downtime-periods/v1.0"
PAYMENT_METHODS = "/resources/users/v1.0/1/payment-methods"

CHARGE_POINT = {
    "name": "a",
    "status": "enabled",
    "type": "public",
    "locationId": 1,
    "communicationMode": "direct_ocpp",
}
PLANNED = CHARGE_POINT | {"subscription": {"required": True, "planIds": [1]}}
LOCATION = {"name": [], "address": [], "country": "BG", "geoposition": {"latitude": 1, "longitude": 2}}
INVITE = {"partnerId": 1, "sendViaEmail": False}
SUBSCRIPTION = {"notifications": ["idTag.changed"], "via": "webhook", "webhook": {"callbackUrl": "http://127.0.0.1:9/"}}
KAFKA = {"topic": "t", "brokers": ["b"]}
PAYMENT = {"totalAmount": 1, "status": "pending"}
CIRCUIT = {"name": "C", "maxCurrent": 32}
ASSET = {"dlmCircuitId": None, "chargePointId": None, "evseId": 1, "integrationId": 1, "status": "enabled"}
TARIFF = {"name": "T", "type": "energy tou"}
DOWNTIME = {"evseId": 1, "startedAt": "2026-06-01T13:00:00Z", "endedAt": "2026-06-01T14:00:00Z"}
PARTNERS, USERS, TAXES, FAQS, EVSES = (
    "/resources/partners/v2.0",
    "/resources/users/v1.0",
    "/resources/taxes/v2.0",
    "/resources/faqs/v2.0",
    "/resources/evses/v2.1",
)
INVOICE_DETAILS, SMART_CHARGING = f"{USERS}/1/invoice-details", f"{CHARGE_POINTS}/1/smart-charging"
USER = {"email": "rules@example.com", "password": "Secret-1-word"}
INVOICE = {"requireInvoice": True, "invoiceType": "individual", "country": "BG"}
FAQ = {"question": [{"locale": "en", "translation": "Q"}], "answer": [{"locale": "en", "translation": "A"}]}
EVSE = {"chargePointId": 1, "networkId": "3", "currentType": "ac", "physicalReference": "R", "status": "enabled"}
ONE_PHASE = {"phases": "single_phase"}
BELOW = CIRCUIT | {"parentCircuitId": 1, "phases": "three_phase", "phaseRotation": "RST"}


def _slots(*times: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"weekDay": "all", "elements": [{"startAt": start, "endAt": end} for start, end in times]}]


SLOTS = {
    "mode": "tod",
    "defaultChargePointMaxCurrent": 16,
    "maxVoltage": "230",
    "phases": "three_phase",
    "phaseRotation": "RST",
    "periods": _slots(("08:00", "09:00"), ("09:00", "10:00")),
}
LIMIT = "limitCorporateAccountBillingToPartnerChargePoints"


@pytest.mark.parametrize(
    ("path", "kept", "broken", "field"),
    [
        (CHARGE_POINTS, CHARGE_POINT | {"type": "personal", "pin": "1"}, {"pin": None}, "pin"),
        (CHARGE_POINTS, CHARGE_POINT | {"type": "personal", "pin": "12"}, {"pin": "1b"}, "pin"),
        (CHARGE_POINTS, PLANNED | {"type": "personal", "pin": "1"}, {"type": "public"}, "subscription"),
        (CHARGE_POINTS, PLANNED | {"type": "personal", "pin": "1"}, {"type": "private"}, "subscription"),
        (CHARGE_POINTS, CHARGE_POINT, {"locationId": None}, "locationId"),
        (CHARGE_POINTS, CHARGE_POINT | {"type": "private"}, {"locationId": None}, "locationId"),
        (CHARGE_POINTS, CHARGE_POINT, {"network": {"protocol": "ocpp 1.5", "port": 1}}, "network.ip"),
        (CHARGE_POINTS, CHARGE_POINT, {"network": {"protocol": "ocpp 1.5", "ip": "192.0.2.1"}}, "network.port"),
        (
            CHARGE_POINTS,
            CHARGE_POINT,
            {"communicationMode": "via_ocpp_connected_charge_point"},
            "ocppConnectedChargePointId",
        ),
        (CHARGE_POINTS, CHARGE_POINT, {"communicationMode": None}, "communicationMode"),
        (CHARGE_POINTS, CHARGE_POINT | {"electricityRateId": 1}, {"electricityRateId": 3}, "electricityRateId"),
        (LOCATIONS, LOCATION | {"timezone": "Europe/Sofia"}, {"timezone": "Europe/Nowhere"}, "timezone"),
        (LOCATIONS, LOCATION | {"timezone": "Asia/Tokyo"}, {"timezone": "EST"}, "timezone"),
        (LOCATIONS, LOCATION, {"state": "CA"}, "state"),
        (LOCATIONS, LOCATION | {"country": "US", "state": "CA"}, {"state": "NSW"}, "state"),
        (PARTNERS, {"name": "P", "country": "BG"}, {"state": "CA"}, "state"),
        (USERS, USER | {"country": "AU", "state": "NSW"}, {"country": "CA", "state": "AB"}, "state"),
        (INVOICE_DETAILS, INVOICE, {"state": "CA"}, "state"),
        (TAXES, {"name": "T", "percentage": 7}, {"displayName": [{"locale": "?", "translation": "T"}]}, "displayName"),
        (FAQS, FAQ, {"question": [{"locale": "no language", "translation": "Q"}]}, "question"),
        (TARIFFS, TARIFF | {"pricing": {"minPrice": 1.12345}}, {"pricing": {"minPrice": 1.123456}}, "pricing"),
        (SMART_CHARGING, SLOTS, {"periods": _slots(("08:00", "09:30"))}, "periods"),
        (SMART_CHARGING, SLOTS, {"periods": _slots(("08:00", "09:00")) + _slots(("09:00", "10:00"))}, "periods"),
        (CIRCUITS, BELOW | {"phases": "three_phase", "phaseRotation": "RST"}, {"phaseRotation": None}, "phaseRotation"),
        (CIRCUITS, BELOW | {"phases": "split_phase", "connectedPhase": "L1_L2"}, {"connectedPhase": None}, ""),
        (CIRCUITS, BELOW, {"loadBalancingIntegration": {"id": 1}}, "parentCircuitId"),
        (EVSES, EVSE, {"powerOptions": ONE_PHASE | {"connectedPhase": "L1_L2"}}, "powerOptions.connectedPhase"),
        (
            EVSES,
            EVSE,
            {"powerOptions": {"phases": "three_phase", "connectedPhase": "L1"}},
            "powerOptions.connectedPhase",
        ),
        (LOCATIONS, LOCATION, {"workingHours": {"isAlwaysOpen": False}}, "workingHours.hours"),
        (INVITES, INVITE, {"sendViaEmail": None}, "email"),
        (INVITES, INVITE, {"email": "a@example.com"}, "email"),
        (INVITES, INVITE, {"language": "en"}, "language"),
        (INVITES, INVITE, {"options": {"allowCorporateAccountBilling": True}}, f"options.{LIMIT}"),
        (SUBSCRIPTIONS, SUBSCRIPTION, {"webhook": None}, "webhook"),
        (SUBSCRIPTIONS, SUBSCRIPTION, {"via": "kafka", "webhook": None}, "kafka"),
        (SUBSCRIPTIONS, SUBSCRIPTION, {"kafka": KAFKA}, "kafka"),
        (TRANSACTIONS, PAYMENT, {"paymentMethod": {"methodType": "card"}}, "paymentMethod.cardNetwork"),
        (TRANSACTIONS, PAYMENT, {"paymentMethod": {"methodType": "wallet"}}, "paymentMethod.walletType"),
        (TRANSACTIONS, PAYMENT, {"paymentMethod": {"methodType": "bank_transfer"}}, "paymentMethod.bankTransferType"),
        (CIRCUITS, CIRCUIT | {"phases": "single_phase", "connectedPhase": "L2"}, {"phases": "split_phase"}, ""),
        (CIRCUITS, CIRCUIT | {"phases": "split_phase", "connectedPhase": "L1_L2"}, {"connectedPhase": "L1"}, ""),
        (ASSETS, ASSET, {"chargePointId": 1}, "evseId"),
        (ASSETS, ASSET, {"dlmCircuitId": 1}, "evseId"),
        (ASSETS, ASSET | {"evseId": None, "chargePointId": 1}, {"dlmCircuitId": 1}, "chargePointId"),
        (TARIFFS, TARIFF, {"pricing": {"chargePointElectricityRate": False}}, "pricing.fallbackElectricityRateId"),
        (DOWNTIMES, DOWNTIME | {"noticeId": 1}, {"noticeId": 2}, "noticeId"),
        (PAYMENT_METHODS, {"tokenizedType": "card"}, {"tokenizedType": "bank_transfer"}, "bankTransferType"),
    ],
)
def test_a_contradiction_is_refused(
    newest: RunningEmulator, path: str, kept: dict[str, Any], broken: dict[str, Any], field: str
) -> None:
    body = {name: value for name, value in {**kept, **broken}.items() if value is not None or name in ASSET}
    answer = newest.post(path, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field or "connectedPhase"])
    assert newest.post(path, kept).is_success


def test_an_update_is_judged_with_what_the_record_has(emulator: RunningEmulator) -> None:
    number = emulator.post(CHARGE_POINTS, CHARGE_POINT).json()["data"]["id"]
    path = f"{PREFIX}{CHARGE_POINTS}/{number}"
    assert emulator.client.patch(path, json={"type": "personal"}).status_code == 422
    assert emulator.client.patch(path, json={"type": "personal", "pin": "1234"}).status_code == 200
    assert emulator.client.patch(path, json={"pin": None, "name": "b"}).status_code == 422
    assert emulator.client.patch(path, json={"name": "b"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (f"{CHARGE_POINTS}/1", {"locationId": None}, "locationId"),
        (f"{LOCATIONS}/1", {"timezone": "Europe"}, "timezone"),
        (f"{LOCATIONS}/1", {"workingHours": {"isAlwaysOpen": False}}, "workingHours.hours"),
        (f"{USERS}/1", {"country": "US", "state": "NSW"}, "state"),
        (f"{DOWNTIMES}/1", {"noticeId": 2}, "noticeId"),
    ],
)
def test_an_update_that_contradicts_the_record_is_refused(
    newest: RunningEmulator, path: str, change: dict[str, Any], field: str
) -> None:
    answer = newest.client.patch(PREFIX + path, json=change)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_evses_of_a_parking_space_belong_to_one_zone(emulator: RunningEmulator) -> None:
    zone = emulator.post(f"{LOCATIONS}/1/charging-zones", {"name": "Z", "status": "enabled"}).json()["data"]["id"]
    emulator.client.patch(f"{PREFIX}{CHARGE_POINTS}/1", json={"chargingZoneId": zone})
    space = {"label": "P1", "locationId": 1}
    refused = emulator.post("/resources/parking-spaces/v1.0", space | {"evses": [1, 3]})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["evses"])
    assert emulator.post("/resources/parking-spaces/v1.0", space | {"evses": [1, 2]}).status_code == 201


def test_a_parking_space_that_was_given_no_evses_has_none(emulator: RunningEmulator) -> None:
    path, kept = "parking-spaces/v1.0", {"label": "Bay", "locationId": 1}
    never, replaced = emulator.create(path, kept), emulator.create(path, {**kept, "evses": [1]})
    emulator.client.put(f"{PREFIX}/resources/{path}/{replaced}", json=kept).raise_for_status()
    for space in (never, replaced):
        assert emulator.data(f"/resources/{path}/{space}", **{"include[]": "evses"})["evses"] == []
        assert space not in {entry["id"] for entry in emulator.data(f"/resources/{path}", **{"filter[evseId]": 1})}


def test_only_a_private_charge_point_with_an_owner_is_shared_with_partners(emulator: RunningEmulator) -> None:
    share = {"partnerIds": [1]}
    number = emulator.post(CHARGE_POINTS, CHARGE_POINT | {"type": "private"}).json()["data"]["id"]
    path = f"{PREFIX}{CHARGE_POINTS}/{number}"
    assert emulator.client.put(f"{path}/shared-partners", json=share).status_code == 422
    emulator.client.patch(path, json={"partner": {"id": 1, "accessType": "private_view_private_use"}})
    assert emulator.client.put(f"{path}/shared-partners", json=share).status_code == 204


def test_the_charge_points_of_a_circuit_have_its_configuration(emulator: RunningEmulator) -> None:
    emulator.post(SMART_CHARGING, SLOTS | {"electricalConfiguration": "delta"})
    circuit = emulator.post(CIRCUITS, CIRCUIT | {"phases": "three_phase"}).json()["data"]["id"]
    attach = f"/actions/circuit/v2.0/{circuit}/attach-charge-point"
    refused = emulator.post(attach, {"chargePointId": 1})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["chargePointId"])
    assert emulator.post(attach, {"chargePointId": 2}).status_code == 202
    path = f"{PREFIX}{CIRCUITS}/{circuit}"
    assert emulator.client.patch(path, json={"electricalConfiguration": "delta"}).status_code == 422
    emulator.post(f"/actions/circuit/v2.0/{circuit}/detach-charge-point/2")
    assert emulator.client.patch(path, json={"electricalConfiguration": "delta"}).status_code == 200
