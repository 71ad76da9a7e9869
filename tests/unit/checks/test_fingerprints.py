"""Fingerprints: the same for the same fault, another for another."""

from typing import Any

import pytest

from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.findings import Finding


def finding(message: str = "server error 500", body: bytes = b"", status: int = 500, **changes: Any) -> Finding:
    exchange = Exchange(Request("GET", "https://api.test/users"), Response(status, body=body), 0.0, 0.1)
    given = {"check": "not_a_server_error", "operation": "GET /users", "api_version": "3.90.0", "exchange": exchange}
    return Finding(message=message, **{**given, **changes})


SAME = [
    (
        finding("/data/0/name breaks `type`: 12 is not of type string at 200", status=200, location="/data/0/name"),
        finding("/data/31/name breaks `type`: [4] is not of type string at 200", status=200, location="/data/31/name"),
    ),
    (finding(), finding(api_version="3.99.0")),
    (
        finding("status 418 is not documented (documented: 200, 404)", status=418),
        finding("status 418 is not documented (documented: 200, 403, 404)", status=418, api_version="3.99.0"),
    ),
    (
        finding(body=b'{"message": "no row 17", "trace": "1f0c5e1a-0000-4000-8000-000000000001"}'),
        finding(body=b'{"message": "no row 18", "trace": "1f0c5e1a-0000-4000-8000-000000000002"}'),
    ),
    (finding(body=b"<h1>Down</h1><p>at 10:01:02</p>"), finding(body=b"<h1>Down</h1>\n<p>at 11:31:22</p>")),
]
DIFFERENT = [
    (finding(body=b'{"message": "no row 17"}'), finding(body=b'{"message": "out of memory"}')),
    (finding(body=b'{"message": "x"}'), finding(body=b'{"message": "x", "exception": "x"}')),
    (finding(body=b"<title>Bad gateway</title>"), finding(body=b"<title>Whoops</title>")),
    (finding(), finding(operation="POST /users")),
    (finding(), finding(status=503)),
    (finding(status=200, location="/data/name"), finding(status=200, location="/data/id")),
    (
        finding("/data/status breaks `enum`: x at 200", status=200, source="/a/enum", actual="paused"),
        finding("/data/status breaks `enum`: x at 200", status=200, source="/a/enum", actual="lost"),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_fault_keeps_its_fingerprint(one: Finding, other: Finding) -> None:
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_fault_has_another(one: Finding, other: Finding) -> None:
    assert one.fingerprint != other.fingerprint
