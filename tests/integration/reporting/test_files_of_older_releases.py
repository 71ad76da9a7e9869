"""Reports and a history that commit 873f417 wrote are still read by every command that reads them."""

import json
import shutil
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.cli.run_session import write_failed
from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.history import RUNS, read_history
from ampeco_conformance.reporting.merging import merge_shards
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.reporting.writers.pages import PAGES
from ampeco_conformance.triage.known_issues import LONGEST, today

KEPT = Path(__file__).parents[2] / "data" / "written_by_873f417"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT / "reports", tmp_path / "reports"))


@pytest.fixture
def history(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KEPT / "history", tmp_path / "history"))


def test_every_item_result_is_read(reports: Path) -> None:
    results = read_results(reports)
    assert len(results) == 163
    failed = [result for result in results if result.status == "failed"]
    assert [result.aspect for result in failed] == ["page_style", "page_size"]
    finding = failed[0].findings[0]
    assert (finding.severity, finding.standing) == (Severity.NORMAL, Standing.VIOLATION)


def test_the_report_is_generated_again(reports: Path, history: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = json.loads((reports / "verdict.json").read_text())
    for name in PAGES:
        (reports / name).unlink(missing_ok=True)
    arguments = ["report", "--no-html", "--reports", str(reports), "--history", str(history)]
    assert main(arguments) == ExitCode.VIOLATION, capsys.readouterr().err
    again = json.loads((reports / "verdict.json").read_text())
    for key in ("decision", "reached", "scenarios", "drift", "slowest", "coverage"):
        assert again[key] == written[key]
    found = [[cluster["message"] for cluster in each["clusters"] if cluster["operations"]] for each in (again, written)]
    assert sorted(found[0]) == sorted(found[1])
    # The run is in the history already and gets no second line.
    assert len((history / RUNS).read_text().splitlines()) == 2


def test_a_finding_of_the_first_run_only_is_fixed(reports: Path, history: Path) -> None:
    clusters = read_run(reports, history).verdict.clusters
    fixed = [cluster for cluster in clusters if cluster.section == "fixed"]
    assert len(fixed) == 5
    assert {cluster.severity for cluster in fixed} == {Severity.CRITICAL}


def test_the_history_is_read(history: Path) -> None:
    first, second = read_history(history)
    assert (first.items["failed"], second.items["failed"]) == (106, 2)
    assert {finding.check for finding in second.findings.values()} == {"pagination_links", "pagination_meta"}


def test_the_failed_items_run_again(reports: Path) -> None:
    lines = write_failed(reports).read_text().splitlines()
    operation = "GET /public-api/resources/taxes/v2.0-v3.90.0@emulator"
    names = [
        f"contract_tests/test_pagination.py::{name}[{operation}]" for name in ("test_page_style", "test_page_size")
    ]
    assert lines == names


def test_a_finding_becomes_a_known_issue(reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    about = ["--reason", "x", "--owner", "qa", "--ticket", "QA-1", "--expires", str(today() + LONGEST)]
    failed = next(result for result in read_results(reports) if result.findings)
    fingerprint = failed.findings[0].fingerprint
    file = tmp_path / "known_issues.yaml"
    assert main(["known", "add", fingerprint, *about, "--reports", str(reports), "--known-issues", str(file)]) == 0
    assert failed.node_id in capsys.readouterr().out


def test_one_shard_is_merged(reports: Path, tmp_path: Path) -> None:
    merged = merge_shards([reports], tmp_path / "merged")
    assert merged.missing == ()
    assert len(merged.results) == 163
    assert read_run(tmp_path / "merged", tmp_path / "none").verdict.decision == "no-go"
