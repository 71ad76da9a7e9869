"""Recorded traffic of clients: every fault is found, and nothing of a correct client is called a fault."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.client_check.faults import WARNINGS
from ampeco_conformance.client_check.judge import ClientJudge
from ampeco_conformance.client_check.recorded import calls_in_har, calls_in_log
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.specs import load_specification

VERSION = "3.110.0"
HOST = "https://tenant.test"
API = "/public-api/resources"
ACTIONS = "/public-api/actions"
TODAY = date(2026, 11, 1)
USER = {"email": "a@example.com", "password": "secret1"}
TAG = {"idTagUid": "04A1", "status": "enabled", "type": "rfid"}
WEBHOOK = {"via": "webhook", "notifications": [], "webhook": {"callbackUrl": "https://example.com/hook"}}

CORRECT: list[tuple[str, Any]] = [
    (f"GET {API}/sessions/v1.0?per_page=100&cursor=", None),
    (f"GET {API}/sessions/v1.0?per_page=100&cursor=null", None),
    (
        f"GET {API}/sessions/v1.0?filter[status]=active&filter%5BuserId%5D=7&filter[startedAfter]=2026-10-01T00:00:00",
        None,
    ),
    (f"GET {API}/sessions/v1.0?filter[startedAfter]=2026-10-01T00%3A00%3A00%2B02%3A00&include[]=externalAppData", None),
    (f"GET {API}/sessions/v1.0?include%5B0%5D=externalAppData&withAuthorization=true&clockAlignedInterval=15", None),
    (f"GET {API}/sessions/v1.0?filter[roaming][roamingOperatorCpoIds][]=3&filter[status]=", None),
    (f"GET {API}/invoices/v1.0?page=2&per_page=50", None),
    (f"GET {API}/taxes/v2.0?_=1700000000000", None),  # jQuery's `cache: false`
    (f"GET {API}/taxes/v2.0?_dc=1700000000000&nocache=0.4711", None),
    (f"GET {API}/users/v1.0/12/", None),
    (f"POST {API}/users/v1.0", USER),
    (f"PATCH {API}/users/v1.0/12", {"externalId": None, "externalAppData": {"anything": [1]}}),
    (f"POST {API}/id-tags/v2.0", {**TAG, "vehicleType": None, "userId": 4}),
    (f"POST {ACTIONS}/evse/v1.0/5/start", None),
    (f"POST {ACTIONS}/evse/v1.0/5/start", {}),
    (f"POST {ACTIONS}/evse/v1.0/5/start", {"userId": 1, "paymentMethodId": None}),
    ("POST /public-api/notifications/v2.0", WEBHOOK),
    (f"DELETE {API}/taxes/v2.0/3", None),
    ("POST /public-api/oauth/token", {"grant_type": "client_credentials"}),
    (f"OPTIONS {API}/users/v1.0", None),
    ("GET /dashboard/login?page=1", None),
]

FAULTS: list[tuple[str, Any, str, str]] = [
    (f"GET {API}/user/v1.0", None, "unknown-operation", f"did you mean GET {API}/users/v1.0?"),
    (f"GET {API}/sessions", None, "unknown-operation", f"did you mean GET {API}/sessions/v1.0?"),
    (f"GET {API}/session/v1.0/5", None, "unknown-operation", f"did you mean GET {API}/sessions/v1.0/{{session}}?"),
    (f"POST {ACTIONS}/evse/v1.0/5/begin", None, "unknown-operation", ""),
    (f"GET {API}//users/v1.0", None, "unknown-operation", f"did you mean GET {API}/users/v1.0?"),
    (f"GET {API}/taxes/v2.0?_=name", None, "unknown-parameter", "there is no query parameter _"),
    (f"GET {API}/users/v2.0", None, "unknown-version", "there is v1.0"),
    (f"GET {API}/sessions/v3.0/9", None, "unknown-version", "there is v1.0"),
    (f"GET {API}/users/v1", None, "unknown-version", "there is v1.0"),
    (f"PUT {API}/users/v1.0/12", None, "unknown-method", "it has DELETE, GET, PATCH"),
    (f"GET {ACTIONS}/evse/v1.0/5/start", None, "unknown-method", "it has POST"),
    ("GET /resources/users/v1.0", None, "missing-prefix", "/public-api"),
    (f"GET {API}/users/v1.0/undefined", None, "unfilled-path", "user"),
    (f"GET {API}/users/v1.0/%7BuserId%7D", None, "unfilled-path", "user"),
    (f"GET {API}/users/v1.0/anna", None, "invalid-path", "a string instead of integer"),
    (f"GET {API}/sessions/v1.0?limit=10", None, "unknown-parameter", "did you mean per_page?"),
    (f"GET {API}/sessions/v1.0?perPage=10", None, "unknown-parameter", "did you mean per_page?"),
    (f"GET {API}/sessions/v1.0?cursor[]=a", None, "unknown-parameter", "takes one value; write cursor=..."),
    (f"GET {API}/sessions/v1.0?offset=10", None, "unknown-parameter", "did you mean cursor?"),
    (f"GET {API}/sessions/v1.0?status=active", None, "unknown-parameter", "no query parameter status"),
    (f"GET {API}/sessions/v1.0?include=externalAppData", None, "unknown-parameter", "did you mean include[]?"),
    (f"GET {API}/sessions/v1.0?filter=active", None, "unknown-parameter", "takes fields"),
    (f"GET {API}/sessions/v1.0?filter[state]=active", None, "unknown-filter", "did you mean status?"),
    (f"GET {API}/sessions/v1.0?filter[user_id]=1", None, "unknown-filter", "did you mean userId?"),
    (f"GET {API}/sessions/v1.0?filter[roaming][cpoIds][]=1", None, "unknown-filter", "cpoIds"),
    (f"GET {API}/sessions/v1.0?per_page=500", None, "invalid-parameter", "maximum 100"),
    (f"GET {API}/sessions/v1.0?per_page=all", None, "invalid-parameter", "a string instead of integer"),
    (f"GET {API}/sessions/v1.0?filter[status]=activ", None, "invalid-parameter", "did you mean active?"),
    (f"GET {API}/sessions/v1.0?filter[userId]=anna", None, "invalid-parameter", "integer"),
    (f"GET {API}/sessions/v1.0?filter[startedAfter]=yesterday", None, "invalid-parameter", "date-time"),
    (f"GET {API}/sessions/v1.0?clockAlignedInterval=20", None, "invalid-parameter", "15, 30, 60"),
    (f"GET {API}/sessions/v1.0?include[]=user", None, "invalid-parameter", "externalAppData"),
    (f"GET {API}/sessions/v1.0?page=2", None, "page-style-ended", "2026-06-01"),
    (f"GET {API}/charge-point/v2.0/7", None, "unknown-operation", "charge-points/v2.0/{chargePoint}"),
    (f"GET {API}/tarif-groups/v1.0", None, "unknown-operation", "tariff-groups"),
    (f"GET {API}/users/v1.0/5/invoice-detail", None, "unknown-operation", "invoice-details"),
    (f"GET {API}/taxes/v1.0", None, "unknown-version", "there is v2.0"),
    (f"PATCH {API}/sessions/v1.0/5", None, "unknown-method", "it has GET"),
    (f"DELETE {API}/users/v1.0", None, "unknown-method", "it has GET, POST"),
    (f"GET {API}/users/v1.0/null", None, "unfilled-path", "user"),
    (f"GET {API}/users/v1.0/:user", None, "unfilled-path", "user"),
    (f"GET {API}/taxes/v2.0/1.5", None, "invalid-path", "instead of integer"),
    (f"GET {API}/sessions/v1.0?pageSize=10", None, "unknown-parameter", "did you mean per_page?"),
    (f"GET {API}/sessions/v1.0?with_authorization=1", None, "unknown-parameter", "did you mean withAuthorization?"),
    (f"GET {API}/locations/v2.0?page=1", None, "unknown-parameter", "did you mean cursor?"),
    (f"GET {API}/invoices/v1.0?cursor=", None, "unknown-parameter", "no query parameter cursor"),
    (f"GET {API}/sessions/v1.0?filter[startedat]=2026-01-01", None, "unknown-filter", "startedat"),
    (f"GET {API}/sessions/v1.0?per_page=0", None, "invalid-parameter", "minimum 1"),
    (f"GET {API}/sessions/v1.0?withAuthorization=yes", None, "invalid-parameter", "boolean"),
    (f"GET {API}/charge-points/v1.0", None, "deprecated-operation", f"{API}/charge-points/v2.0"),
    (f"POST {API}/users/v1.0", {"email": "a@example.com"}, "missing-field", "password"),
    (f"POST {API}/users/v1.0", None, "missing-body", ""),
    (f"POST {API}/users/v1.0", {**USER, "firstName": "A"}, "unknown-field", "did you mean first_name?"),
    (f"POST {API}/users/v1.0", {**USER, "userGroupIds": ["1"]}, "invalid-field", "userGroupIds[] is a string"),
    (f"POST {API}/id-tags/v2.0", {**TAG, "status": "active"}, "invalid-field", "enabled, disabled, suspended"),
    (f"POST {API}/id-tags/v2.0", {**TAG, "userId": "4"}, "invalid-field", "userId is a string instead of integer"),
    ("POST /public-api/notifications/v2.0", {**WEBHOOK, "webhook": {}}, "missing-field", "webhook.callbackUrl"),
    (f"POST {API}/taxes/v2.0", "name=VAT&percentage=20", "media-type", "application/x-www-form-urlencoded"),
    (f"POST {API}/taxes/v2.0", "{broken", "invalid-body", "not JSON"),
    (f"POST {API}/id-tags/v2.0", {**TAG, "id": 7}, "read-only-field", "the field id is read-only"),
    (f"DELETE {API}/taxes/v2.0/3", {"force": True}, "unexpected-body", "takes no body"),
]
IN_A_LOG = [
    (request, kind, told)
    for request, body, kind, told in FAULTS
    if body is None and kind not in ("missing-body", "missing-prefix")
]
"""A log has no bodies, and may be that of a server behind a proxy that takes the prefix away."""


@pytest.fixture(scope="module")
def judge() -> ClientJudge:
    return ClientJudge(contract_of(load_specification(VERSION)), TODAY)


def test_forty_faults_are_seeded_of_each_kind() -> None:
    assert min(len(FAULTS), len(IN_A_LOG)) >= 40


def entry(request: str, body: Any) -> dict[str, Any]:
    method, _, url = request.partition(" ")
    made: dict[str, Any] = {"method": method, "url": HOST + url, "headers": [], "bodySize": 0}
    if body is not None:
        is_form = isinstance(body, str) and "=" in body
        kind = "application/x-www-form-urlencoded" if is_form else "application/json; charset=utf-8"
        made["headers"] = [{"name": "Content-Type", "value": kind}]
        made["postData"] = {"mimeType": kind, "text": body if isinstance(body, str) else json.dumps(body)}
    return {"request": made, "response": {"status": 200, "content": {}}}


def har(folder: Path, *requests: tuple[str, Any]) -> Path:
    file = folder / "client.har"
    entries = [entry(*request) for request in requests]
    tracker = {"request": {"method": "GET", "url": "https://tracker.test/resources/users/v9.9?x=1"}}
    file.write_text(json.dumps({"log": {"entries": [*entries, tracker]}}), encoding="utf-8")
    return file


def log(folder: Path, *requests: str) -> Path:
    file = folder / "access.log"
    lines = [
        f'10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "{request.replace(" ", " ", 1)} HTTP/1.1" 200 512 "-" "client/1"'
        for request in requests
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_nothing_is_wrong_with_a_correct_client(tmp_path: Path, judge: ClientJudge) -> None:
    recorded = calls_in_har(har(tmp_path, *CORRECT))
    assert judge.faults(recorded) == []
    assert len(judge.calls_of_api(recorded)) == len(CORRECT) - 2
    logged = calls_in_log(log(tmp_path, *(request for request, _ in CORRECT)))
    assert judge.faults(logged) == []


@pytest.mark.parametrize(("request_line", "body", "kind", "told"), FAULTS, ids=[f"{f[2]} {f[0]}" for f in FAULTS])
def test_faults_in_har(tmp_path: Path, judge: ClientJudge, request_line: str, body: Any, kind: str, told: str) -> None:
    (fault,) = judge.faults(calls_in_har(har(tmp_path, CORRECT[0], (request_line, body))))
    assert (fault.kind, [str(place) for place in fault.places]) == (kind, ["entry 2"])
    assert told in fault.message
    assert fault.breaks == (kind not in WARNINGS)


@pytest.mark.parametrize(("request_line", "kind", "told"), IN_A_LOG, ids=[f"{f[1]} {f[0]}" for f in IN_A_LOG])
def test_faults_in_a_log(tmp_path: Path, judge: ClientJudge, request_line: str, kind: str, told: str) -> None:
    (fault,) = judge.faults(calls_in_log(log(tmp_path, CORRECT[0][0], request_line)))
    assert (fault.kind, [str(place) for place in fault.places]) == (kind, ["line 2"])
    assert told in fault.message


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = har(tmp_path, *((f"GET {API}/sessions/v1.0?limit={number}", None) for number in range(5)))
    assert main(["client-check", "--api-version", VERSION, "--har", str(wrong)]) == ExitCode.VIOLATION
    out = capsys.readouterr().out
    assert f"5 calls of ampeco {VERSION} in client.har: 1 fault; 1 other request not judged" in out
    assert "entry 1, entry 2, entry 3 and 2 more  certain  GET" in out
    assert main(["client-check", "--har", str(har(tmp_path))]) == ExitCode.TOO_LITTLE_TESTED
    assert main(["client-check", "--api-version", VERSION]) == ExitCode.CONFIGURATION


def test_a_later_version_adds_its_own_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = log(tmp_path, f"GET {API}/authorizations/v2.0", f"GET {API}/sessions/v1.0?limit=1")
    arguments = ["client-check", "--log", str(file), "--format", "json", "--api-version"]
    assert main([*arguments, VERSION, "--to", "3.99.0"]) == ExitCode.VIOLATION
    faults = json.loads(capsys.readouterr().out)["faults"]
    assert [(fault["version"], fault["kind"]) for fault in faults] == [
        (VERSION, "unknown-parameter"),
        (VERSION, "deprecated-operation"),
    ]
    assert main([*arguments, "3.66.0", "--to", VERSION]) == ExitCode.VIOLATION
    later = [fault["kind"] for fault in json.loads(capsys.readouterr().out)["faults"] if fault["version"] == VERSION]
    assert later == ["deprecated-operation"]


def test_fields_that_are_read_must_be_promised(tmp_path: Path, judge: ClientJudge) -> None:
    file = tmp_path / "reads.txt"
    file.write_text(
        f"GET {API}/users/v1.0 data[].id data[].e_mail\nGET {API}/users/v1.0/{{user}} data.email\n", "utf-8"
    )
    (fault,) = judge.faults(calls_in_log(file))
    assert (fault.kind, fault.subject) == ("unknown-read", "data[].e_mail")
    assert "did you mean email?" in fault.message


def test_drift_does_not_call_faulty_requests_documented(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = har(tmp_path, CORRECT[0], (f"GET {API}/sessions/v1.0?limit=1", None))
    assert main(["drift", "--har", str(file), "--api-version", VERSION]) == ExitCode.CONFORM
    out = capsys.readouterr().out
    assert "no query parameter limit; did you mean per_page?" in out
    assert "everything is documented" not in out


def test_a_version_of_which_only_the_operations_are_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = log(tmp_path, f"GET {API}/sessions/v1.0?per_page=1", f"GET {API}/sessionz/v1.0?limit=1")
    assert main(["client-check", "--log", str(file), "--api-version", "3.251.0"]) == ExitCode.VIOLATION
    out = capsys.readouterr().out
    assert "of 3.251.0 only the operations are known" in out
    assert "1 fault" in out
