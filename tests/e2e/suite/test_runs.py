"""What a run of the suite finds, says and leaves behind, on the embedded emulator and on other servers."""

import json
import os
import resource
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.reporting.results import ITEMS, read_results
from tests.support.ended_run import Run
from tests.support.loopback import Received, Sent, sent_json, serving
from tests.support.runs import COMMAND, TOKEN, conform_run
from tests.support.scenario_runs import collected
from tests.support.tampering import TamperedResponse, Tampering, tampering_proxy

TAXES = "/public-api/resources/taxes/v2.0"
USERS = "/public-api/resources/users/v1.0"
READ_USER = f"GET {USERS}/{{user}}"
RESERVATIONS = "/public-api/resources/reservations/v1.0"
READ_RESERVATION = f"GET {RESERVATIONS}/{{reservation}}"
VERSIONS = ("3.66.0", "3.90.0")
PRIVATE = {"email": "canary.one@mail.de", "phone": "4915199887766", "lastName": "Canarysson", "token": "canary-4"}


@pytest.fixture(scope="module")
def parallel(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A conforming run of one resource in two workers, with events."""
    reports = tmp_path_factory.mktemp("parallel")
    options = ("--operation", f"GET {TAXES}*", "--workers", "2", "--json-events", str(reports / "events"))
    return conform_run(reports, *options, "--", "--deselect", "scenarios")


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A conforming run of one operation at two API versions, in one process each."""
    versions = [word for version in VERSIONS for word in ("--api-version", version)]
    selection = ("--operation", f"GET {TAXES}", "--workers", "1", "--", "-k", "test_operation")
    return conform_run(tmp_path_factory.mktemp("two_versions"), *versions, *selection)


@pytest.fixture(scope="module")
def violating(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run, scenarios included, on a server that leaves out a field and puts private data into a server error."""

    def put_into_error(answer: TamperedResponse) -> None:
        answer.status, answer.body = 500, {"message": ", ".join(PRIVATE.values()), "data": PRIVATE}

    tampering = Tampering("GET", rf"{USERS}/\d+$", put_into_error)
    defect = f"drop-field:GET {RESERVATIONS}/{{reservation}}:status"
    selection = [word for path in (RESERVATIONS, READ_RESERVATION, READ_USER) for word in ("--operation", path)]
    with (
        running_emulator("ampeco", "3.90.0", TOKEN, defect) as base_url,
        tampering_proxy(base_url, tampering) as address,
    ):
        target = ("--base-url", address, "--token-env", "SUITE_TOKEN", "--safety", "full")
        few = ("--", "-k", "contract_tests or test_receipt or test_private_data")
        return conform_run(tmp_path_factory.mktemp("violating"), *target, *selection, *few)


@dataclass(frozen=True)
class Observed:
    """A run through a proxy: the proxy's address, and the requests that it forwarded."""

    run: Run
    address: str
    requests: list[str]


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Observed:
    """A run of a resource and its actions on a target of which nothing but its address is known."""
    recording = Tampering("NONE", "^$", lambda _: None)
    with running_emulator("ampeco", "3.90.0", TOKEN) as base_url, tampering_proxy(base_url, recording) as address:
        target = ("--base-url", address, "--token-env", "SUITE_TOKEN")
        selection = ("--operation", "*/users/*/{user}", "--operation", "*/export-all-private-data")
        run = conform_run(tmp_path_factory.mktemp("read_only"), *target, *selection)
    return Observed(run, address, recording.seen)


def test_one_result_per_item_and_none_is_a_retry(parallel: Run) -> None:
    assert parallel.code == ExitCode.CONFORM, parallel.said
    items = sum(parallel.summary["items"].values())
    assert len(parallel.results) == items > 10
    for identity in ("historyId", "testCaseId", "fullName"):
        assert len({result[identity] for result in parallel.results}) == items
    names = {result["fullName"] for result in parallel.results}
    assert f"contract_tests/test_operations.py::test_operation[GET {TAXES}-v3.90.0@emulator]" in names
    assert {result.node_id for result in read_results(parallel.reports)} == names


def test_tools_get_an_event_for_everything_that_happens(parallel: Run) -> None:
    first, *items, last = [json.loads(line) for line in (parallel.reports / "events").read_text().splitlines()]
    assert first == {"event": "collected", "total": len(items)}
    assert {(item["node_id"], item["status"]) for item in items} == {
        (result.node_id, result.status) for result in read_results(parallel.reports)
    }
    assert {item["worker"] for item in items} == {"gw0", "gw1"}
    assert last == {"event": "end", "exit_code": parallel.code}


def test_what_a_killed_run_left_can_be_read(parallel: Run, tmp_path: Path) -> None:
    (tmp_path / ITEMS).write_bytes((parallel.reports / ITEMS).read_bytes()[:-2])
    assert read_results(tmp_path) == read_results(parallel.reports)[:-1]


@pytest.mark.parametrize(("version", "is_same"), [("3.90.0", True), ("3.66.0", False)])
def test_an_item_keeps_its_identity_from_run_to_run_but_not_from_version_to_version(
    parallel: Run, two_versions: Run, version: str, is_same: bool
) -> None:
    before = {result["historyId"] for result in parallel.results}
    now = {result["historyId"] for result in two_versions.results if f"-v{version}@" in result["fullName"]}
    assert now
    assert now <= before if is_same else not now & before


def test_a_missing_field_is_found_and_named(violating: Run) -> None:
    assert violating.code == ExitCode.VIOLATION
    headline = f"[response_schema_conformance] {READ_RESERVATION} v3.90.0: /data/status is missing at 200"
    assert "data.status is missing in a 200 response" in (violating.reports / "verdict.md").read_text()
    failed = violating.result(f"test_operation[{READ_RESERVATION}-v3.90.0@")
    assert failed["status"] == "failed"
    assert failed["statusDetails"]["message"].startswith(headline)
    attachments = {attachment["name"] for attachment in failed["attachments"]}
    assert {"1. response_schema_conformance", "1. Reproduce with curl", "Run this item again"} <= attachments


def test_the_token_is_nowhere_in_what_a_run_leaves(violating: Run) -> None:
    assert violating.code == ExitCode.VIOLATION
    written = everything_written(violating)
    assert len(written) > 20
    assert [file for file, text in written.items() if TOKEN in text] == []


def test_neither_secrets_nor_people_are_in_what_a_run_leaves(violating: Run) -> None:
    assert violating.code == ExitCode.VIOLATION, violating.said
    written = everything_written(violating)
    assert any("server error 500" in text for text in written.values())
    assert [(file, name) for file, text in written.items() for name in PRIVATE.values() if name in text] == []


def everything_written(run: Run) -> dict[str, str]:
    """The text of all files that a run left, and of the terminal."""
    files = (file for file in run.reports.rglob("*") if file.is_file())
    return {str(file): file.read_text(errors="replace") for file in files} | {"terminal": run.said}


def test_a_read_only_run_sends_nothing_that_writes(read_only: Observed) -> None:
    assert read_only.run.code == ExitCode.CONFORM, read_only.run.said
    assert {request.split(" ")[0] for request in read_only.requests} <= {"GET", "HEAD"}
    assert not any("export-all-private-data" in request for request in read_only.requests)
    assert {result["status"] for result in read_only.run.results} == {"passed", "skipped"}


def test_an_emulator_behind_a_proxy_is_recognised(read_only: Observed) -> None:
    assert f"{read_only.address}, emulator)" in read_only.run.said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_when_the_disk_is_full_what_was_written_stays_and_one_line_says_so(workers: str, tmp_path: Path) -> None:
    selection = ["--operation", f"GET {TAXES}*", "--workers", workers, "--", "--deselect=scenarios"]
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
    assert f"{tmp_path} cannot be written: File too large; free some space" in process.stderr
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
    assert conform_run(tmp_path, "--operation", "no-such-operation").code == ExitCode.CONFIGURATION


@pytest.mark.parametrize(("version", "operations"), [("3.66.0", 396), ("3.85.1", 424), ("3.90.0", 431)])
def test_every_operation_of_a_version_is_selected(version: str, operations: int) -> None:
    """Collection alone: a run of everything is what CI does next to these tests."""
    listed = collected("contract_tests/test_operations.py", "--api-version", version)
    assert sum("@emulator" in node_id for node_id in listed) == operations


def test_two_versions_in_one_run_are_told_apart(two_versions: Run) -> None:
    assert two_versions.code == ExitCode.CONFORM, two_versions.said
    items = read_results(two_versions.reports)
    assert sorted(item.api_version or "" for item in items) == sorted(2 * VERSIONS)
    assert len({result["historyId"] for result in two_versions.results}) == len(two_versions.results) == len(items)
    assert two_versions.summary["api_version"] == "3.66.0, 3.90.0"
    assert {f"v{version} GET {TAXES}" for version in VERSIONS} <= set(two_versions.summary["reached"])
