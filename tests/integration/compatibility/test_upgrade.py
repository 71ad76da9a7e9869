"""The verdict before an upgrade: from documents, and from what a real server answers."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.cli.comparing import FAIL_ON, exit_code
from ampeco_conformance.cli.main import main
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.upgrade import (
    Confirmation,
    ServerEvidence,
    SuiteResult,
    UpgradeVerdict,
    ask,
    decide,
)
from ampeco_conformance.compatibility.usage import Usage
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.target.safety import Safety, SafetyPolicy
from tests.support.loopback import Received, Sent, sent_json, serving

Json = Any
_FIELDS = {"id": {"type": "integer"}, "colour": {"type": "string"}}


def _contract(
    name: str, *fields: str, gone: bool = False, required: bool = False, parameters: tuple[Json, ...] = ()
) -> ContractDocument:
    item: Json = {"type": "object", "properties": {field: _FIELDS[field] for field in fields}}
    if required:
        item["required"] = [*fields]
    body = {"type": "object", "properties": {"data": {"type": "array", "items": item}}}
    answer = {"responses": {"200": {"description": "", "content": {"application/json": {"schema": body}}}}}
    listing = {"get": {**answer, "parameters": [*parameters]}}
    paths = {"/things": listing} | ({} if gone else {"/others": {"get": answer}})
    return ContractDocument(name, {"openapi": "3.0.3", "info": {"version": name}, "paths": paths})


def _asked(report: ComparisonReport, answered: Callable[[Received], Sent]) -> list[ServerEvidence]:
    with serving(answered) as base_url, ApiClient(base_url, "token", timeout=10) as client:
        return ask(report, client, SafetyPolicy(Safety.READ_ONLY, (), ()))


@pytest.mark.parametrize(
    ("item", "required", "with_others", "answers", "verdict"),
    [
        ({"id": 1}, True, False, (Confirmation.CONFIRMED, Confirmation.CONFIRMED), UpgradeVerdict.NO_GO),
        ({"id": 1}, False, False, (Confirmation.OPEN, Confirmation.CONFIRMED), UpgradeVerdict.NO_GO),
        ({"id": 1, "colour": "red"}, False, True, (Confirmation.REFUTED,) * 2, UpgradeVerdict.WITH_CARE),
    ],
)
def test_removals_are_confirmed_or_refuted_by_answers(
    item: Json, required: bool, with_others: bool, answers: tuple[Confirmation, ...], verdict: UpgradeVerdict
) -> None:
    """A field that was optional before may be absent; that proves nothing."""

    def answered(received: Received) -> Sent:
        known = received.path == "/things" or with_others
        return sent_json({"data": [item]}, 200 if known else 404)

    sides = _contract("1", "id", "colour", required=required), _contract("2", "id", gone=True, required=required)
    report = compare(*sides, load_policy())
    evidence = _asked(report, answered)
    removed = f"response-{'required' if required else 'optional'}-property-removed"
    assert {proof.change.rule: proof.answer for proof in evidence} == {
        removed: answers[0],
        "operation-removed": answers[1],
    }
    decision = decide(report, evidence, None)
    assert decision.verdict is verdict
    assert any("GET /things 200 body.data[].colour" in reason for reason in decision.reasons)
    assert len(set(decision.reasons)) == len(decision.reasons)


def _kinds(*kinds: str) -> Json:
    return {"name": "kind", "in": "query", "schema": {"type": "string", "enum": [*kinds]}}


def _with_and_without_a_value() -> tuple[ContractDocument, ContractDocument]:
    old, new = (_contract(str(len(kinds)), "id", parameters=(_kinds(*kinds),)) for kinds in (("new", "old"), ("new",)))
    return old, new


@pytest.mark.parametrize(
    ("refused", "answer"),
    [
        ("old", Confirmation.CONFIRMED),
        ("kind", Confirmation.OPEN),
        ("something else", Confirmation.REFUTED),
    ],
    ids=["the witness", "everything", "nothing"],
)
def test_a_refusal_counts_beside_a_valid_request_that_is_accepted(refused: str, answer: Confirmation) -> None:
    report = compare(*_with_and_without_a_value(), load_policy())
    (evidence,) = _asked(report, lambda received: sent_json({"data": []}, 422 if refused in received.path else 200))
    assert evidence.answer is answer


def test_only_what_concerns_the_caller_is_asked_and_decides() -> None:
    sides = _with_and_without_a_value()
    for url, concerned in (("/things?kind=new", False), ("/things?kind=old", True), ("/others", False)):
        usage = Usage("traffic.har")
        usage.add("GET", url)
        report = compare(sides[0], sides[1], load_policy(), usage=usage)
        assert bool(_asked(report, lambda _: sent_json({"data": []}, 200))) is concerned
        assert exit_code(report, FAIL_ON["breaking"]) == int(concerned)


def test_a_server_that_is_not_upgraded_yet_gives_no_verdict() -> None:
    report = compare(_contract("1", "id"), _contract("2", "id"), load_policy())
    decision = decide(report, [], None, older="staging serves 1, not 2 yet")
    assert (decision.verdict, decision.code) == (UpgradeVerdict.UNKNOWN, 4)
    assert decision.reasons[0] == "no verdict: staging serves 1, not 2 yet"


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


def test_a_target_that_cannot_be_used_leaves_the_verdict_of_the_documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOME_TOKEN", "expired")
    with serving(lambda _: Sent(401)) as base_url:
        target = ["--base-url", base_url, "--token-env", "SOME_TOKEN", "--reports", str(tmp_path)]
        assert main(["upgrade-check", "--from", "3.96.4", "--to", "3.110.0", *target]) == 1
    assert json.loads((tmp_path / "verdict.json").read_text())["decision"] == "no-go"
    assert "no verdict: the old contract was not tested in full (exit code 3): " in capsys.readouterr().out
