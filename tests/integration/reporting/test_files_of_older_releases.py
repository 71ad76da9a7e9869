"""Files that commit 873f417 wrote, or that its users wrote, are still read by every command that reads them."""

import json
import shutil
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.cli.run_session import write_failed
from ampeco_conformance.core.checks import Severity, Strictness
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.replay.cases import read_case
from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.history import RUNS, read_history
from ampeco_conformance.reporting.merging import merge_shards
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.reporting.writers.pages import PAGES
from ampeco_conformance.target.configuration import Safety, resolve_target
from ampeco_conformance.triage.known_issues import LONGEST, today
from ampeco_conformance.triage.strictness import load_settings

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
    found = [
        [cluster["message"] for cluster in verdict["clusters"] if cluster["operations"]] for verdict in (again, written)
    ]
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


def test_tenants_are_read_and_written_to_once_they_say_that_they_are_no_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("AMPECO_STAGING_TOKEN", "AMPECO_PRODUCTION_TOKEN", "SPIRII_SANDBOX_TOKEN"):
        monkeypatch.setenv(variable, "secret")
    file = Path(shutil.copy(KEPT / "tenants.yaml", tmp_path))
    for tenant in ("production", "spirii-sandbox"):
        assert resolve_target(tenant=tenant, tenants_file=file).safety is Safety.READ_ONLY
    assert main(["run", "--dry-run", "--tenant", "staging", "--tenants-file", str(file)]) == ExitCode.CONFIGURATION
    assert capsys.readouterr().err == (
        "conform: safety own-data: tenant 'staging' needs `production: false`: add this line below `staging:` in "
        f"{file} if nobody's real data is on it, or test it with --safety read-only\n"
    )
    assert resolve_target(tenant="staging", tenants_file=file, safety="read-only").safety is Safety.READ_ONLY
    file.write_text(file.read_text().replace("  staging:\n", "  staging:\n    production: false\n"))
    staging = resolve_target(tenant="staging", tenants_file=file)
    assert (staging.safety, staging.ids["chargePoint"]) == (Safety.OWN_DATA, (17, 18))


def test_strictness_rules_still_govern() -> None:
    settings = load_settings(KEPT / "strictness.yaml")
    taxes = "GET /public-api/resources/taxes/v2.0"
    assert settings.governing("pagination_meta", taxes, "3.90.0")[0] is Strictness.TOLERANT
    assert settings.governing("pagination_meta", taxes, "3.106.5")[0] is Strictness.STRICT


@pytest.mark.parametrize("id", [case.stem for case in (KEPT / "reports/cases").iterdir()])
def test_a_case_names_an_item_that_there_is(id: str) -> None:
    case = read_case(id, KEPT / "reports")
    results = {result.node_id: result for result in read_results(KEPT / "reports")}
    assert any(case.is_shown_by(finding) for finding in results[case.node_id].findings)


def test_a_case_is_replayed(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["replay", "109c5781", "--reports", str(reports)])
    assert (code, capsys.readouterr().out.partition(":")[0]) == (ExitCode.VIOLATION, "STILL")
