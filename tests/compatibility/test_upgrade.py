"""The verdict before an upgrade: from documents, and from what a real server answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.compatibility.contracts import Contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import compare
from ampeco_conformance.compatibility.upgrade import Answer, SuiteResult, Verdict, ask, decide
from ampeco_conformance.tenants.client import ApiClient
from ampeco_conformance.tenants.safety import Policy, Safety

_FIELDS = {"id": {"type": "integer"}, "colour": {"type": "string"}}


def _contract(name: str, *fields: str, gone: bool = False) -> Contract:
    item = {"type": "object", "properties": {field: _FIELDS[field] for field in fields}}
    body = {"type": "object", "properties": {"data": {"type": "array", "items": item}}}
    answer = {"responses": {"200": {"description": "", "content": {"application/json": {"schema": body}}}}}
    paths = {"/things": {"get": answer}} | ({} if gone else {"/others": {"get": answer}})
    return Contract(name, {"openapi": "3.0.3", "info": {"version": name}, "paths": paths})


class _Server(BaseHTTPRequestHandler):
    item: dict[str, object] = {}
    with_others = False

    def do_GET(self) -> None:
        known = self.path == "/things" or self.with_others
        content = json.dumps({"data": [self.item]}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def client() -> Iterator[ApiClient]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with ApiClient(f"http://127.0.0.1:{server.server_port}", "token", timeout=10) as client:
        yield client
    server.shutdown()


@pytest.mark.parametrize(
    ("item", "with_others", "answer", "verdict"),
    [
        ({"id": 1}, False, Answer.CONFIRMED, Verdict.NO_GO),
        ({"id": 1, "colour": "red"}, True, Answer.REFUTED, Verdict.WITH_CARE),
    ],
)
def test_removals_are_confirmed_or_refuted_by_answers(
    item: dict[str, object],
    with_others: bool,
    answer: Answer,
    verdict: Verdict,
    client: ApiClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_Server, "item", item)
    monkeypatch.setattr(_Server, "with_others", with_others)
    report = compare(_contract("1", "id", "colour"), _contract("2", "id", gone=True), load_policy())
    evidence = ask(report, client, Policy(Safety.READ_ONLY, (), ()))
    assert {(each.change.rule, each.answer) for each in evidence} == {
        ("response-optional-property-removed", answer),
        ("operation-removed", answer),
    }
    decision = decide(report, evidence, None)
    assert decision.verdict is verdict
    assert any("GET /things 200 body.data[].colour" in reason for reason in decision.reasons)


def test_a_server_that_does_not_keep_the_old_contract_is_a_no_go() -> None:
    report = compare(_contract("1", "id"), _contract("1", "id"), load_policy())
    assert decide(report, [], SuiteResult(0, (), 1)).verdict is Verdict.GO
    failed = decide(report, [], SuiteResult(1, ("[check] GET /things v1: /data/id is missing",), 1))
    assert failed.verdict is Verdict.NO_GO
    assert "/data/id is missing" in failed.reasons[0]
    assert decide(report, [], SuiteResult(4, (), 0)).verdict is Verdict.WITH_CARE


@pytest.mark.parametrize(("old", "new", "code"), [("3.66.0", "3.90.0", 0), ("3.96.4", "3.110.0", 1)])
def test_the_exit_code_is_the_verdict(old: str, new: str, code: int, tmp_path: Path) -> None:
    assert main(["upgrade-check", "--from", old, "--to", new, "--reports", str(tmp_path)]) == code
    assert (tmp_path / "comparison.html").exists()
