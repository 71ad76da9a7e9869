"""One Allure result per item however it ends; complete, stable, and without secrets."""

import json
import os
import stat
from pathlib import Path

import allure
import pytest

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.reporting.model import ItemIdentity, ItemOutcome
from ampeco_conformance.reporting.writers.allure_results import AllureResults
from tests.support.ended_run import Run
from tests.support.small_suite import CANARY, run_small_suite, run_suite_that_ends_early

OPERATION = "GET /public-api/resources/taxes/v2.0"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_small_suite(tmp_path_factory.mktemp("small"), "--numprocesses", "2")


def test_every_item_has_one_result(run: Run) -> None:
    assert run.code == ExitCode.VIOLATION, run.said
    assert len(run.results) == sum(run.summary["items"].values()) == 8
    for identity in ("uuid", "fullName", "testCaseId", "historyId"):
        assert len({result[identity] for result in run.results}) == 8
    assert {result["fullName"].partition("::")[2]: result["status"] for result in run.results} == {
        f"test_operation[{OPERATION}-v3.90.0@emulator]": "passed",
        f"test_echo[{OPERATION}-v3.90.0@emulator]": "failed",
        "test_steps[v3.90.0@emulator]": "passed",
        "test_that_is_skipped[v3.90.0@emulator]": "skipped",
        "test_whose_setup_breaks[v3.90.0@emulator]": "broken",
        "test_that_fails_and_cannot_clean_up[v3.90.0@emulator]": "failed",
        "test_variants[v3.90.0@emulator-by card]": "passed",
        "test_variants[v3.90.0@emulator-by cash]": "passed",
    }


def test_no_secret_is_in_anything_the_run_wrote_or_said(run: Run) -> None:
    files = [file for file in run.reports.rglob("*") if file.is_file()]
    assert len(files) > 20
    assert [file.name for file in files if CANARY in file.read_text(errors="replace")] == []
    # pytest shows the source of a failed test, where the small suite has its secrets; the token is not left there.
    assert f"{CANARY}-token" not in run.said


def test_raw_results_are_private_and_finished_files_follow_the_umask(run: Run) -> None:
    raw = [*run.results_dir.glob("*-result.json"), *run.results_dir.glob("*-attachment.*"), run.reports / "items.jsonl"]
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (*raw, *(run.reports / "cases").iterdir())}
    assert modes == {0o600}
    assert stat.S_IMODE((run.reports / "run.json").stat().st_mode) == 0o666 & ~_umask()


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


def test_a_finding_is_reported_with_its_exchange(run: Run) -> None:
    result = run.result("test_echo")
    details = result["statusDetails"]
    assert details["message"].splitlines()[0] == f"[no-secrets] {OPERATION} v3.90.0: number 0 *** is shown"
    assert details["expected"] == "nothing"
    assert details["actual"] == "***"
    assert "rule: `/paths/~1users/post` in the specification of AMPECO Public API v3.90.0" in result["description"]
    names = [attachment["name"] for attachment in result["attachments"]]
    # Of seven findings five are shown, and each exchange once, though each proves two of them.
    proofs = [f"{number}. {what}" for number in (1, 3, 5) for what in ("no-secrets", "Reproduce with curl")]
    assert names == [*proofs, "Run this item again"]
    assert run.attachment(result, "3. Reproduce with curl").splitlines()[1] == (
        "curl --request POST 'https://api.test/users?access_token=***&page=1' "
        """--header "Authorization: Bearer $LIMITED_TOKEN" --header 'Cookie: ***' --header 'Accept: */*' """
        """--data-binary '{"name": "Ann", "password": "***"}'"""
    )


def test_an_exchange_is_written_for_allures_viewer(run: Run) -> None:
    result = run.result("test_echo")
    (kind,) = {item["type"] for item in result["attachments"] if item["name"] == "1. no-secrets"}
    assert kind == "application/vnd.allure.http+json"
    exchange = json.loads(run.attachment(result, "1. no-secrets"))
    assert exchange["schemaVersion"] == 1
    assert exchange["stop"] - exchange["start"] == 250
    assert exchange["request"]["query"] == [{"name": "access_token", "value": "***"}, {"name": "page", "value": "1"}]
    assert json.loads(exchange["request"]["body"]["value"]) == {"name": "Ann", "password": "***"}
    assert exchange["response"]["status"] == 500
    assert json.loads(exchange["response"]["body"]["value"]) == {"data": {"clientSecret": "***"}, "sent": "***"}


def test_labels_and_parameters(run: Run) -> None:
    result = run.result("test_echo")
    labels = {(label["name"], label["value"]) for label in result["labels"]}
    assert labels > {
        ("epic", "AMPECO Public API v3.90.0"),
        ("story", OPERATION),
        ("layer", "contract"),
        ("apiVersion", "3.90.0"),
        ("target", "emulator"),
        ("tag", "no-secrets"),
        # A read is of normal severity until something worse is found in it.
        ("severity", "critical"),
    }
    assert ("severity", "normal") not in labels
    parameters = {item["name"]: (item["value"], item.get("excluded")) for item in result["parameters"]}
    assert parameters["apiVersion"] == ("3.90.0", None)
    # What differs from run to run must not make another test of it.
    assert parameters["requests"] == ("1", True)
    assert parameters["answers"] == ("200 x 1", True)


def test_a_scenario_uses_the_decorators_and_steps_of_allure(run: Run) -> None:
    result = run.result("test_steps")
    assert result["name"] == "A story with a title"
    assert "Business rule: nothing vanishes." in result["description"]
    assert result["links"] == [{"type": "link", "url": "https://tickets.test/17?token=***", "name": "ticket 17"}]
    labels = [(label["name"], label["value"]) for label in result["labels"]]
    assert [value for name, value in labels if name == "severity"] == ["blocker"]
    assert ("tag", "chosen") in labels
    first, second = result["steps"]
    assert (first["name"], first["status"]) == ("The taxes are read", "passed")
    assert [item["name"] for item in first["attachments"]] == ["GET /public-api/resources/taxes/v2.0: 200"]
    (inner,) = first["steps"]
    assert json.loads(run.attachment(inner, "notes")) == {"secret": "***"}
    assert second["name"] == "Sign in as 'Ann'"
    assert {item["name"]: item["value"] for item in second["parameters"]} == {"name": "'Ann'", "password": "***"}


def test_results_that_did_not_pass_have_a_reason(run: Run) -> None:
    skipped = run.result("test_that_is_skipped")
    assert skipped["statusDetails"]["message"] == "the target has no place"
    assert skipped["steps"][0]["status"] == "skipped"
    assert run.result("test_whose_setup_breaks")["statusDetails"]["message"] == "KeyError: '***'"
    both = run.result("test_that_fails_and_cannot_clean_up")["statusDetails"]
    assert both["message"].startswith("assert '***' == 'another'")
    assert both["message"].endswith("\nOSError: could not clean up")
    assert "site-packages" not in both["trace"]


def test_a_violation_has_no_traceback_of_the_suite(run: Run) -> None:
    assert "trace" not in run.result("test_echo")["statusDetails"]


def test_the_line_that_runs_an_item_again(run: Run) -> None:
    line = run.attachment(run.result("test_echo"), "Run this item again")
    assert line == (
        f"{PROJECT}/.venv/bin/pytest "
        f"'{PROJECT}/contract_tests/test_secrets.py::test_echo[{OPERATION}-v3.90.0@emulator]' "
        f"--api ampeco --api-version 3.90.0 --profile standard --seed 0 --reports {run.reports}/again"
    )


def test_the_environment_of_the_run_is_recorded(run: Run) -> None:
    lines = (run.results_dir / "environment.properties").read_text().splitlines()
    facts = dict(line.split("=", 1) for line in lines)
    assert facts["API"] == "ampeco 3.90.0"
    assert facts["Specification"].startswith("sha256:")
    assert {"Target", "Safety", "Seed", "Python", "schemathesis"} <= facts.keys()


def test_allures_own_option_only_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "thesis.txt").touch()
    run = run_suite_that_ends_early(tmp_path, "passes", "pass", "--alluredir", "elsewhere")
    assert run.code == ExitCode.TOO_LITTLE_TESTED, run.said
    assert (tmp_path / "elsewhere" / "thesis.txt").exists()
    assert len(run.results) == 3
    assert not (run.reports / "allure-results").exists()


def test_an_interrupted_run_keeps_finished_and_running_items(tmp_path: Path) -> None:
    run = run_suite_that_ends_early(tmp_path, "is_interrupted", "raise KeyboardInterrupt")
    assert run.code == ExitCode.INTERRUPTED, run.said
    assert [(result["name"], result["status"]) for result in sorted(run.results, key=lambda item: item["start"])] == [
        ("test_before", "passed"),
        ("test_that_is_interrupted", "broken"),
    ]
    assert "ended before this item did" in run.result("interrupted")["statusDetails"]["message"]


def test_a_run_that_breaks_down_is_no_success(tmp_path: Path) -> None:
    breakdown = "import _pytest.runner; _pytest.runner.check_interactive_exception = None"
    run = run_suite_that_ends_early(tmp_path, "breaks_pytest", breakdown)
    assert "INTERNALERROR" in run.said
    assert run.code == ExitCode.ENVIRONMENT, run.said
    assert run.summary["interrupted"]


def test_an_item_whose_process_dies_is_broken(tmp_path: Path) -> None:
    run = run_suite_that_ends_early(tmp_path, "dies", "os._exit(1)", "--numprocesses", "1")
    assert run.code == ExitCode.TOO_LITTLE_TESTED, run.said
    assert run.summary["items"] == {"passed": 2, "broken": 1}
    assert run.result("test_that_dies")["status"] == "broken"
    assert len(run.results) == 3


def test_a_killed_run_keeps_finished_and_running_items(tmp_path: Path) -> None:
    run = run_suite_that_ends_early(tmp_path, "is_killed", "os.kill(os.getpid(), 9)")
    assert run.code == -9
    assert {result["name"]: result["status"] for result in run.results} == {
        "test_before": "passed",
        "test_that_is_killed": "broken",
    }


def identity_of(story: str) -> ItemIdentity:
    return ItemIdentity(
        node_id=f"scenarios/test_{story}.py::test_{story}[v3.90.0@emulator]",
        rerun="",
        layer="scenario",
        aspect=story,
        name=story.capitalize(),
        operation=None,
        tag=story,
        api="ampeco",
        api_version="3.90.0",
        target="emulator",
        severity=Severity.NORMAL,
        doc="",
    )


def test_a_scenario_with_many_requests_shows_the_first_hundred(tmp_path: Path) -> None:
    results = AllureResults(tmp_path, Redactor([]))
    try:
        results.start_item(identity_of("waiting"))
        for _ in range(150):
            results.attach_exchange(Exchange(Request("GET", "http://x.test/sessions/1"), Response(200), 0.0, 0.0))
        results.finish_item(ItemOutcome("passed", (), "", "", 0.0, 0.0, (), {}))
    finally:
        results.close()
    names = [item["name"] for item in Run(0, "", tmp_path, tmp_path).result("waiting")["attachments"]]
    assert names == ["GET /sessions/1: 200"] * 100 + ["More exchanges"]


def test_a_session_inside_of_another_writes_its_own_results_only(tmp_path: Path) -> None:
    outer, inner = AllureResults(tmp_path / "outer", Redactor([])), AllureResults(tmp_path / "inner", Redactor([]))
    try:
        inner.start_item(identity_of("inner"))
        with allure.step("a step"):
            allure.attach("text", "said")
        inner.finish_item(ItemOutcome("passed", (), "", "", 0.0, 0.0, (), {}))
    finally:
        inner.close()
        outer.close()
    assert list((tmp_path / "outer").iterdir()) == []
    assert len(list((tmp_path / "inner").glob("*-result.json"))) == 1
    assert len(list((tmp_path / "inner").glob("*-attachment*"))) == 1
