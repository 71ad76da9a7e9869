"""Failing cases are kept without secrets, and sent again to the byte, with what they build on."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.checks.errors import ERROR_NAMES_FIELD
from ampeco_conformance.contract.responses import CONTENT_TYPE_CONFORMANCE, ApiContract
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange, Response
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.replay.cases import StoredCase, case_of, read_case, write_case
from ampeco_conformance.replay.replay import ReplayAnswer, ReplayOutcome, replay_request
from tests.support.scripted_target import TOKEN, Server

BAD: tuple[int, Any] = (200, {"data": {"id": "one"}})
GOOD: tuple[int, Any] = (200, {"data": {"id": 1}})


def kept(finding: Finding, client: ApiClient, reports: Path, writes: list[Exchange]) -> StoredCase:
    """The case of a finding, written and read again."""
    case = case_of(
        finding,
        api="small",
        target="staging",
        node_id="contract_tests/test_x.py::test_x[GET /users-v3.90.0@staging]",
        options=["--seed", "0"],
        base_url=client.base_url,
        writes=writes,
        redact=Redactor([TOKEN], tenant=TenantData(), disguised=True),
        evidence={},
    )
    write_case(case, reports)
    return read_case(case.id, reports)


def replayed(case: StoredCase, client: ApiClient, contract: ApiContract) -> ReplayOutcome:
    return replay_request(case, client, contract, is_emulator=True)


@pytest.fixture
def found(server: Server, client: ApiClient, contract: ApiContract) -> Finding:
    """A read with an id of the wrong type."""
    server.script = lambda *_: BAD
    (finding,) = contract.check_response(client.send("GET", "/users/1?page=2", headers={"X-Odd": "1"}))
    return finding


@pytest.mark.parametrize(
    ("now", "answer"),
    [
        (BAD, ReplayAnswer.STILL),
        (GOOD, ReplayAnswer.FIXED),
        ((404, {}), ReplayAnswer.CANNOT),
        ((403, {}), ReplayAnswer.CANNOT),
        ((500, {}), ReplayAnswer.FIXED),
    ],
)
def test_a_read_is_still_faulty_or_fixed_or_unknown(
    server: Server,
    client: ApiClient,
    contract: ApiContract,
    found: Finding,
    tmp_path: Path,
    now: tuple[int, Any],
    answer: ReplayAnswer,
) -> None:
    case = kept(found, client, tmp_path, [])
    first = server.asked[0]
    server.script = lambda *_: now
    outcome = replayed(case, client, contract)
    assert outcome.answer is answer, outcome
    assert first == server.asked[-1]
    assert (now[0] == 500) == ("though now: server error 500" in outcome.why)


@pytest.mark.parametrize("paths", [("/users/1", "/users/1?odd[]=2"), ("/users/1?odd[]=2", "/users/1")])
def test_of_several_requests_that_show_a_fault_the_shortest_is_kept(
    server: Server, client: ApiClient, contract: ApiContract, tmp_path: Path, paths: tuple[str, str]
) -> None:
    server.script = lambda *_: BAD
    for path in paths:
        (finding,) = contract.check_response(client.send("GET", path))
        case = kept(finding, client, tmp_path, [])
    assert case.sent is not None
    assert case.sent.path.endswith("/users/1")


@pytest.mark.parametrize(("now", "answer"), [(200, ReplayAnswer.STILL), (404, ReplayAnswer.FIXED)])
def test_what_a_status_shows_is_replayed_by_its_status(
    server: Server, client: ApiClient, contract: ApiContract, tmp_path: Path, now: int, answer: ReplayAnswer
) -> None:
    exchange = client.send("GET", "/users/1")
    finding = Finding(ERROR_NAMES_FIELD.violation("no field is named"), "GET /users/{user}", "3.90.0", exchange)
    case = kept(finding, client, tmp_path, [])
    server.script = lambda *_: (now, GOOD[1])
    assert replayed(case, client, contract).answer is answer


def test_what_only_a_429_shows_is_not_called_fixed_by_one_request(
    client: ApiClient, contract: ApiContract, tmp_path: Path
) -> None:
    exchange = replace(client.send("GET", "/users/1"), response=Response(429))
    finding = Finding(CONTENT_TYPE_CONFORMANCE.violation("text/html"), "GET /users/{user}", "3.90.0", exchange)
    case = kept(finding, client, tmp_path, [])
    assert replayed(case, client, contract).answer is ReplayAnswer.CANNOT


def test_a_server_error_that_names_another_class_is_not_called_fixed(
    server: Server, client: ApiClient, contract: ApiContract, tmp_path: Path
) -> None:
    server.script = lambda _method, _path, number: (500, {"exception": f"A{number}Exception"})
    (finding,) = contract.check_response(client.send("GET", "/users/1"))
    assert replayed(kept(finding, client, tmp_path, []), client, contract).answer is ReplayAnswer.STILL


def test_a_fault_that_comes_and_goes_is_not_called_fixed(
    server: Server, client: ApiClient, contract: ApiContract, found: Finding, tmp_path: Path
) -> None:
    case = kept(found, client, tmp_path, [])
    server.script = lambda _method, _path, number: BAD if number == 5 else GOOD
    assert replayed(case, client, contract).answer is ReplayAnswer.STILL


def test_what_the_request_builds_on_is_made_again(
    server: Server, client: ApiClient, contract: ApiContract, tmp_path: Path
) -> None:
    server.script = lambda method, _path, _number: (201, {"data": {"id": 7}}) if method == "POST" else BAD
    writes = [client.send("POST", "/users", json={"name": "Zoë"}), client.send("POST", "/elsewhere", json={})]
    (finding,) = contract.check_response(client.send("GET", "/users/7"))
    case = kept(finding, client, tmp_path, writes)
    assert [(step.method, step.path) for step in case.steps] == [("POST", "/users")]
    server.asked.clear()
    server.script = lambda method, _path, _number: (201, {"data": {"id": 8}}) if method == "POST" else BAD
    assert replayed(case, client, contract).answer is ReplayAnswer.STILL
    assert [asked[:2] for asked in server.asked] == [("POST", "/users"), ("GET", "/users/8")]
    assert json.loads(server.asked[0][3]) == {"name": "Zoë"}


def test_secrets_are_not_kept_and_what_lacks_one_is_not_sent(
    server: Server, client: ApiClient, contract: ApiContract, tmp_path: Path
) -> None:
    server.script = lambda *_: (201, {"data": {"id": "one"}})
    (finding,) = contract.check_response(client.send("POST", "/users", json={"password": "canary-1", "name": "x"}))
    case = kept(finding, client, tmp_path, [])
    written = (tmp_path / "cases" / f"{case.id}.json").read_text()
    assert "canary" not in written
    assert TOKEN not in written
    outcome = replayed(case, client, contract)
    assert (outcome.answer, len(server.asked)) == (ReplayAnswer.CANNOT, 1)


def test_writes_are_not_sent_again_to_a_tenant(
    server: Server, client: ApiClient, contract: ApiContract, tmp_path: Path
) -> None:
    server.script = lambda *_: (201, {"data": {"id": "one"}})
    (finding,) = contract.check_response(client.send("POST", "/users", json={"name": "x"}))
    case = kept(finding, client, tmp_path, [])
    assert replay_request(case, client, contract, is_emulator=False).answer is ReplayAnswer.CANNOT
    assert len(server.asked) == 1
    assert replay_request(case, client, contract, is_emulator=True).answer is ReplayAnswer.STILL


def test_what_a_tenant_answers_now_is_masked(
    server: Server, client: ApiClient, contract: ApiContract, found: Finding, tmp_path: Path
) -> None:
    case = kept(found, client, tmp_path, [])
    server.script = lambda *_: (200, {"data": {"id": 1, "status": "Ada Lovelace"}})
    (masked, shown) = (replay_request(case, client, contract, is_emulator=is_it).why for is_it in (False, True))
    assert "Ada Lovelace" in shown
    assert masked == shown.replace("Ada Lovelace", "Xxx Xxxxxxxx")


def test_a_case_that_is_not_there_is_named_with_those_that_are(
    client: ApiClient, found: Finding, tmp_path: Path
) -> None:
    case = kept(found, client, tmp_path, [])
    with pytest.raises(ConfigurationError, match=f"no case 00000000; there are {case.id}"):
        read_case("00000000", tmp_path)


def test_a_case_of_an_earlier_release_is_known_by_its_check(
    server: Server, client: ApiClient, contract: ApiContract, found: Finding, tmp_path: Path
) -> None:
    case = replace(kept(found, client, tmp_path, []), fingerprint="b6b2e0c6c83f")
    outcome = replay_request(case, client, contract, is_emulator=False)
    assert outcome.answer is ReplayAnswer.STILL
    server.script = lambda *_: (200, {"data": {"id": 1}})
    assert replay_request(case, client, contract, is_emulator=False).answer is ReplayAnswer.FIXED
