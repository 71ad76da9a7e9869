"""An emulator with the real clock: what falls due happens without a request."""

import hashlib
import hmac
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

from ampeco_emulator.clock import parse_timestamp
from tests.support.emulator import NOON, TOKEN, RunningEmulator
from tests.support.webhooks import Receiver, settled, subscribe

UPDATES, METERS = "SessionUpdateNotification", "SessionMeterValuesNotification"


def test_a_session_becomes_active_without_a_request(start: Callable[..., RunningEmulator], receiver: Receiver) -> None:
    emulator = start()
    subscribe(emulator, receiver.address, UPDATES, METERS)
    number = emulator.post("/actions/evse/v1.0/2/start", {"userId": 1}).json()["sessionId"]
    deadline = time.monotonic() + 20
    # Other sessions report as well.
    while len(own := [event for event in receiver.events() if _session_of(event) == number]) < 3:
        assert time.monotonic() < deadline, own
        time.sleep(0.01)
    assert [event["notification"] for event in own] == [UPDATES, UPDATES, METERS]
    assert [event["session"]["status"] for event in own[:2]] == ["pending", "active"]
    for headers, body in receiver.received:
        assert headers["x-signature"] == hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()


def _session_of(event: Any) -> int:
    """The id of the session that an event is about."""
    return int(event["session"]["id"] if "session" in event else event["sessionId"])


def test_the_date_header_tells_the_time_of_the_api(emulator: RunningEmulator) -> None:
    emulator.advance(3600)
    answer = emulator.get("/resources/users/v1.0")
    ahead = parsedate_to_datetime(answer.headers["Date"]) - parse_timestamp(NOON)
    assert ahead.total_seconds() == 3600
    assert len(answer.headers.get_list("Date")) == 1


def test_the_meter_of_a_session_reports_once_a_minute(emulator: RunningEmulator, receiver: Receiver) -> None:
    subscription = subscribe(emulator, receiver.address, METERS)
    emulator.post("/actions/evse/v1.0/2/start", {"userId": 1})
    for _ in range(7):
        emulator.advance(30)
    # Other sessions report as well.
    settled(emulator, subscription, 4)
    moments = [event["meterValues"][0]["timestamp"][14:19] for event in receiver.events() if event["evseId"] == 2]
    assert moments == ["00:30", "01:30", "02:30", "03:30"]


def test_a_filter_finds_running_sessions_by_the_time_of_their_update(emulator: RunningEmulator) -> None:
    number = emulator.post("/actions/evse/v1.0/2/start", {"userId": 1}).json()["sessionId"]
    listing, late = "/resources/sessions/v1.0", {"filter[lastUpdatedAfter]": "2026-06-01T12:04:00Z"}
    emulator.advance(120)
    assert emulator.data(listing, **late) == []
    emulator.advance(180)
    assert number in [int(item["id"]) for item in emulator.data(listing, **late)]


def test_a_repeated_filter_sees_what_changes(emulator: RunningEmulator) -> None:
    def active() -> list[int]:
        return [int(item["id"]) for item in emulator.data("/resources/sessions/v1.0", **{"filter[status]": "active"})]

    emulator.advance(5)
    before = active()
    number = emulator.post("/actions/evse/v1.0/2/start", {"userId": 1}).json()["sessionId"]
    assert active() == before
    emulator.advance(5)
    assert active() == [*before, number]
    emulator.post(f"/actions/charge-point/v1.0/1/stop/{number}", {})
    assert active() == before
