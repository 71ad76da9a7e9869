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
