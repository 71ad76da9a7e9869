"""The control plane: what it documents, what it takes, what it does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from tests.support.emulator import NOON, PREFIX, RunningEmulator

USERS = "/resources/users/v1.0"
START = "/actions/evse/v1.0/1/start"


def as_token(
    emulator: RunningEmulator, method: str, path: str, body: Any = None, token: str = "limited"
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return emulator.client.request(method, PREFIX + path, json=body, headers=headers)


def test_the_openapi_document_is_valid_and_describes_every_operation(emulator: RunningEmulator) -> None:
    document = emulator.control("GET", "/openapi.json")
    validate(document)
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    for method, path in documented:
        sent = path.replace("{evse}", "1").replace("{chargePoint}", "1")
        answer = emulator.client.request(method, f"/_emulator{sent}", json={"no-such-field": 1})
        assert answer.status_code in (200, 422), f"{method} {path}: {answer.text}"
        others = {"GET", "POST", "PUT", "PATCH", "DELETE"} - {other for other, known in documented if known == path}
        for other in others:
            assert emulator.client.request(other, f"/_emulator{sent}", json={}).status_code == 405
    manual = Path("docs/guide/emulator.md").read_text(encoding="utf-8")
    assert [path for _, path in documented if f"{path}`" not in manual and f"{path} " not in manual] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("POST", "/clock", {"advance": -1}, "advance"),
        ("POST", "/clock", {}, "advance"),
        ("POST", "/clock", [], "object"),
        ("PUT", "/defects", {"defect": "no-such"}, "no-such"),
        ("PUT", "/evses/1", {"charger": "moody"}, "charger"),
        ("PUT", "/state", {"format": 1}, "snapshot"),
        ("PATCH", "/settings", {"unsupported": ["flying"]}, "unsupported"),
        ("POST", "/tokens", {"token": "t", "role": "king"}, "role"),
    ],
)
def test_an_invalid_request_is_refused_with_the_reason(
    emulator: RunningEmulator, method: str, path: str, body: Any, named: str
) -> None:
    answer = emulator.client.request(method, f"/_emulator{path}", json=body)
    assert answer.status_code == 422
    assert named in answer.json()["message"]


def test_a_missing_record_is_not_found(emulator: RunningEmulator) -> None:
    assert emulator.client.put("/_emulator/evses/999", json={"charger": "slow"}).status_code == 404
    assert emulator.client.put("/_emulator/charge-points/999", json={"connected": True}).status_code == 404


def test_a_partner_token_sees_only_records_of_the_partner(emulator: RunningEmulator) -> None:
    emulator.client.patch(f"{PREFIX}/resources/charge-points/v2.0/3", json={"partner": {"id": 2}})
    emulator.control("POST", "/tokens", {"token": "limited", "partnerId": 2})
    points = as_token(emulator, "GET", "/resources/charge-points/v2.0").json()["data"]
    assert [item["id"] for item in points] == [3]
    evses = as_token(emulator, "GET", "/resources/evses/v2.1").json()["data"]
    assert {item["chargePointId"] for item in evses} == {3}
    assert as_token(emulator, "GET", "/resources/charge-points/v2.0/1").status_code == 403
    assert as_token(emulator, "GET", "/resources/charge-points/v2.0/3").status_code == 200
    renamed = as_token(emulator, "PATCH", "/resources/charge-points/v2.0/3", {"name": "Mine"})
    assert renamed.status_code == 200
    given = as_token(emulator, "PATCH", "/resources/charge-points/v2.0/3", {"partner": {"id": 1}})
    assert given.status_code == 403
    given = as_token(emulator, "PATCH", "/resources/charge-points/v1.0/3", {"ownerPartnerId": 1})
    assert given.status_code == 403
    assert as_token(emulator, "POST", START, {}).status_code == 403
    assert as_token(emulator, "GET", "/resources/taxes/v2.0/6").status_code == 200
    assert as_token(emulator, "DELETE", "/resources/taxes/v2.0/6").status_code == 403


def test_an_operator_token_is_limited_to_the_operator(newest: RunningEmulator) -> None:
    newest.control("POST", "/tokens", {"token": "limited", "operatorId": 2})
    listed = as_token(newest, "GET", "/resources/sub-operators/v1.0").json()["data"]
    assert [int(item["id"]) for item in listed] == [2]
    assert as_token(newest, "GET", "/resources/sub-operators/v1.0/1").status_code == 403


@pytest.mark.parametrize(
    ("charger", "answered", "later"),
    [
        ("accept", (True, "pending"), "active"),
        ("slow", (True, "pending"), "pending"),
        ("faulty", (True, "pending"), "active"),
        ("reject", (False, None), None),
        ("offline", (False, None), None),
    ],
)
def test_a_charger_responds_to_commands_as_set(
    emulator: RunningEmulator, charger: str, answered: tuple[bool, str | None], later: str | None
) -> None:
    emulator.control("PUT", "/evses/1", {"charger": charger})
    answer = emulator.post(START, {"userId": 2}).json()
    number = answer["sessionId"]
    status = emulator.data(f"/resources/sessions/v1.0/{number}")["status"] if number else None
    assert (answer["success"], status) == answered
    emulator.advance(30)
    if number:
        assert emulator.data(f"/resources/sessions/v1.0/{number}")["status"] == later
        emulator.advance(60)
        finally_ = emulator.data(f"/resources/sessions/v1.0/{number}")["status"]
        assert finally_ == ("finished" if charger == "faulty" else "active")


def test_a_disconnected_charge_point_rejects_commands(newest: RunningEmulator) -> None:
    emulator = newest
    path = "/resources/charge-points/v2.0/1"
    emulator.control("PUT", "/charge-points/1", {"connected": False})
    assert emulator.data(path)["networkStatus"] == "temporarily_unavailable"
    assert emulator.data(f"{path}/latest-network-status-log")["status"] == "temporarily unavailable"
    assert emulator.post("/actions/charge-point/v1.0/1/unlock/1").status_code == 406
    assert emulator.post("/actions/charge-point/v1.0/1/reset/soft").json() == {"success": False}
    emulator.control("PUT", "/charge-points/1", {"connected": True})
    assert emulator.post("/actions/charge-point/v1.0/1/unlock/1").status_code == 202


@pytest.mark.parametrize("kind", ["charge-point", "evse"])
def test_the_time_without_connection_is_a_downtime(newest: RunningEmulator, kind: str) -> None:
    listing = f"/resources/{kind}-downtime-periods/v1.0"
    before = [item["id"] for item in newest.data(listing, per_page=100)]

    def noted() -> list[dict[str, Any]]:
        return [item for item in newest.data(listing, per_page=100) if item["id"] not in before]

    newest.control("PUT", "/charge-points/1", {"connected": False})
    for period in noted():
        assert (period["chargePointId"], period["entryMode"], period["type"]) == (1, "automatic", "downtime")
        assert (period["startedAt"], period["endedAt"]) == ("2026-06-01T12:00:00Z", None)
        assert period["statuses"]["network"] == "temporarily unavailable"
    newest.advance(1800)
    newest.control("PUT", "/charge-points/1", {"connected": True})
    newest.advance(1800)
    assert [item["endedAt"] for item in noted()] == ["2026-06-01T12:30:00Z"] * {"charge-point": 1, "evse": 2}[kind]


def test_an_unsupported_feature_gets_501(emulator: RunningEmulator) -> None:
    path, body = "/actions/charge-point/v2.0/1/install-certificate", {"certificateType": "V2GRootCertificate"}
    assert emulator.post(path, body).status_code == 202
    emulator.control("PATCH", "/settings", {"unsupported": ["certificates"]})
    answer = emulator.post(path, body)
    emulator.control("PATCH", "/settings", {"unsupported": []})
    assert answer.status_code == 501


def test_settings_hold_until_they_are_changed(emulator: RunningEmulator) -> None:
    before = emulator.control("GET", "/settings")
    emulator.control("PATCH", "/settings", {"appVersion": "3.110.0", "rateLimit": 1000})
    answer = emulator.get(USERS)
    assert answer.headers["x-app-version"] == "3.110.0"
    assert answer.headers["x-ratelimit-limit"] == "1000"
    left = [int(emulator.get(USERS).headers["x-ratelimit-remaining"]) for _ in range(2)]
    assert left[0] - left[1] == 1 or left[1] > left[0]
    assert emulator.control("PATCH", "/settings", before) == before
    assert "x-ratelimit-limit" not in emulator.get(USERS).headers


def test_a_seed_can_be_read_from_a_file(start: Callable[..., RunningEmulator], tmp_path: Path) -> None:
    path = tmp_path / "seed.json"
    path.write_text('{"users": 7, "taxes": [{"name": "Mine", "percentage": 12.5}], "sessions": 3}')
    emulator = start("--seed", str(path), "--clock", NOON)
    assert len(emulator.data(USERS)) == 7
    assert [(tax["name"], tax["percentage"]) for tax in emulator.data("/resources/taxes/v2.0")] == [("Mine", 12.5)]
    assert [item["status"] for item in emulator.data("/resources/sessions/v1.0")] == [*["finished"] * 3, "pending"]
    emulator.new_user()
    emulator.control("POST", "/reset")
    assert len(emulator.data(USERS)) == 7


def test_a_large_seed_is_larger(start: Callable[..., RunningEmulator]) -> None:
    emulator = start("--seed", "large", "--clock", NOON)
    assert emulator.get(USERS, page=1).json()["meta"]["total"] == 1000
    newest = emulator.get("/resources/sessions/v1.0", page=11).json()
    assert newest["meta"]["total"] > 1000
    assert all(item["startedAt"] <= NOON for item in newest["data"])
