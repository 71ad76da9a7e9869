"""Whatever a target answers, the item is judged and every report can be written."""

import gzip
import itertools
import json
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ampeco_conformance.contract.allow_list import allow_list_of
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.core.tenant_data import TenantData
from ampeco_conformance.core.visible_text import one_line
from ampeco_conformance.drift.log import write_drift
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.reporting.model import ItemOutcome
from ampeco_conformance.reporting.results import from_line, item_result, to_line
from ampeco_conformance.reporting.writers.allure_results import AllureResults
from tests.support.finished_runs import READ, Nights, identity_of
from tests.support.raw_server import raw_server
from tests.support.scripted_target import TOKEN, judge_of, scripted_contract

texts = st.text(st.characters(), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
users = st.fixed_dictionaries({}, optional={"id": values, "name": values, "extra": values, "status": values})
bodies = (
    st.binary(max_size=60)
    | values.map(json.dumps).map(str.encode)
    | users.map(lambda user: json.dumps({"data": user}).encode())
)
header_lines = st.lists(st.binary(max_size=20).filter(lambda line: not set(line) & set(b"\r\n")), max_size=3)


def user(part: str) -> bytes:
    return b'{"data": {"id": 1, ' + part.encode() + b"}}"


@dataclass
class Target:
    """A server that sends these header lines and this body to everybody."""

    lines: list[bytes]
    body: bytes
    url: str = ""
    raw: Iterable[bytes] | None = None
    """Sent in place of a whole answer."""

    def reply(self, connection: socket.socket, _received: bytes) -> None:
        if self.raw is not None:
            for part in self.raw:
                connection.sendall(part)
            return
        head = [b"HTTP/1.1 200 OK", b"Connection: close", b"Content-Type: application/json"]
        length = str(len(self.body)).encode()
        connection.sendall(b"\r\n".join([*head, *self.lines, b"Content-Length: " + length, b"", self.body]))


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    served = Target([], b"")
    with raw_server(served.reply) as served.url:
        yield served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


def result_of(target: Target, folder: Path) -> ItemResult:
    """The result of an item that reads one user, as a worker sends it; its exchange is in the Allure results."""
    contract = scripted_contract()
    identity = identity_of(READ)
    tenant = TenantData(allow_list_of(contract.specification))
    redact = Redactor([TOKEN], tenant=tenant)
    allure = AllureResults(folder / "allure-results", redact)
    findings: list[Finding] = []
    is_lost = False
    with ApiClient(target.url, TOKEN, timeout=5) as client:
        record = Recorder(contract, judge_of(client, contract, is_emulator=False))
        client.observe(tenant.observe)
        client.observe(record.observe)
        allure.start_item(identity)
        client.observe(allure.attach_exchange)
        try:
            exchange = client.send("GET", "/users/1")
            is_lost = exchange.response is None
            record.expect_conformance(exchange)
            record.expect_nothing_in_passing()
        except ContractViolation as violation:
            findings = [*violation.findings]
        except TargetError:
            pass
    findings += record.tolerated
    outcome = ItemOutcome(
        "failed" if findings else "broken" if is_lost else "passed", tuple(findings), "", "", 1.0, 2.0, (), {}
    )
    allure.finish_item(outcome)
    allure.close()
    return from_line(to_line(item_result(identity, outcome, record, redact, None)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header_lines, bodies)
@example([], user('"name": "\\ud800"'))
@example([], user('"y\\udc00": "x"'))
@example([], user('"extra": ' + "[" * 300 + "]" * 300))
@example([], b"[" * 100_000)
@example([], user('"a\\tb\\u0000\\n": 1, "a|b`": {"\\u202ec": "\\u001b[2J|"}, "status": "\\u001b[2J\\u2028"'))
@example([], user('"name": NaN, "extra": 1e400, "more": -Infinity'))
@example([], user(f'"name": {"9" * 5000}, "more": {2**80}'))
@example([], user('"id": 2, "id": 3'))
@example([], b"\xef\xbb\xbf" + user('"name": "a"'))
@example([], b'{"data": {"id": 1, "name": "\xff\xed\xa0\x80"}}')
@example(["X-Имя: значение".encode(), b"X-\xff: \xfe", b"no colon"], user('"name": "a"'))
@example([b"X-" + b"a" * 3000 + b": b"], user(f'"{"a" * 300}": 1, "{"a" * 100}!": 2, "{"aB" * 200}": 3'))
@example([b"X-%d: a" % number for number in range(10_000)], user('"name": "a"'))
def test_any_answer_is_judged_and_reported(target: Target, folder: Path, lines: list[bytes], body: bytes) -> None:
    target.lines, target.body, target.raw = lines, body, None
    result = result_of(target, folder)
    nights = Nights(folder, number=len(list(folder.glob("night-*"))))
    nights.run(result)
    write_drift(result.drift, nights.reports)
    assert json.loads(nights.read("verdict.json"))
    assert nights.read("index.html")
    for line in nights.read("verdict.md").splitlines() + nights.read("drift.md").splitlines():
        assert one_line(line) == line
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in nights.read("drift.md").splitlines()} <= {0, 9}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (user('"name": "\\ud800"'), "the body of 200 has half of a surrogate pair, which is no character"),
        (user('"extra": ' + "[" * 300 + "]" * 300), "the body of 200 is nested deeper than 200 levels"),
        (user('"status": "\\ud83d"'), "the body of 200 has half of a surrogate pair, which is no character"),
        (user('"name": NaN'), "the body of 200 is not JSON: NaN is not a number that parsers read alike"),
    ],
)
def test_what_parsers_read_differently_is_a_finding(target: Target, tmp_path: Path, body: bytes, said: str) -> None:
    target.lines, target.body, target.raw = [], body, None
    (finding,) = result_of(target, tmp_path).findings
    assert (finding.check, finding.message) == ("response_schema_conformance", said)


USER = user('"name": "a"')
JSON, LENGTH = b"Content-Type: application/json", b"Content-Length: %d" % len(USER)


def answer(*lines: bytes, body: bytes = USER, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join([status, *lines, b"", body])


WHOLE = {
    "early hints": answer(JSON, LENGTH, status=b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK"),
    "many continues": answer(JSON, LENGTH, status=b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + b"HTTP/1.1 200 OK"),
    "gzip in two members": answer(
        JSON, b"Content-Encoding: gzip", b"Connection: close", body=gzip.compress(USER[:9]) + gzip.compress(USER[9:])
    ),
    "an unknown charset": answer(JSON + b"; charset=none-such", LENGTH),
}
ODD = {
    "nothing": b"",
    "TLS": b"\x16\x03\x01\x02\x00",
    "a chunk without a size": answer(JSON, b"Transfer-Encoding: chunked", body=b"zz\r\nrubbish\r\n"),
    "a chunk of any size": answer(JSON, b"Transfer-Encoding: chunked", body=b"f" * 18 + b"\r\n{}"),
    "a longer length": answer(JSON, b"Content-Length: 900"),
    "a negative length": answer(JSON, b"Content-Length: -1"),
    "two lengths": answer(JSON, LENGTH, b"Content-Length: 1"),
    "no gzip": answer(JSON, LENGTH, b"Content-Encoding: gzip"),
    "gzip and rubbish": answer(
        JSON, b"Content-Encoding: gzip", b"Connection: close", body=gzip.compress(USER) + b"rubbish"
    ),
    "another coding": answer(JSON, LENGTH, b"Content-Encoding: br"),
    "another protocol": answer(status=b"HTTP/1.1 101 Switching Protocols", body=b""),
    "a redirect to itself": answer(b"Location: ?", b"Content-Length: 0", status=b"HTTP/1.1 302 Found", body=b""),
    "a redirect to nowhere": answer(b"Location: //", b"Content-Length: 0", status=b"HTTP/1.1 308 Again", body=b""),
    "a status of no class": answer(JSON, LENGTH, status=b"HTTP/1.1 999 ?"),
    "UTF-16": answer(JSON + b"; charset=utf-16", b"Connection: close", body=USER.decode().encode("utf-16")),
    "control characters": answer(JSON, b"X-A: \x00\x07", LENGTH),
}


@pytest.mark.parametrize(
    ("raw", "is_whole"),
    [*((raw, True) for raw in WHOLE.values()), *((raw, False) for raw in ODD.values())],
    ids=[*WHOLE, *ODD],
)
def test_odd_http_is_judged_and_reported(target: Target, tmp_path: Path, raw: bytes, is_whole: bool) -> None:
    target.raw = [raw]
    result = result_of(target, tmp_path)
    assert (result.status == "passed") is is_whole


def test_a_body_of_50_mb_is_not_read_to_its_end(target: Target, tmp_path: Path) -> None:
    size = 50 * 2**20
    target.raw = itertools.chain(
        [answer(JSON, b"Content-Length: %d" % size, body=b"")], itertools.repeat(b" " * 2**20, 50)
    )
    result_of(target, tmp_path)
    assert any(target.raw)


def test_a_large_number_is_no_finding(target: Target, tmp_path: Path) -> None:
    target.lines, target.body, target.raw = [], user(f'"extra": {{"number": {2**70}}}'), None
    result = result_of(target, tmp_path)
    assert result.findings == ()
