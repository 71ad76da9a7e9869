"""What requests and responses reach of what the specification documents, each thing once."""

import pytest

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.coverage.all_points import documented_points
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.recording import CoverageObserver
from ampeco_conformance.recording.recorder import Recorder
from tests.support.small_contract import answer_of, small_contract

LIST, CREATE, READ = "GET /users", "POST /users", "GET /users/{user}"
FULL = {"email": "a@example.com", "password": "x", "nickname": "a", "default": 1, "createdAt": "2026-01-01T00:00:00Z"}


def reached(*exchanges: Exchange) -> dict[str, dict[str, list[str]]]:
    """What one item reaches with these exchanges."""
    contract = small_contract()
    record = Recorder(contract, observer=CoverageObserver(contract))
    for exchange in exchanges:
        record.observe(exchange)
    return record.coverage.reached


def places(kind: CoverageKind, label: str, *exchanges: Exchange) -> set[str]:
    return set(reached(*exchanges).get(kind, {}).get(label, ()))


def documented(kind: CoverageKind, label: str) -> set[str]:
    contract = small_contract()
    operation = contract.specification.operation(label)
    return {place for known, place in documented_points(contract, operation).reachable if known is kind}


@pytest.mark.parametrize(
    ("kind", "label", "exchange", "expected"),
    [
        (CoverageKind.STATUSES, LIST, answer_of("GET", "/users"), {"200"}),
        (CoverageKind.STATUSES, LIST, answer_of("GET", "/users", 500), set()),
        (CoverageKind.PARAMETERS_ALONE, LIST, answer_of("GET", "/users?filter[tags][]=a"), {"query/filter[tags]"}),
        (CoverageKind.PARAMETERS_ALONE, LIST, answer_of("GET", "/users?page=2&name=x"), set()),
        (CoverageKind.PARAMETERS_ALONE, LIST, answer_of("GET", "/users?page=2", 422), set()),
        (
            CoverageKind.PARAMETERS_TOGETHER,
            LIST,
            answer_of("GET", "/users?page=2&name=x"),
            {"query/page", "query/name"},
        ),
        (CoverageKind.PARAMETER_BOUNDS, LIST, answer_of("GET", "/users?page=1"), {"query/page minimum"}),
        (CoverageKind.PARAMETER_BOUNDS, LIST, answer_of("GET", "/users?page=2"), set()),
        (CoverageKind.RESPONSE_FIELDS, LIST, answer_of("GET", "/users", body={"data": []}), {"200/data"}),
        (
            CoverageKind.RESPONSE_FIELDS,
            LIST,
            answer_of("GET", "/users", body={"data": [{"id": 1}, {"email": "x", "unknown": 1}]}),
            {"200/data", "200/data/*/id", "200/data/*/email"},
        ),
        (
            CoverageKind.RESPONSE_ENUMS,
            LIST,
            answer_of("GET", "/users", body={"data": [{"nickname": "b"}]}),
            {"200/data/*/nickname = b"},
        ),
        (CoverageKind.REQUEST_FIELDS, CREATE, answer_of("POST", "/users", 201, sent={"email": "x"}), {"body/email"}),
        (CoverageKind.REQUEST_FIELDS, CREATE, answer_of("POST", "/users", 422, sent={"email": "x"}), set()),
        (
            CoverageKind.REQUEST_ENUMS,
            CREATE,
            answer_of("POST", "/users", 201, sent={"nickname": "b"}),
            {"body/nickname = b"},
        ),
        (
            CoverageKind.INVALID_KEYWORDS,
            CREATE,
            answer_of("POST", "/users", 422, sent={"email": "x", "nickname": 7, "kind": "a" * 101}),
            {"body/email format", "body/password required", "body/nickname type", "body/nickname enum"},
        ),
        (CoverageKind.INVALID_KEYWORDS, CREATE, answer_of("POST", "/users", 422, sent=b"{"), set()),
        (CoverageKind.VALID_KEYWORDS, READ, answer_of("GET", "/users/7"), {"path/user type"}),
        (CoverageKind.INVALID_KEYWORDS, READ, answer_of("GET", "/users/x"), {"path/user type"}),
        (CoverageKind.INVALID_KEYWORDS, LIST, answer_of("GET", "/users?page=0"), {"query/page minimum"}),
    ],
)
def test_an_exchange_reaches(kind: CoverageKind, label: str, exchange: Exchange, expected: set[str]) -> None:
    assert places(kind, label, exchange) & documented(kind, label) == expected


def test_what_was_reached_is_recorded_once() -> None:
    exchange = answer_of("GET", "/users?page=1", body={"data": [{"id": 1}]})
    assert reached(exchange, exchange) == reached(exchange)


def test_everything_can_be_reached() -> None:
    invalid = {"email": 1, "nickname": 1, "default": "x", "createdAt": 1, "kind": 1}
    exchanges = [
        answer_of("POST", "/users", 201, sent={**FULL, "kind": "x"}),
        answer_of("POST", "/users", 201, sent={**FULL, "nickname": "b"}),
        answer_of("POST", "/users", 422, sent={**invalid, "password": 1}),
        answer_of("POST", "/users", 422, sent={"email": "x", "default": 0, "createdAt": "x", "kind": "x" * 101}),
        answer_of("POST", "/users", 422, sent={}),
        answer_of("POST", "/users", 422, sent=[]),
    ]
    found = reached(*exchanges)
    stated = {CoverageKind.CHANGED_FIELDS, CoverageKind.BROKEN_REFERENCES}
    stated |= {CoverageKind.CREDENTIALS, CoverageKind.HOSTILE_REQUESTS}
    for kind in set(CoverageKind) - stated:
        assert set(found.get(kind, {}).get(CREATE, ())) >= documented(kind, CREATE), kind


@pytest.mark.parametrize(
    ("label", "place", "reason"),
    [
        (LIST, "query/name type", "every text of a URL satisfies it"),
        (CREATE, "body/kind maxLength", "another variant of the body lets pass whatever violates it"),
    ],
)
def test_what_cannot_be_violated_has_its_reason(label: str, place: str, reason: str) -> None:
    contract = small_contract()
    points = documented_points(contract, contract.specification.operation(label))
    assert (CoverageKind.VALID_KEYWORDS, place) in points.reachable
    assert points.unreachable[CoverageKind.INVALID_KEYWORDS, place] == reason
    assert points.reachable.isdisjoint(points.unreachable)


def test_what_a_direction_hides_is_not_expected_there() -> None:
    assert "body/id" not in documented(CoverageKind.REQUEST_FIELDS, CREATE)
    assert "200/data/*/password" not in documented(CoverageKind.RESPONSE_FIELDS, LIST)
