"""Answers are judged by the specification: status, content type, body."""

from dataclasses import replace
from typing import Any

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.findings import Finding
from tests.support.small_contract import MakeAnswer

GOOD = {"id": 1, "email": "ada@example.com"}


def only(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, [finding.headline for finding in findings]
    return findings[0]


@pytest.mark.parametrize(
    ("path", "operation_id"),
    [("/users/7", "getUser"), ("/users/me", "getMe"), ("/proxied/under/users/7", "getUser"), ("/users/", "listUsers")],
)
def test_a_request_is_recognised_by_its_path(contract: ApiContract, path: str, operation_id: str) -> None:
    operation = contract.operation_of("GET", f"https://tenant.example.com{path}?page=1")
    assert operation is not None
    assert operation.operation_id == operation_id


def test_an_unknown_path_is_no_operation(contract: ApiContract) -> None:
    assert contract.operation_of("DELETE", "https://tenant.example.com/users") is None


@pytest.mark.parametrize(
    "user",
    [
        GOOD,
        GOOD | {"nickname": None},
        GOOD | {"default": 0.5},
        GOOD | {"kind": "fits both alternatives"},
        GOOD | {"undocumented": True},
    ],
    ids=["required only", "nullable", "above an exclusive bound", "overlapping oneOf", "extra field"],
)
def test_a_conforming_answer_has_no_findings(contract: ApiContract, answer: MakeAnswer, user: dict[str, Any]) -> None:
    assert contract.check_response(answer("GET", "/users", 200, {"data": [user]})) == []


@pytest.mark.parametrize(
    ("user", "location", "words", "expected"),
    [
        ({"id": 1}, "/data/0/email", "is missing", "present"),
        (GOOD | {"id": "1"}, "/data/0/id", "type", "integer"),
        (GOOD | {"nickname": "c"}, "/data/0/nickname", "enum", ["a", "b", None]),
        (GOOD | {"default": 0}, "/data/0/default", "exclusiveMinimum", 0),
        (GOOD | {"createdAt": "yesterday"}, "/data/0/createdAt", "format", "date-time"),
        (GOOD | {"email": None}, "/data/0/email", "type", "string"),
    ],
    ids=["missing", "type", "enum", "bound", "format", "null"],
)
def test_a_field_that_breaks_its_schema_is_named(
    contract: ApiContract, answer: MakeAnswer, user: dict[str, Any], location: str, words: str, expected: object
) -> None:
    finding = only(contract.check_response(answer("GET", "/users", 200, {"data": [user]})))
    assert finding.check == "response_schema_conformance"
    assert finding.expected == expected
    assert finding.location == location
    assert words in finding.message
    assert finding.headline.startswith("[response_schema_conformance] GET /users v1: /data/0/")
    assert finding.source.startswith("/components/schemas/User")


@pytest.mark.parametrize(
    ("path", "check"), [("/users/7", "undocumented_not_found"), ("/users", "status_code_conformance")]
)
def test_what_a_path_names_may_be_missing(contract: ApiContract, answer: MakeAnswer, path: str, check: str) -> None:
    assert only(contract.check_response(answer("GET", path, 404, {"message": "?"}))).check == check


@pytest.mark.parametrize(("status", "is_growth"), [(409, True), (203, False), (302, False)])
def test_another_refusal_is_growth_and_another_success_is_not(
    contract: ApiContract, answer: MakeAnswer, status: int, is_growth: bool
) -> None:
    finding = only(contract.check_response(answer("GET", "/users", status, {"message": "?"})))
    assert (finding.check, finding.violation.is_growth) == ("status_code_conformance", is_growth)


def test_a_fault_does_not_hide_that_of_another_value_at_the_same_place(
    contract: ApiContract, answer: MakeAnswer
) -> None:
    users = [GOOD | {"email": value} for value in (1, None)] + [GOOD | {"nickname": value} for value in ("x", "y")]
    findings = contract.check_response(answer("GET", "/users", 200, {"data": users}))
    assert [finding.actual for finding in findings] == [1, None, "x", "y"]
    assert len({finding.fingerprint for finding in findings}) == 4


def test_one_fault_in_many_items_is_one_finding(contract: ApiContract, answer: MakeAnswer) -> None:
    only(contract.check_response(answer("GET", "/users", 200, {"data": [{"id": number} for number in range(50)]})))


@pytest.mark.parametrize(
    ("status", "body", "content_type", "check"),
    [
        (200, b"{", "application/json", "response_schema_conformance"),
        (200, {"data": []}, "text/html", "content_type_conformance"),
        (404, {"message": "?"}, "application/json", "status_code_conformance"),
        (500, {"message": "?"}, "application/json", "not_a_server_error"),
    ],
)
def test_other_breaches(
    contract: ApiContract, answer: MakeAnswer, status: int, body: Any, content_type: str, check: str
) -> None:
    finding = only(contract.check_response(answer("GET", "/users", status, body, content_type=content_type)))
    assert finding.check == check


def test_a_response_without_documented_content_may_have_any(contract: ApiContract, answer: MakeAnswer) -> None:
    assert contract.check_response(answer("GET", "/users", 429, b"slow", content_type="text/plain")) == []


def test_a_success_is_no_breach_where_the_document_names_none(contract: ApiContract, answer: MakeAnswer) -> None:
    exchange = answer("GET", "/users", 200, {"data": []})
    operation = next(item for item in contract.specification.operations if item.label == "GET /users")
    alone = replace(operation, definition={**operation.definition, "responses": {"400": {"description": "Refused."}}})
    assert contract.check_response(exchange, alone) == []
