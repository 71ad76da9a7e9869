"""What showed a finding is repeated before it counts, and writes are not repeated on a tenant."""

from dataclasses import replace
from typing import Any

import pytest

from ampeco_conformance.checks.acceptance import VALID_REQUEST_REFUSED
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.findings import Certainty, Finding, Standing
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.judge import Judge
from tests.support.scripted_target import TOKEN, Script, Server, judge_of

Answer = tuple[int, Any]

BAD: Answer = (200, {"data": {"id": "one"}})
GOOD: Answer = (200, {"data": {"id": 1}})
STANDING: Answer = (200, {"data": {"id": 1, "name": 1}})
STANDING_AND_BAD: Answer = (200, {"data": {"id": "one", "name": 1}})


def found(contract: ApiContract, client: ApiClient, method: str = "GET", path: str = "/users/1") -> Finding:
    exchange = client.send(method, path, json={} if method == "POST" else None)
    return contract.check_response(exchange)[0]


def bad_at(*numbers: int) -> Script:
    return lambda _method, _path, number: BAD if number in numbers else GOOD


def in_turn(first: Answer, later: Answer) -> Script:
    return lambda _method, _path, number: later if number else first


@pytest.mark.parametrize(
    ("script", "certainty", "standing"),
    [
        (bad_at(*range(20)), Certainty.DETERMINISTIC, Standing.VIOLATION),
        (bad_at(0, 4), Certainty.FLAKY, Standing.VIOLATION),
        (bad_at(0), Certainty.UNPROVEN, Standing.ADVISORY),
        (in_turn(BAD, (200, {"data": {}})), Certainty.DETERMINISTIC, Standing.VIOLATION),
        (in_turn(BAD, (200, {"data": {"id": 1, "name": 1}})), Certainty.FLAKY, Standing.VIOLATION),
        (in_turn(STANDING_AND_BAD, STANDING), Certainty.UNPROVEN, Standing.ADVISORY),
    ],
    ids=["always", "now and then", "once", "otherwise at the same place", "elsewhere each time", "beside another"],
)
def test_a_read_is_repeated(
    server: Server,
    client: ApiClient,
    contract: ApiContract,
    judge: Judge,
    script: Script,
    certainty: Certainty,
    standing: Standing,
) -> None:
    server.script = script
    (judged,) = judge.judged([found(contract, client)])
    assert (judged.certainty, judged.standing) == (certainty, standing)
    assert {asked[0] for asked in server.asked} == {"GET"}


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ((500, {"trace": "af01"}), (500, {"trace": "9c2b"})),
        ((500, {"exception": "A1Exception"}), (500, {"exception": "B2Exception"})),
        ((500, {"k1": 0}), (500, {"k2": 0})),
        ((500, "<title>Whoops</title>"), (500, "<title>Sorry</title>")),
        ((500, {}), (500, "<title>Sorry</title>")),
        ((200, {"data": {"id": 1, "labels": {"a": 1}}}), (200, {"data": {"id": 1, "labels": {"b": 1}}})),
    ],
    ids=["trace", "class", "keys", "page", "media type", "key of a map"],
)
def test_what_the_target_makes_up_anew_does_not_hide_a_fault(
    server: Server, client: ApiClient, contract: ApiContract, judge: Judge, first: Answer, later: Answer
) -> None:
    server.script = in_turn(first, later)
    (judged,) = judge.judged([found(contract, client)])
    assert (judged.certainty, judged.standing) == (Certainty.DETERMINISTIC, Standing.VIOLATION)


def test_another_server_error_each_time_is_no_accident(
    server: Server, client: ApiClient, contract: ApiContract, judge: Judge
) -> None:
    server.script = lambda _method, _path, number: (500 + number, {})
    (judged,) = judge.judged([found(contract, client)])
    assert (judged.certainty, judged.standing) == (Certainty.FLAKY, Standing.VIOLATION)


@pytest.mark.parametrize(
    ("later", "standing"), [(422, Standing.VIOLATION), (404, Standing.ADVISORY), (200, Standing.ADVISORY)]
)
def test_a_refusal_is_reproduced_by_another_refusal(
    server: Server, client: ApiClient, judge: Judge, later: int, standing: Standing
) -> None:
    server.script = in_turn((403, {}), (later, {}))
    violation = VALID_REQUEST_REFUSED.violation("a valid query was rejected", "query status")
    finding = Finding(violation, "GET /users/{user}", "3.90.0", client.send("GET", "/users/1"))
    (judged,) = judge.judged([finding])
    assert judged.standing is standing


def test_what_two_requests_show_is_no_accident(
    server: Server, client: ApiClient, contract: ApiContract, judge: Judge
) -> None:
    server.script = bad_at(0)
    first, second = found(contract, client, path="/users/1"), found(contract, client, path="/users/2")
    assert judge.judged([first])[0].standing is Standing.ADVISORY
    assert judge.judged([second])[0].standing is Standing.VIOLATION


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_write_is_not_repeated_on_a_tenant(
    server: Server, client: ApiClient, contract: ApiContract, judge: Judge, method: str
) -> None:
    server.script = lambda *_: (201 if method == "POST" else 200, {"data": {"id": "one"}})
    finding = found(contract, client, method, "/users" if method == "POST" else "/users/1")
    (judged,) = judge.judged([finding])
    assert len(server.asked) == 1
    assert (judged.certainty, judged.standing) == (Certainty.UNPROVEN, Standing.VIOLATION)


def test_a_write_that_was_refused_is_repeated_and_so_is_any_on_an_emulator(
    server: Server, client: ApiClient, contract: ApiContract, judge: Judge
) -> None:
    server.script = lambda *_: (400, {})
    (refused,) = judge.judged([found(contract, client, "POST", "/users")])
    assert (refused.certainty, len(server.asked)) == (Certainty.DETERMINISTIC, 2)
    server.script = lambda _m, _p, number: (200, {}) if number == 0 else (404, {})
    on_emulator = judge_of(client, contract, is_emulator=True)
    (removed,) = on_emulator.judged([found(contract, client, "DELETE")])
    assert (removed.certainty, removed.standing) == (Certainty.STATE_DEPENDENT, Standing.VIOLATION)


def test_what_is_repeated_is_the_same_request(server: Server, client: ApiClient) -> None:
    for headers, authenticated in (({"X-Odd": "1"}, True), ({}, False), ({"Authorization": f"Token {TOKEN}"}, False)):
        exchange = client.send("POST", "/users", json={"name": "Zoë"}, headers=headers, authenticated=authenticated)
        client.repeat(exchange.request)
        first, second = server.asked[-2:]
        assert first == second
        assert TOKEN not in str(exchange.request.headers)


def test_a_429_is_not_asked_for_again(server: Server, client: ApiClient, contract: ApiContract, judge: Judge) -> None:
    server.script = lambda *_: (200, {"data": {"id": "one"}})
    finding = found(contract, client)
    assert finding.exchange is not None
    assert finding.exchange.response is not None
    limited = replace(finding.exchange, response=replace(finding.exchange.response, status_code=429))
    asked = len(server.asked)
    (judged,) = judge.judged([replace(finding, exchange=limited)])
    assert len(server.asked) == asked
    assert judged.standing is Standing.VIOLATION
