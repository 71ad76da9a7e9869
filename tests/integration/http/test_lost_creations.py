"""What a run may have created without being told stays in its journal, and clean-up survives a target that is gone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import guarded
from ampeco_conformance.http.journal import FOLDER, JournalRecord, open_journal, read_journals
from ampeco_conformance.http.ownership import run_tag
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Safety, Target
from ampeco_conformance.target.safety import SafetyPolicy
from tests.support.loopback import Received, Sent, sent_json, serving

TAXES = "/public-api/resources/taxes/v2.0"
LOST = Sent(is_lost=True)
LATER = Sent(429, headers={"Retry-After": "0"})
CREATED = sent_json({"data": {"id": 7, "name": "conform-run"}}, 201)


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


def journals_after(answer: Callable[[Received], Sent], contract: ApiContract, folder: Path) -> list[JournalRecord]:
    """What is in the journals of a run that sent one creation."""
    with serving(answer) as base_url:
        target = Target("staging", "ampeco", "3.90.0", base_url, "token", Safety.OWN_DATA)
        policy = SafetyPolicy(Safety.OWN_DATA, (), contract.specification.operations)
        guard = Guard(policy, contract, open_journal(folder, target, "run"), (), run_tag("run"))
        with guarded(target, contract, guard) as client:
            client.send("POST", TAXES, json={"name": "conform-run"})
    return list(read_journals(folder))


@pytest.mark.parametrize("answers", [[LOST], [LATER, LOST], [LATER, LATER, Sent(502, b"")]])
def test_a_creation_without_a_response_stays_in_the_journal(
    answers: list[Sent], contract: ApiContract, tmp_path: Path
) -> None:
    left = iter(answers)
    (record,) = journals_after(lambda _: next(left), contract, tmp_path)
    assert record.path.parent == tmp_path / FOLDER
    assert record.unknown == {TAXES: ["conform-run"]}
    assert record.unanswered == {TAXES: 1}


def test_a_documented_status_is_a_response_of_the_api(contract: ApiContract) -> None:
    document = {"responses": {"200": {}, "503": {"description": "Closed for maintenance."}}}
    operations = [replace(operation, definition=document) for operation in contract.specification.operations]
    specification = replace(contract.specification, operations=tuple(operations))
    guard = Guard(SafetyPolicy(Safety.READ_ONLY, (), ()), ApiContract(specification))
    with serving(lambda _: Sent(503)) as url, ApiClient(url, "token", timeout=5, gate=guard) as client:
        assert client.send("GET", TAXES).response is not None
        assert client.send("GET", "/elsewhere").response is None


def test_nothing_stays_of_a_creation_that_was_refused(contract: ApiContract, tmp_path: Path) -> None:
    assert journals_after(lambda _: sent_json({}, 422), contract, tmp_path) == []


def test_clean_up_on_a_target_that_is_gone_keeps_what_is_left(contract: ApiContract, tmp_path: Path) -> None:
    def answer(received: Received) -> Sent:
        return CREATED if received.method == "POST" else sent_json({}, 503)

    (record,) = journals_after(answer, contract, tmp_path)
    assert [item.path for item in record.left] == [f"{TAXES}/7"]


def test_what_was_created_below_a_deleted_item_is_gone_with_it(tmp_path: Path) -> None:
    """A creation without a response leaves nothing behind once its parent is deleted."""
    lines = [
        b'{"run": "run"}',
        b'{"created": "/public-api/resources/charge-points/v2.0/55", "status": 201}',
        b'{"sending": "/public-api/resources/charge-points/v2.0/55/evses"}',
        b'{"sending": "/public-api/resources/charge-points/v2.0/5/evses"}',
        b'{"removed": "/public-api/resources/charge-points/v2.0/55"}',
    ]
    file = tmp_path / FOLDER / "run.jsonl"
    file.parent.mkdir()
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    (record,) = read_journals(tmp_path)
    assert record.unanswered == {"/public-api/resources/charge-points/v2.0/5/evses": 1}
    assert list(record.unknown) == ["/public-api/resources/charge-points/v2.0/5/evses"]


@pytest.mark.parametrize(
    ("head", "code", "said"),
    [
        (b'{"run": "run", "base_ur', 3, "has lost its first line"),
        (b'{"run": "run", "base_url": "http://127.0.0.2:1"}', 0, "Other journals are of http://127.0.0.2:1"),
    ],
    ids=["first line torn", "another target"],
)
def test_sweep_passes_no_journal_over_in_silence(
    head: bytes,
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / FOLDER / "run-main.jsonl"
    file.parent.mkdir()
    file.write_bytes(head + b'\n{"created": "%s/7", "status": 201, "marks": {}}\n' % TAXES.encode())
    monkeypatch.setenv("SOME_TOKEN", "token")
    with serving(lambda _: sent_json({}, 404)) as base_url:
        named = ["--base-url", base_url, "--token-env", "SOME_TOKEN", "--safety", "own-data"]
        assert main(["sweep", *named, "--reports", str(tmp_path)]) == code
    assert said in capsys.readouterr().out
    assert file.exists()
