"""What a response discloses, and what only looks like it."""

import base64
from typing import Any

import pytest

from ampeco_conformance.checks.disclosure import Disclosures
from ampeco_conformance.checks.headers import bare_limit_violations
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.recording.passing import PassingChecks
from ampeco_conformance.recording.recorder import Recorder
from tests.support.small_contract import MakeAnswer

TOKEN = "8d1f0a52-3c47-4e7b-9a60-5b2c7e91d3f4"
PASSWORD = b'{"email": "a@example.com", "password": "correct horse 7"}'


def kinds(contract: ApiContract, exchange: Exchange) -> list[str]:
    operation = contract.operation_of(exchange.request.method, exchange.request.url)
    assert operation is not None
    return [
        violation.kind or violation.check.id
        for violation in Disclosures(contract, TOKEN).violations(operation, exchange)
    ]


@pytest.mark.parametrize(
    "shown",
    [
        TOKEN,
        TOKEN[:20],
        TOKEN[::-1],
        TOKEN.encode().hex(),
        base64.b64encode(f"api:{TOKEN}".encode()).decode(),
    ],
)
def test_the_token_is_found_whole_in_part_and_disguised(contract: ApiContract, answer: MakeAnswer, shown: str) -> None:
    assert kinds(contract, answer("GET", "/users", 200, {"data": [], "debug": f"for {shown}"})) == ["token"]
    assert kinds(contract, answer("GET", "/users", 200, {"data": [{"id": 1} for _ in range(9999)], "debug": shown}))


def test_a_token_that_was_sent_as_data_may_come_back(contract: ApiContract) -> None:
    disclosures, users = Disclosures(contract, TOKEN), contract.specification.operation("GET /users")
    shown = Response(200, body=f'{{"data": [{{"name": "{TOKEN}"}}]}}'.encode())
    reading = Exchange(Request("GET", "https://api.test/users"), shown, 0.0, 0.1)
    assert list(disclosures.violations(users, reading))
    sending = Request("POST", "https://api.test/users", (), f'{{"name": "{TOKEN}"}}'.encode())
    assert not list(disclosures.violations(users, Exchange(sending, shown, 0.0, 0.1)))
    assert not list(disclosures.violations(users, reading))


def test_a_token_that_is_an_ordinary_word_may_be_in_any_response(contract: ApiContract) -> None:
    shown = Response(200, body=b'{"data": [], "status": "status"}')
    exchange = Exchange(Request("GET", "https://api.test/users"), shown, 0.0, 0.1)
    users = contract.specification.operation("GET /users")
    assert not list(Disclosures(contract, "status", "data").violations(users, exchange))


def test_another_token_is_none_of_ours(contract: ApiContract, answer: MakeAnswer) -> None:
    body = {"data": [], "requestId": "0a1b2c3d-3c47-4e7b-8a61-5b2c7e91aaaa"}
    assert kinds(contract, answer("GET", "/users", 200, body)) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"data": {"id": 1, "passwordHash": "$2y$10$abc"}}, ["field"]),
        ({"data": {"id": 1, "card": {"cvc": 123}}}, ["field"]),
        ({"data": {"id": 1, "clientSecret": "pi_1_secret_2"}}, ["field"]),
        ({"data": {"id": 1, "password": "documented"}}, []),
        ({"data": {"id": 1, "requirePasswordReset": True, "pin": None, "tokenizedType": "card"}}, []),
    ],
)
def test_secret_fields_are_found_unless_they_are_documented(
    contract: ApiContract, answer: MakeAnswer, body: Any, expected: list[str]
) -> None:
    assert kinds(contract, answer("GET", "/users", 200, body)) == expected


@pytest.mark.parametrize(
    ("request_body", "response_body", "expected"),
    [
        (PASSWORD, b'{"data": {"note": "correct horse 7"}}', ["sent"]),
        (PASSWORD, b'{"message": "correct horse 7 is too weak"}', ["sent"]),
        (PASSWORD, b'{"data": {"email": "a@example.com"}}', []),
        (b'{"password": "disabled"}', b'{"data": {"status": "disabled"}}', []),
        (b'{"password": "2026-06-01T12:00:00Z"}', b'{"data": {"createdAt": "2026-06-01T12:00:00Z"}}', []),
        (b'{"password": "a"}', b'{"data": {"name": "a"}}', []),
        (b'{"name": "same text 1", "password": "same text 1"}', b'{"data": {"name": "same text 1"}}', []),
    ],
)
def test_a_password_that_was_sent_does_not_come_back(
    contract: ApiContract, request_body: bytes, response_body: bytes, expected: list[str]
) -> None:
    request = Request("POST", "https://api.test/users", (), request_body)
    assert kinds(contract, Exchange(request, Response(201, body=response_body), 0.0, 0.1)) == expected


@pytest.mark.parametrize(
    ("message", "is_found"),
    [
        ("SQLSTATE[42S02]: Base table or view not found", True),
        ('syntax error: SELECT * FROM "users" WHERE id = 1', True),
        ("insert into `users` (`id`) values (1)", True),
        ("DELETE FROM users WHERE id = 1", True),
        ("failed in /var/www/html/app/Http/Kernel.php", True),
        ("UserController.php:71", True),
        ("Traceback (most recent call last)", True),
        ("at com.example.Api.handle(Api.java:31)", True),
        ("Illuminate\\Database\\QueryException", True),
        ("Laravel v10.48.2 (PHP v8.1.27)", True),
        ("No query results for model [App\\Models\\User] 2000000011", False),
        ("Select a tariff from the list, then update it.", False),
        ("Items of the first list are inserted into the second; delete from it what is not wanted.", False),
        ("The home and opt fields are invalid, see https://docs.example.com/home/users/list", False),
        ("version 3.225.1 of the API", False),
    ],
)
def test_the_inside_of_a_server_is_not_shown(
    contract: ApiContract, answer: MakeAnswer, message: str, is_found: bool
) -> None:
    expected = ["internals_disclosed"] if is_found else []
    assert kinds(contract, answer("GET", "/users", 500, {"message": message})) == expected
    assert kinds(contract, answer("GET", "/users", 200, {"data": [], "text": message})) == []


@pytest.mark.parametrize(
    ("body", "is_found"),
    [
        ({"message": "Server Error", "exception": "ErrorException"}, True),
        ({"message": "Server Error", "trace": [{"line": 3}]}, True),
        ({"message": "Server Error", "trace": "4bf92f3577b34da6"}, False),
        ({"message": "The file is required.", "errors": {"file": ["The file is required."]}}, False),
    ],
)
def test_keys_of_a_debug_page_are_found(contract: ApiContract, answer: MakeAnswer, body: Any, is_found: bool) -> None:
    assert bool(kinds(contract, answer("GET", "/users", 500, body))) is is_found


def test_what_the_caller_sent_may_be_repeated(contract: ApiContract) -> None:
    request = Request("POST", "https://api.test/users", (), b'{"name": "SQLSTATE[42S02]"}')
    response = Response(422, body=b'{"message": "SQLSTATE[42S02] is no name"}')
    assert kinds(contract, Exchange(request, response, 0.0, 0.1)) == []


@pytest.mark.parametrize(
    ("headers", "body", "locations"),
    [
        ((("Retry-After", "3"),), b'{"message": "Too Many Attempts."}', []),
        ((("X-RateLimit-Reset", "1772323200"),), b'{"message": "Too Many Attempts."}', []),
        ((), b'{"message": "Too Many Attempts."}', ["Retry-After"]),
        ((("Retry-After", "3"),), b"", ["/message"]),
        ((), b"<html>", ["Retry-After", "/message"]),
    ],
)
def test_a_bare_429_is_found(headers: tuple[tuple[str, str], ...], body: bytes, locations: list[str]) -> None:
    exchange = Exchange(Request("GET", "https://api.test/users"), Response(429, "", headers, body), 0.0, 0.1)
    assert [violation.location for violation in bare_limit_violations("ampeco", exchange)] == locations


def test_what_is_seen_in_passing_fails_the_item_and_is_told_once(contract: ApiContract) -> None:
    passing = PassingChecks(contract, TOKEN)
    limited = Exchange(Request("GET", "https://api.test/users"), Response(429), 0.0, 0.1)
    first, second = (Recorder(contract, passing=passing) for _ in range(2))
    for recorder in (first, second):
        recorder.observe(limited)
    with pytest.raises(AssertionError, match="rate_limit_headers"):
        first.expect_nothing_in_passing()
    first.expect_nothing_in_passing()
    second.expect_nothing_in_passing()
