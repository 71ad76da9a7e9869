from dataclasses import replace

import pytest

from ampeco_conformance.checks.headers import (
    allow_violations,
    ambiguous_header_violations,
    charset_violations,
    deprecation_violations,
    disagreeing_deprecation_violations,
    documented_methods,
    limit_violations,
    method_violations,
    undocumented_methods,
)
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from tests.support.small_contract import answer_of

LATER = "Tue, 01 Sep 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("status", "allow", "is_wrong"),
    [
        (405, "GET, POST", False),
        (405, "get,post , head", False),
        (405, None, True),
        (405, "GET", True),
        (404, None, False),
        (501, None, False),
    ],
)
def test_a_405_lists_the_methods(status: int, allow: str | None, is_wrong: bool) -> None:
    response = Response(status, headers=(("allow", allow),) if allow is not None else ())
    assert bool(list(allow_violations(["GET", "POST"], response))) is is_wrong


def test_the_methods_asked_for_are_those_the_path_does_not_have(contract: ApiContract) -> None:
    creating = contract.specification.operation("POST /users")
    assert documented_methods(contract, creating) == ["GET", "POST"]
    assert undocumented_methods(contract, creating) == ["PATCH", "PUT"]
    acting = replace(creating, path="/actions/{user}/stop")
    assert undocumented_methods(contract, acting) == ["GET", "PATCH", "PUT"]


def test_limits_are_numbers_and_retry_after_may_be_a_date() -> None:
    good = (("X-RateLimit-Limit", "60"), ("Retry-After", LATER))
    assert not list(limit_violations(["X-RateLimit-Limit", "Retry-After"], Response(429, headers=good)))
    bad = (("X-RateLimit-Limit", "many"),)
    found = [
        violation.location
        for violation in limit_violations(["X-RateLimit-Limit", "Retry-After"], Response(429, headers=bad))
    ]
    assert found == ["X-RateLimit-Limit", "Retry-After"]


@pytest.mark.parametrize(
    ("headers", "wrong"),
    [
        ({}, []),
        ({"Deprecation": "@1772323200", "Sunset": LATER}, []),
        ({"Deprecation": "true"}, []),
        ({"Deprecation": "Sun, 01 Mar 2026 00:00:00 GMT", "Sunset": LATER}, []),
        ({"Deprecation": "soon"}, ["Deprecation"]),
        ({"Deprecation": f"@{'9' * 400}"}, ["Deprecation"]),
        ({"Deprecation": "@253402300799", "Sunset": LATER}, ["Sunset"]),
        ({"Sunset": "Mon, 01 Jan 99999999999 00:00:00 GMT"}, ["Sunset"]),
        ({"Sunset": "2026-09-01"}, ["Sunset"]),
        ({"Deprecation": "@1772323200", "Sunset": "Thu, 01 Jan 2026 00:00:00 GMT"}, ["Sunset"]),
        ({"Deprecation": "@1772323200", "Sunset": "Mon, 02 Mar 2026 00:00:00 GMT"}, ["Sunset"]),
        ({"Deprecation": "Mon, 31 Aug 2026 00:00:00 GMT", "Sunset": "Sun, 28 Feb 2027 00:00:00 GMT"}, []),
    ],
)
def test_deprecation_and_sunset(headers: dict[str, str], wrong: list[str]) -> None:
    exchange = Exchange(Request("GET", "https://x.example/"), Response(200, headers=tuple(headers.items())), 0.0, 0.0)
    assert [violation.location for violation in deprecation_violations(exchange)] == wrong


@pytest.mark.parametrize(
    ("other", "wrong"),
    [({"Sunset": LATER}, []), ({"Sunset": "Thu, 01 Oct 2026 00:00:00 GMT"}, ["Sunset"]), ({}, ["Sunset"])],
)
def test_the_operations_of_a_resource_end_together(other: dict[str, str], wrong: list[str]) -> None:
    first, second = (
        Exchange(Request("GET", "https://x.example/"), Response(200, headers=tuple(headers.items())), 0.0, 0.0)
        for headers in ({"Sunset": LATER}, other)
    )
    assert [violation.location for violation in disagreeing_deprecation_violations(first, second)] == wrong


@pytest.mark.parametrize(
    ("api", "status", "checks"),
    [
        ("ampeco", 405, []),
        ("ampeco", 403, []),
        ("ampeco", 404, ["error_status"]),
        ("ampeco", 204, ["error_status"]),
        ("ampeco", 502, ["not_a_server_error"]),
        ("spirii", 404, []),
        ("spirii", 200, ["error_status"]),
    ],
)
def test_a_method_that_a_path_does_not_have_is_refused_as_such(api: str, status: int, checks: list[str]) -> None:
    found = method_violations(api, "PUT", Response(status))
    assert [violation.check.id for violation in found] == checks


@pytest.mark.parametrize(
    ("declared", "is_wrong"),
    [
        ("application/json", False),
        ('Application/JSON; Charset="UTF-8"', False),
        ("application/json; charset=iso-8859-1", True),
        ("application/problem+json;charset=windows-1252", True),
        ("text/html; charset=iso-8859-1", False),
    ],
)
def test_json_is_declared_as_utf_8(declared: str, is_wrong: bool) -> None:
    exchange = answer_of("GET", "/users")
    assert exchange.response is not None
    declaring = replace(exchange, response=replace(exchange.response, headers=(("content-type", declared),)))
    assert bool(list(charset_violations(declaring))) is is_wrong


@pytest.mark.parametrize(
    ("headers", "places"),
    [
        ([("Content-Type", "application/json"), ("content-length", "2")], []),
        ([("Content-Type", "application/json"), ("content-type", "Application/JSON")], []),
        ([("Content-Type", "application/json"), ("content-type", "text/html")], ["Content-Type"]),
        ([("Transfer-Encoding", "chunked")], []),
        ([("transfer-encoding", "chunked"), ("CONTENT-LENGTH", "2")], ["Content-Length"]),
    ],
)
def test_headers_say_one_thing(headers: list[tuple[str, str]], places: list[str]) -> None:
    exchange = answer_of("GET", "/users")
    assert exchange.response is not None
    answered = replace(exchange, response=replace(exchange.response, headers=tuple(headers)))
    assert [violation.location for violation in ambiguous_header_violations(answered)] == places
