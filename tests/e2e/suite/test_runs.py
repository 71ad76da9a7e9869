"""What a run of the suite finds, says and leaves behind, on the embedded emulator and on other servers."""

import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.reporting.results import ITEMS, read_results
from tests.support.ended_run import Run
from tests.support.loopback import Received, Sent, sent_json, serving
from tests.support.runs import COMMAND, TOKEN, conform_run, environment
from tests.support.tampering import TamperedResponse, Tampering, tampering_proxy

USERS = "/public-api/resources/users/v1.0"
RESERVATIONS = "/public-api/resources/reservations/v1.0"


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of one resource in parallel."""
    reports = tmp_path_factory.mktemp("two_workers")
    return conform_run(reports, "--operation", "taxes", "--workers", "2", "--", "--deselect", "scenarios")


def test_one_result_per_item_and_none_is_a_retry(two_workers: Run) -> None:
    assert two_workers.code == ExitCode.CONFORM, two_workers.said
    items = sum(two_workers.summary["items"].values())
    assert len(two_workers.results) == items > 10
    for identity in ("historyId", "testCaseId", "fullName"):
        assert len({result[identity] for result in two_workers.results}) == items
    names = {result["fullName"] for result in two_workers.results}
    assert (
        "contract_tests/test_operations.py::test_operation[GET /public-api/resources/taxes/v2.0-v3.90.0@emulator]"
        in names
    )
    assert {result.node_id for result in read_results(two_workers.reports)} == names


def test_tools_get_an_event_for_everything_that_happens(tmp_path: Path) -> None:
    file = tmp_path / "events"
    run = conform_run(
        tmp_path,
        "--operation",
        "GET */taxes/v2.0",
        "--workers",
        "2",
        "--json-events",
        str(file),
        "--",
        "--deselect=scenarios",
    )
    first, *items, last = [json.loads(line) for line in file.read_text().splitlines()]
    assert first == {"event": "collected", "total": len(items)}
    assert {(item["node_id"], item["status"]) for item in items} == {
        (result.node_id, result.status) for result in read_results(tmp_path)
    }
    assert {item["worker"] for item in items} <= {"gw0", "gw1"}
    assert last == {"event": "end", "exit_code": run.code}


def test_what_a_killed_run_left_can_be_read(two_workers: Run, tmp_path: Path) -> None:
    (tmp_path / ITEMS).write_bytes((two_workers.reports / ITEMS).read_bytes()[:-2])
    assert read_results(tmp_path) == read_results(two_workers.reports)[:-1]


@pytest.mark.parametrize(("version", "is_same"), [("3.90.0", True), ("3.66.0", False)])
def test_an_item_keeps_its_identity_from_run_to_run_but_not_from_version_to_version(
    two_workers: Run, tmp_path: Path, version: str, is_same: bool
) -> None:
    selection = ("--operation", "POST */taxes/v2.0", "--workers", "1", "--", "--deselect", "scenarios")
    run = conform_run(tmp_path, "--api-version", version, *selection)
    assert run.code == ExitCode.CONFORM, run.said
    before = {result["historyId"] for result in two_workers.results}
    now = {result["historyId"] for result in run.results}
    assert now
    assert now <= before if is_same else not now & before


def test_a_missing_field_is_found_and_named(tmp_path: Path) -> None:
    run = conform_run(
        tmp_path,
        *("--defect", f"drop-field:GET {RESERVATIONS}/{{reservation}}:status"),
        *("--operation", f"GET {RESERVATIONS}/{{reservation}}", "--workers", "1"),
        *("--", "--deselect", "scenarios"),
    )
    assert run.code == ExitCode.VIOLATION
    headline = (
        f"[response_schema_conformance] GET {RESERVATIONS}/{{reservation}} v3.90.0: /data/status is missing at 200"
    )
    assert headline in run.said
    (failed,) = [result for result in run.results if result["status"] == "failed" and "operation" in result["fullName"]]
    assert failed["statusDetails"]["message"].startswith(headline)
    attachments = {attachment["name"] for attachment in failed["attachments"]}
    assert {"1. response_schema_conformance", "1. Reproduce with curl", "Run this item again"} <= attachments


def test_the_token_is_nowhere_in_what_a_run_leaves(tmp_path: Path) -> None:
    with running_emulator("ampeco", "3.90.0", TOKEN, f"drop-field:GET {RESERVATIONS}:status") as base_url:
        run = conform_run(
            tmp_path,
            "--base-url",
            base_url,
            "--token-env",
            "SUITE_TOKEN",
            "--safety",
            "full",
            "--operation",
            RESERVATIONS,
        )
    assert run.code == ExitCode.VIOLATION
    assert TOKEN not in run.said
    leaking = [file for file in tmp_path.rglob("*") if file.is_file() and TOKEN in file.read_text(errors="replace")]
    assert leaking == []


def test_neither_secrets_nor_people_are_in_what_a_run_leaves(tmp_path: Path) -> None:
    canaries = {"email": "canary.one@mail.de", "phone": "4915199887766", "lastName": "Canarysson", "token": "canary-4"}
    message = ", ".join(canaries.values())

    def spoil(answer: TamperedResponse) -> None:
        answer.status, answer.body = 500, {"message": message, "data": canaries}

    spoiling = Tampering("GET", rf"{USERS}/\d+$", spoil)
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url, tampering_proxy(base_url, spoiling) as address:
        run = conform_run(tmp_path, "--base-url", address, "--token-env", "SUITE_TOKEN", "--operation", f"GET {USERS}")
    assert run.code == ExitCode.VIOLATION, run.said
    written = {file: file.read_text(errors="replace") for file in tmp_path.rglob("*") if file.is_file()}
    written[Path("terminal")] = run.said
    assert any("server error 500" in text for text in written.values())
    assert [(str(file), name) for file, text in written.items() for name in canaries.values() if name in text] == []


def test_a_read_only_run_sends_nothing_that_writes(tmp_path: Path) -> None:
    recording = Tampering("NONE", "^$", lambda _: None)
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url, tampering_proxy(base_url, recording) as address:
        run = conform_run(tmp_path, "--base-url", address, "--token-env", "SUITE_TOKEN", "--operation", "*users*")
    assert run.code == ExitCode.CONFORM, run.said
    assert {request.split(" ")[0] for request in recording.seen} <= {"GET", "HEAD"}
    assert not any("export-all-private-data" in request for request in recording.seen)
    assert {row["status"] for row in run.results} == {"passed", "skipped"}


def test_an_emulator_behind_a_proxy_is_recognised(tmp_path: Path) -> None:
    recording = Tampering("NONE", "^$", lambda _: None)
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url, tampering_proxy(base_url, recording) as address:
        run = conform_run(tmp_path, "--base-url", address, "--token-env", "SUITE_TOKEN", "--operation", f"POST {USERS}")
    assert f"{address}, emulator)" in run.said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_when_the_disk_is_full_what_was_written_stays_and_one_line_says_so(workers: str, tmp_path: Path) -> None:
    selection = ["--operation", "*taxes*", "--workers", workers, "--", "--deselect=scenarios"]
    # No file may grow beyond this: the list of items is the first that would.
    full = (resource.RLIMIT_FSIZE, (12_000, 12_000))
    process = subprocess.run(
        [*COMMAND, "--reports", str(tmp_path), *selection],
        preexec_fn=lambda: resource.setrlimit(*full),
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == ExitCode.ENVIRONMENT, process.stderr
    assert f"{tmp_path} cannot be written: File too large; make room there" in process.stderr
    assert "Traceback" not in process.stderr
    assert 0 < len(read_results(tmp_path)) < 30


def empty_server(seen: list[str]) -> AbstractContextManager[str]:
    """A tenant with nothing in it, which answers everything alike: whoever wants data would have to create it."""

    def answer(received: Received) -> Sent:
        seen.append(f"{received.method} {received.path}")
        return sent_json({"data": []})

    return serving(answer)


def test_a_read_only_run_of_everything_only_reads_even_where_nothing_is(tmp_path: Path) -> None:
    seen: list[str] = []
    with empty_server(seen) as base_url:
        run = conform_run(tmp_path, "--base-url", base_url, "--token-env", "SUITE_TOKEN", "--profile", "smoke")
    assert len(read_results(tmp_path)) > 150, run.said
    assert len(seen) > 150
    assert {request.split(" ")[0] for request in seen} <= {"GET", "HEAD"}
    assert not any("export-all-private-data" in request for request in seen)


def forbidding(received: Received) -> Sent:
    """A server that knows the token and forbids everything: conforming, but nothing can be tested on it."""
    if received.headers["Authorization"] == f"Bearer {TOKEN}":
        return sent_json({"message": "This action is unauthorized."}, 403)
    return sent_json({"message": "Unauthenticated."}, 401)


def test_a_run_in_which_nothing_succeeds_is_no_success(tmp_path: Path) -> None:
    with serving(forbidding) as base_url:
        run = conform_run(tmp_path, "--base-url", base_url, "--token-env", "SUITE_TOKEN", "--operation", USERS)
    assert run.code in (ExitCode.TOO_LITTLE_TESTED, ExitCode.ENVIRONMENT), run.said


def test_a_selection_of_nothing_is_no_success(tmp_path: Path) -> None:
    assert conform_run(tmp_path, "--operation", "no-such-operation").code == ExitCode.TOO_LITTLE_TESTED


def test_an_interrupted_run_leaves_the_results_of_what_was_run(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--reports", str(tmp_path), "--workers", "2", "--operation", "*charge-points*"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    results = tmp_path / "allure-results"
    while process.poll() is None and len(list(results.glob("*-result.json"))) < 5:
        pass
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == ExitCode.INTERRUPTED, said
    summary = json.loads((tmp_path / "run.json").read_text())
    assert summary["interrupted"]
    assert sum(summary["items"].values()) > 0
    assert "operations succeeded at least once" in said


@pytest.mark.parametrize(("version", "operations"), [("3.66.0", 396), ("3.85.1", 424), ("3.90.0", 431)])
def test_every_operation_of_a_version_is_selected(version: str, operations: int) -> None:
    """Collection alone: a run of everything is what CI does next to these tests."""
    listed = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "contract_tests/test_operations.py"),
            *("--collect-only", "-q", "-p", "no:cacheprovider", "--api-version", version),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert sum("@emulator" in line for line in listed.splitlines()) == operations


def test_two_versions_in_one_run_are_told_apart(tmp_path: Path) -> None:
    versions = ("3.66.0", "3.90.0")
    named = [word for version in versions for word in ("--api-version", version)]
    taxes = "GET /public-api/resources/taxes/v2.0"
    run = conform_run(tmp_path, *named, "--operation", taxes, "--workers", "1", "--", "-k", "test_operation")
    assert run.code == ExitCode.CONFORM, run.said
    results = read_results(tmp_path)
    assert sorted(str(result.api_version) for result in results) == sorted(2 * versions)
    assert len({result["historyId"] for result in run.results}) == len(run.results) == len(results)
    assert run.summary["api_version"] == "3.66.0, 3.90.0"
    assert {f"v{version} {taxes}" for version in versions} <= set(run.summary["reached"])
