"""Snapshots, state files, determinism."""

from collections.abc import Callable
from typing import Any

from tests.support.emulator import NOON, RunningEmulator

START = "/actions/evse/v1.0/1/start"


def live(emulator: RunningEmulator) -> list[Any]:
    """Make some changes; gives the responses."""
    answers = [emulator.post(START, {"userId": 2}).json()]
    emulator.advance(3600)
    answers.append(emulator.data("/resources/sessions/v1.0", per_page=100, withPriceBreakdown="true"))
    emulator.post("/resources/taxes/v2.0", {"name": "VAT", "percentage": 7})
    answers.append(emulator.data("/resources/taxes/v2.0"))
    return answers


def test_a_restored_state_equals_the_saved_one(emulator: RunningEmulator) -> None:
    live(emulator)
    saved = emulator.control("GET", "/state")
    before = emulator.data("/resources/sessions/v1.0")
    live(emulator)
    emulator.control("PUT", "/state", saved)
    assert emulator.control("GET", "/state") == saved
    assert emulator.data("/resources/sessions/v1.0") == before


def test_a_restored_session_continues(emulator: RunningEmulator) -> None:
    number = emulator.post(START, {"userId": 2}).json()["sessionId"]
    saved = emulator.control("GET", "/state")
    emulator.control("POST", "/reset")
    emulator.control("PUT", "/state", saved)
    emulator.advance(3603)
    assert emulator.data(f"/resources/sessions/v1.0/{number}")["energy"] == 11_000


def test_the_same_calls_give_the_same_answers(emulator: RunningEmulator, start: Callable[..., RunningEmulator]) -> None:
    assert live(emulator) == live(start("--clock", NOON))


def test_a_state_written_by_an_earlier_release_is_restored(emulator: RunningEmulator) -> None:
    """The format of commit 873f417, with a scheduled step."""
    fields = {"id": 7, "userId": 1, "evseId": 1, "status": "active", "lastUpdatedAt": NOON}
    emulator.control(
        "PUT",
        "/state",
        {
            "format": 1,
            "apiVersion": "3.90.0",
            "clockOffset": 0.0,
            "schedule": [["2026-06-01T12:30:00.000000+00:00", 1, "reservation.expire", "reservations", 7]],
            "families": {
                "reservations": {
                    "lastId": 9,
                    "records": [{"id": 7, "fields": fields, "parents": {"evses": "1"}, "state": {"reason": "test"}}],
                }
            },
            "singles": {"settled-months []": {"month": "2026-06-01"}},
            "running": [],
        },
    )
    assert [(item["id"], item["status"]) for item in emulator.data("/resources/reservations/v1.0")] == [(7, "active")]
    emulator.advance(1801)
    assert [item["status"] for item in emulator.data("/resources/reservations/v1.0")] == ["expired"]


def test_a_snapshot_of_another_version_is_refused(emulator: RunningEmulator) -> None:
    saved = emulator.control("GET", "/state") | {"apiVersion": "3.66.0"}
    answer = emulator.client.put("/_emulator/state", json=saved)
    assert answer.status_code == 422
    assert "3.66.0" in answer.json()["message"]
