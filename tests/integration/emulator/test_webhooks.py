"""Events: who gets them, how they are signed, in which order, what happens when a delivery fails."""

import hashlib
import hmac
import json
import re
from typing import Any

from ampeco_conformance.specs import load_specification
from tests.support.emulator import PREFIX, TOKEN, RunningEmulator
from tests.support.webhooks import SUBSCRIBE, Receiver, deliveries, settled, store, subscribe

EVSE, CHARGE_POINT = 1, 1
MONTH = 32 * 86400


def charge(emulator: RunningEmulator) -> int:
    number = emulator.post(f"/actions/evse/v1.0/{EVSE}/start", {"userId": 1}).json()["sessionId"]
    emulator.advance(3600)
    assert emulator.post(f"/actions/charge-point/v1.0/{CHARGE_POINT}/stop/{number}", {}).status_code == 202
    emulator.advance(60)
    return int(number)


def test_a_delivery_is_signed_and_identified(emulator: RunningEmulator, receiver: Receiver) -> None:
    number = subscribe(emulator, receiver.address, "TariffChangedNotification")
    emulator.post("/resources/tariffs/v1.0", {"name": "New", "type": "free"})
    receiver.wait_for(1)
    headers, body = receiver.received[0]
    assert headers["x-signature"] == hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", headers["x-timestamp"])
    assert headers["x-tenant"]
    assert (headers["x-webhook-id"], headers["x-webhook-type"]) == (str(number), "TariffChangedNotification")
    payload = json.loads(body)
    assert (payload["notification"], payload["action"], payload["tariff"]["name"]) == (
        "TariffChangedNotification",
        "created",
        "New",
    )


def test_each_subscription_is_signed_with_the_token_that_made_it(emulator: RunningEmulator, receiver: Receiver) -> None:
    emulator.control("POST", "/tokens", {"token": "another-token"})
    first = subscribe(emulator, receiver.address, "TariffChangedNotification")
    channel = {"via": "webhook", "webhook": {"callbackUrl": receiver.address}}
    body = {"notifications": ["TariffChangedNotification"], **channel}
    theirs = {"Authorization": "Bearer another-token"}
    second = emulator.client.post(PREFIX + SUBSCRIBE, json=body, headers=theirs).json()["data"]["id"]
    emulator.post("/resources/tariffs/v1.0", {"name": "New", "type": "free"})
    receiver.wait_for(2)
    signed = {int(headers["x-webhook-id"]): (headers["x-signature"], sent) for headers, sent in receiver.received}
    for number, token in ((first, TOKEN), (second, "another-token")):
        signature, sent = signed[number]
        assert signature == hmac.new(token.encode(), sent, hashlib.sha256).hexdigest()
    assert "another-token" not in json.dumps(emulator.control("GET", "/state"))


def test_webhooks_go_to_loopback_only_unless_configured_otherwise(emulator: RunningEmulator) -> None:
    number = subscribe(emulator, "http://tenant.test/hook", "TariffChangedNotification")
    attempts: list[int] = []
    for anywhere in (False, True):
        emulator.control("PATCH", "/settings", {"deliverAnywhere": anywhere})
        emulator.post("/resources/tariffs/v1.0", {"name": "New", "type": "free"})
        attempts.append(settled(emulator, number, len(attempts) + 1)[-1]["attempts"])
    emulator.control("PATCH", "/settings", {"deliverAnywhere": False})
    assert attempts == [0, 5]


def test_events_are_delivered_in_order_despite_retries(emulator: RunningEmulator, receiver: Receiver) -> None:
    receiver.answers = [500, 503, 202, 500]
    number = subscribe(emulator, receiver.address, "SessionUpdateNotification")
    session = charge(emulator)
    done = settled(emulator, number, 4)
    assert {item["status"] for item in done} == {"delivered"}
    assert done[0]["attempts"] == 3
    seen: list[str] = []
    for event in receiver.events():
        if event["session"]["id"] != str(session):
            continue
        status = event["session"]["status"] + (f" {event['session'].get('paymentStatus') or ''}")
        seen += [status] if not seen or seen[-1] != status else []
    assert seen == ["pending ", "active ", "finished pending", "finished paid"]


def test_a_failed_delivery_can_be_resent_once(emulator: RunningEmulator, receiver: Receiver) -> None:
    receiver.answers = [500] * 5
    number = subscribe(emulator, receiver.address, "transaction.changed")
    resend = f"/actions/notifications/v1.0/{number}/resend"
    charge(emulator)
    failed = settled(emulator, number, 1)
    assert [(item["status"], item["attempts"]) for item in failed] == [("failed", 5)]
    wanted = {"notifications": ["transaction.changed"]}
    early = emulator.post(resend, {**wanted, "endTime": "2020-01-01T00:00:00Z"})
    assert early.status_code == 202
    assert len(receiver.received) == 5
    assert emulator.post(resend, wanted).status_code == 409
    emulator.advance(15 * 60)
    receiver.answers = [500] * 5
    assert emulator.post(resend, wanted).status_code == 202
    receiver.wait_for(10)
    settled(emulator, number, 1)
    emulator.advance(15 * 60)
    assert emulator.post(resend, wanted).status_code == 202
    assert settled(emulator, number, 1)[0]["status"] == "failed"
    assert len(receiver.received) == 10


def test_an_unreachable_receiver_does_not_delay_others(emulator: RunningEmulator, receiver: Receiver) -> None:
    receiver.answers = [500] * 100
    subscribe(emulator, receiver.address, "SessionUpdateNotification")
    emulator.control("PATCH", "/settings", {"retryPause": 60})
    charge(emulator)
    assert emulator.get("/resources/users/v1.0").status_code == 200


def test_kafka_deliveries_are_kept_and_cannot_be_resent(emulator: RunningEmulator) -> None:
    number = store(emulator, "user.invoiceDetails.changed", "UserChangedNotification")
    user = emulator.new_user(balance=0)
    kept = deliveries(emulator, number)
    assert [(item["status"], item["event"], item["payload"]["user"]["id"]) for item in kept] == [
        ("stored", "UserChangedNotification", str(user))
    ]
    answer = emulator.post(
        f"/actions/notifications/v1.0/{number}/resend", {"notifications": ["UserChangedNotification"]}
    )
    assert answer.status_code == 409
    emulator.control("POST", "/reset")
    assert deliveries(emulator, number) == []


def everything_happens(emulator: RunningEmulator) -> None:
    """A cause for every event there is."""

    def send(method: str, path: str, body: Any = None) -> Any:
        answer = emulator.client.request(method, PREFIX + path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json().get("data", answer.json()) if answer.content else {}

    charge(emulator)
    send("POST", f"/actions/charge-point/v1.0/{CHARGE_POINT}/reserve/1", {"userId": 2})
    send("PATCH", f"/resources/charge-points/v2.0/{CHARGE_POINT}", {"name": "Renamed"})
    send("PATCH", f"/resources/evses/v2.1/{EVSE}", {"physicalReference": "X1"})
    send("POST", f"/actions/charge-point/v1.0/{CHARGE_POINT}/sync-configuration", {})
    send("POST", f"/actions/charge-point/v1.0/{CHARGE_POINT}/get-diagnostics", {"location": "ftp://127.0.0.1/"})
    send("POST", f"/actions/charge-point/v1.0/{CHARGE_POINT}/reset/soft")
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}]}
    kind = {"chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Absolute"}
    profile = {"stackLevel": 0, **kind, "chargingSchedule": schedule}
    send("POST", f"/actions/charge-point/v1.0/{CHARGE_POINT}/set-charging-profile/1", profile)
    meter = send("GET", "/resources/electricity-meters/v1.0")[0]["id"]
    circuit = send("POST", "/resources/circuits/v2.0", {"name": "C", "maxCurrent": 32, "phases": "three_phase"})["id"]
    send("PATCH", f"/resources/circuits/v2.0/{circuit}", {"electricityMeterId": meter})
    send("POST", f"/actions/electricity-meter/v1.0/{meter}/report-consumption", {"currentL1": 16000})
    space = send("GET", "/resources/parking-spaces/v1.0")[0]["id"]
    for status in ("available", "occupied"):
        send("POST", f"/actions/parking-spaces/v1.0/{space}/update-occupancy-status", {"status": status})
    send("PATCH", "/resources/locations/v2.0/1", {"city": "Varna"})
    send("POST", "/resources/tariffs/v1.0", {"name": "New", "type": "free"})
    partner = send("POST", "/resources/partners/v2.0", {"name": "Partner", "businessName": "Partner"})["id"]
    send("DELETE", f"/resources/partners/v2.0/{partner}")
    send("POST", "/resources/partner-invites/v1.0", {"partnerId": 1, "email": "a@example.com"})
    send("POST", "/resources/id-tags/v2.0", {"idTagUid": "04AABBCC", "type": "rfid", "userId": 1, "status": "enabled"})
    send("PATCH", "/resources/users/v1.0/2", {"first_name": "Ada"})
    details = {"requireInvoice": True, "invoiceType": "individual", "individualName": "Ada", "country": "DK"}
    send("POST", "/resources/users/v1.0/2/invoice-details", details)
    begun = send("POST", "/resources/users/v1.0/2/payment-methods", {})["transactionId"]
    send("POST", "/resources/users/v1.0/2/payment-methods", {"transactionId": begun})
    send("POST", "/actions/users/v1.0/2/activate-subscription", {"planId": 1, "reason": "test"})
    plan = {"status": "disabled"}
    send("PATCH", "/resources/subscription-plans/v2.0/1", plan)
    job = send("GET", "/resources/installer-jobs/v1.0")[0]["id"]
    send("POST", f"/actions/installer-job/v1.0/{job}/change-status", {"status": "in_progress"})
    emulator.control("PUT", f"/charge-points/{CHARGE_POINT + 1}", {"connected": False})
    emulator.control("POST", "/cdrs", {})
    emulator.control("POST", "/data-transfers", {"chargePointId": CHARGE_POINT, "vendorId": "V", "data": "x"})
    emulator.advance(MONTH)


# Nothing in the API causes these: sub-operators and roaming platforms can only be read.
WITHOUT_CAUSE = {"SubOperatorChangedNotification", "roamingPlatform.changed"}


def test_every_event_has_a_cause_and_its_documented_payload(newest: RunningEmulator) -> None:
    emulator = newest
    post = load_specification("3.110.0").document["paths"][PREFIX + SUBSCRIBE]["post"]
    events = {*post["callbacks"], *(event for event in _names(post))}
    number = store(emulator, *sorted(events - {"PartnerChangedNotification"}))
    everything_happens(emulator)
    kept = deliveries(emulator, number)
    assert [item["violation"] for item in kept if item["violation"]] == []
    assert {item["status"] for item in kept} == {"stored"}
    assert {item["event"] for item in kept} == events - WITHOUT_CAUSE - {"PartnerChangedNotification"}
    assert len(events) == 43


def _names(post: Any) -> list[str]:
    document = load_specification("3.110.0").document

    def follow(value: Any) -> Any:
        while "$ref" in value:
            target = document
            for token in value["$ref"].split("/")[1:]:
                target = target[token]
            value = target
        return value

    body = follow(follow(post["requestBody"])["content"]["application/json"]["schema"])
    return list(follow(follow(body["properties"]["notifications"])["items"])["enum"])
