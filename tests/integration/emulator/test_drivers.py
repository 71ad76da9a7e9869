"""What drivers do at a charge point, through the control plane."""

from typing import Any

import pytest

from tests.support.emulator import RunningEmulator
from tests.support.webhooks import deliveries, store

SESSIONS, AUTHORIZATIONS = "/resources/sessions/v1.0", "/resources/authorizations/v2.0"


def new_tag(emulator: RunningEmulator, **fields: Any) -> str:
    body = {"idTagUid": "04AABBCC", "type": "rfid", "status": "enabled", "userId": emulator.new_user(), **fields}
    answer = emulator.post("/resources/id-tags/v2.0", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["idTagUid"])


def tap(emulator: RunningEmulator, tag: str) -> Any:
    return emulator.control("POST", "/evses/2/tap", {"idTag": tag})


def test_a_tag_begins_a_session_of_its_user_and_ends_it(emulator: RunningEmulator) -> None:
    tag = new_tag(emulator)
    begun = tap(emulator, tag)
    assert begun["accepted"]
    emulator.advance(3603)
    session = emulator.data(f"{SESSIONS}/{begun['sessionId']}")
    assert (session["status"], session["energy"], session["idTag"]) == ("active", 11_000, tag)
    authorization = emulator.data(f"{AUTHORIZATIONS}/{begun['authorizationId']}")
    assert (authorization["status"], authorization["method"]) == ("accepted", "id_tag")
    assert authorization.get("rejectionReason") is None
    assert authorization["userId"] == session["userId"]
    assert tap(emulator, tag)["sessionId"] == begun["sessionId"]
    session = emulator.data(f"{SESSIONS}/{begun['sessionId']}")
    assert (session["status"], session["reason"]) == ("finished", "local")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "disabled"}, "disabled"),
        ({"userId": None}, "no user"),
        ({"expireAt": "2026-05-01T00:00:00Z"}, "expired"),
    ],
)
def test_a_tag_that_does_not_authorize_leaves_a_rejected_authorization(
    emulator: RunningEmulator, fields: dict[str, Any], said: str
) -> None:
    number = store(emulator, "AuthorizationNotification")
    tapped = tap(emulator, new_tag(emulator, **fields))
    assert not tapped["accepted"]
    assert tapped["sessionId"] is None
    authorization = emulator.data(f"{AUTHORIZATIONS}/{tapped['authorizationId']}")
    assert authorization["status"] == "rejected"
    assert said in authorization["rejectionReason"]
    assert [item["payload"]["status"] for item in deliveries(emulator, number)] == ["Invalid"]


def test_an_unknown_tag_is_rejected(emulator: RunningEmulator) -> None:
    assert "unknown" in tap(emulator, "nobody's")["rejectionReason"]


def test_unplugging_ends_the_session_and_frees_the_evse(emulator: RunningEmulator) -> None:
    assert emulator.control("POST", "/evses/2/plug")["hardwareStatus"] == "preparing"
    number = tap(emulator, new_tag(emulator))["sessionId"]
    emulator.advance(1803)
    assert emulator.control("POST", "/evses/2/meter")["energy"] == 5500
    assert emulator.control("POST", "/evses/2/unplug")["hardwareStatus"] == "available"
    assert emulator.data(f"{SESSIONS}/{number}")["reason"] == "evdisconnected"


def test_a_tag_gives_its_label_and_its_payment_method(emulator: RunningEmulator) -> None:
    tag = new_tag(emulator, type="mac_address", idLabel="The blue van", paymentMethodId="corporate:1")
    begun = tap(emulator, tag)
    session = emulator.data(f"{SESSIONS}/{begun['sessionId']}")
    assert (session["idTagLabel"], session["paymentType"]) == ("The blue van", "corporate")
    assert emulator.data(f"{AUTHORIZATIONS}/{begun['authorizationId']}")["method"] == "id_tag"


def test_the_authorization_of_a_car_says_so_since_it_is_told_apart(newest: RunningEmulator) -> None:
    begun = tap(newest, new_tag(newest, type="mac_address"))
    numbers = (("2.0", "id_tag"), ("2.1", "mac_address"))
    for version, method in numbers:
        shown = newest.data(f"/resources/authorizations/v{version}/{begun['authorizationId']}")
        assert shown["method"] == method


def test_the_meter_of_a_charge_point_that_is_offline_is_not_heard(emulator: RunningEmulator) -> None:
    number = tap(emulator, new_tag(emulator))["sessionId"]
    emulator.advance(603)
    place = emulator.data(f"{SESSIONS}/{number}")["chargePointId"]
    emulator.control("PUT", f"/charge-points/{place}", {"connected": False})
    subscription = store(emulator, "SessionMeterValuesNotification")
    emulator.advance(1800)
    assert emulator.data(f"{SESSIONS}/{number}")["energy"] == round(11_000 / 6)
    changed = emulator.data(SESSIONS, **{"filter[lastUpdatedAfter]": "2026-06-01T12:20:00Z"})
    assert str(number) not in {session["id"] for session in changed}
    assert number not in {item["payload"]["sessionId"] for item in deliveries(emulator, subscription)}
    emulator.control("PUT", f"/charge-points/{place}", {"connected": True})
    assert emulator.data(f"{SESSIONS}/{number}")["energy"] == round(11_000 * 4 / 6)
