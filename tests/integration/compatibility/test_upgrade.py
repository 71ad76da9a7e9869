"""The verdict before an upgrade: from documents, and from what a real server answers."""

import json
import re
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import compare
from ampeco_conformance.compatibility.upgrade import Confirmation, SuiteResult, UpgradeVerdict, ask, decide
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.target.safety import Safety, SafetyPolicy
from tests.support.loopback import Received, Sent, sent_json, serving

_FIELDS = {"id": {"type": "integer"}, "colour": {"type": "string"}}


def _contract(name: str, *fields: str, gone: bool = False) -> ContractDocument:
    item = {"type": "object", "properties": {field: _FIELDS[field] for field in fields}}
    body = {"type": "object", "properties": {"data": {"type": "array", "items": item}}}
    answer = {"responses": {"200": {"description": "", "content": {"application/json": {"schema": body}}}}}
    paths = {"/things": {"get": answer}} | ({} if gone else {"/others": {"get": answer}})
    return ContractDocument(name, {"openapi": "3.0.3", "info": {"version": name}, "paths": paths})


@pytest.mark.parametrize(
    ("item", "with_others", "answer", "verdict"),
    [
        ({"id": 1}, False, Confirmation.CONFIRMED, UpgradeVerdict.NO_GO),
        ({"id": 1, "colour": "red"}, True, Confirmation.REFUTED, UpgradeVerdict.WITH_CARE),
    ],
)
def test_removals_are_confirmed_or_refuted_by_answers(
    item: dict[str, object],
    with_others: bool,
    answer: Confirmation,
    verdict: UpgradeVerdict,
) -> None:
    def answered(received: Received) -> Sent:
        known = received.path == "/things" or with_others
        return sent_json({"data": [item]}, 200 if known else 404)

    report = compare(_contract("1", "id", "colour"), _contract("2", "id", gone=True), load_policy())
    with serving(answered) as base_url, ApiClient(base_url, "token", timeout=10) as client:
        evidence = ask(report, client, SafetyPolicy(Safety.READ_ONLY, (), ()))
    assert {(proof.change.rule, proof.answer) for proof in evidence} == {
        ("response-optional-property-removed", answer),
        ("operation-removed", answer),
    }
    decision = decide(report, evidence, None)
    assert decision.verdict is verdict
    assert any("GET /things 200 body.data[].colour" in reason for reason in decision.reasons)


def test_a_server_that_does_not_keep_the_old_contract_is_a_no_go() -> None:
    report = compare(_contract("1", "id"), _contract("1", "id"), load_policy())
    assert decide(report, [], SuiteResult(0, ())).verdict is UpgradeVerdict.GO
    failed = decide(report, [], SuiteResult(1, ("[check] GET /things v1: /data/id is missing",)))
    assert failed.verdict is UpgradeVerdict.NO_GO
    assert "/data/id is missing" in failed.reasons[0]
    untested = decide(report, [], SuiteResult(4, ()))
    assert (untested.verdict, untested.code) == (UpgradeVerdict.UNKNOWN, 4)


@pytest.mark.parametrize(
    ("old", "new", "options", "code", "decision"),
    [
        ("3.66.0", "3.90.0", [], 0, "partial"),
        ("3.66.0", "3.90.0", ["--require-evidence"], 4, "unknown"),
        ("3.96.4", "3.110.0", [], 1, "no-go"),
    ],
)
def test_the_exit_code_is_the_verdict_of_every_page(
    old: str,
    new: str,
    options: list[str],
    code: int,
    decision: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "index.html").write_text("GO of yesterday")
    assert main(["upgrade-check", "--from", old, "--to", new, "--reports", str(tmp_path), *options]) == code
    said = capsys.readouterr().out
    assert json.loads((tmp_path / "verdict.json").read_text())["decision"] == decision
    pages = [(tmp_path / name).read_text() for name in ("index.html", "verdict.md", "verdict.json", "comparison.html")]
    for page in (said, *pages):
        assert ("the fields of 3.66.0 are not known" in page) == (old == "3.66.0")
    if code == 1:
        assert not any(re.search(r"\bGO\b", re.sub("NO-GO", "", page)) for page in pages)
        assert "<failure" in (tmp_path / "junit.xml").read_text()


def test_an_upgrade_check_leaves_no_page_of_an_earlier_one(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "contract"):
        folder.mkdir(exist_ok=True)
        (folder / "verdict.json").write_text('{"decision": "go"}')
    assert main(["upgrade-check", "--from", "3.90.0", "--to", "0.0.0", "--reports", str(tmp_path)]) == 2
    assert not list(tmp_path.rglob("verdict.json"))
