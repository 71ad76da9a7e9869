"""Fingerprints: the same for the same fault, another for another, whatever the wording."""

import pytest

from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.core.exchanges import Response
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.fingerprints import is_old_form
from tests.support.findings import finding_of

OK = Response(200)


def failure(body: bytes, status: int = 500) -> Finding:
    return finding_of(response=Response(status, body=body))


def schema_error(message: str, location: str, actual: object, kind: str = "type") -> Finding:
    return finding_of("response_schema_conformance", message, location, actual=actual, kind=kind, response=OK)


def in_map(location: str) -> Finding:
    return finding_of(
        "response_schema_conformance", "x", location, actual=1, kind="type", place="/data/names/*", response=OK
    )


SAME = [
    (schema_error("12 is not of type string", "/data/0/name", 12), schema_error("breaks type", "/data/31/name", 4.5)),
    (failure(b""), finding_of(api_version="3.99.0", response=Response(500))),
    (
        finding_of("status_code_conformance", "status 418 is not documented", expected="200", response=Response(418)),
        finding_of("status_code_conformance", "418", expected="200, 403", response=Response(418)),
    ),
    (
        failure(b'{"message": "no row 17", "trace": "1f0c5e1a-0000-4000-8000-000000000001"}'),
        failure(b'{"message": "no row 18", "trace": "1f0c5e1a-0000-4000-8000-000000000002"}'),
    ),
    (failure(b'{"message": "no row 17"}'), failure(b'{"message": "out of memory"}')),
    (
        failure(b'{"message": "QueryException in a", "exception": "App\\\\QueryException"}'),
        failure(b'{"message": "QueryException in b", "exception": "App\\\\QueryException"}'),
    ),
    (failure(b"<h1>Down</h1><p>at 10:01:02</p>"), failure(b"<h1>Down</h1>\n<p>at 11:31:22</p>")),
    (
        failure(b"<title>Error 7f3a: SQLSTATE</title>java.lang.IllegalStateException: a"),
        failure(b"<title>Error 81bc: timeout</title>java.lang.IllegalStateException: b"),
    ),
    (failure(b'{"message": "x", "3f9a": 1}'), failure(b'{"message": "x", "c07b": 1}')),
    (failure(b'{"exception": "A3f9Exception"}'), failure(b'{"exception": "B07cException"}')),
    (in_map("/data/names/af31"), in_map("/data/names/9c2e")),
    (failure(b"<title>502 Bad Gateway (a1)</title>"), failure(b"<title>502  Bad Gateway (b2)</title>")),
]
DIFFERENT = [
    (failure(b'{"message": "x"}'), failure(b'{"message": "x", "exception": "x"}')),
    (failure(b'{"exception": "QueryException"}'), failure(b'{"exception": "TypeError"}')),
    (failure(b"<title>Bad gateway</title>"), failure(b"<title>Whoops</title>")),
    (failure(b""), finding_of(operation="POST /users", response=Response(500))),
    (failure(b""), failure(b"", 503)),
    (schema_error("x", "/data/name", 1), schema_error("x", "/data/id", 1)),
    (schema_error("x", "/data/name", 1), schema_error("x", "/data/name", None)),
    (schema_error("x", "/data/name", "a", "format"), schema_error("x", "/data/name", "a", "maxLength")),
    (
        schema_error("x", "/data/status", "paused", "enum paused"),
        schema_error("x", "/data/status", "lost", "enum lost"),
    ),
    (finding_of("pagination_items", response=OK), finding_of("pagination_meta", response=OK)),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_fault_keeps_its_fingerprint(one: Finding, other: Finding) -> None:
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_fault_has_another(one: Finding, other: Finding) -> None:
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize("check", CHECKS)
def test_wording_does_not_count(check: str) -> None:
    one, other = finding_of(check, "was rejected", response=OK), finding_of(check, "was refused", response=OK)
    assert one.fingerprint == other.fingerprint


def test_a_fingerprint_is_distinguished_from_one_of_the_old_form() -> None:
    assert is_old_form("b6b2e0c6c83f")
    assert not is_old_form(failure(b"").fingerprint)
