"""A ledger that an earlier release wrote is moved to the fingerprints of this one by one command."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from ampeco_conformance.cli.known import command
from ampeco_conformance.cli.run import command as run_command
from ampeco_conformance.core.fingerprints import is_old_form
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.results import append_results, read_results
from ampeco_conformance.triage.known_issues import load_ledger
from ampeco_conformance.triage.migration import advice
from tests.support.old_release import OLD, reported_again

TAXES = "GET /public-api/resources/taxes/v2.0"


def migrated(folder: Path, results: Iterable[ItemResult], *options: str) -> tuple[Path, str]:
    """A copy of the old ledger after the command, with what it printed."""
    file, reports = folder / "known_issues.yaml", folder / "reports"
    file.write_text("# Read me.\n" + (OLD / "known_issues.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    reports.mkdir()
    append_results(results, reports)
    ran = CliRunner().invoke(command, ["migrate", "--reports", str(reports), "--known-issues", str(file), *options])
    assert ran.exit_code == 0, ran.output
    return file, ran.output


def test_entries_have_the_fingerprints_of_the_new_run(tmp_path: Path) -> None:
    file, said = migrated(tmp_path, reported_again())
    assert file.read_text(encoding="utf-8").startswith("# Read me.\nissues:\n")
    meta, links, charge_point = load_ledger(file).issues
    assert (meta.fingerprint, links.fingerprint) == (
        "v2-pagination_meta/meta/last_page",
        "v2-pagination_links/links/next",
    )
    assert (meta.ticket, meta.aspect, meta.operation) == ("QA-1", "page_style", TAXES)
    # The run did not test the operation of the third entry.
    assert is_old_form(charge_point.fingerprint)
    assert "QA-2 (response_schema_conformance, GET /public-api/resources/charge-points/v2.0): the run in" in said
    assert "did not find it" in said
    assert said.splitlines()[-1] == f"2 of 3 entries of earlier releases replaced in {file}"
    assert len(read_matching(file, reported_again())) == 2


def read_matching(file: Path, results: Iterable[ItemResult]) -> set[str]:
    """The fingerprints of a ledger that results show."""
    issues = load_ledger(file).issues
    return {
        issue.fingerprint for issue in issues for result in results if issue.is_about(result) and issue.is_in(result)
    }


def test_an_entry_that_several_faults_fit_is_left_to_the_reader(tmp_path: Path) -> None:
    results = [
        replace(result, findings=(*result.findings, replace(result.findings[0], fingerprint="v2-another")))
        if result.findings
        else result
        for result in reported_again()
    ]
    file, said = migrated(tmp_path, results)
    assert is_old_form(load_ledger(file).issues[0].fingerprint)
    assert (
        "several faults fit; ./conform known add the right one of v2-pagination_meta/meta/last_page, v2-another" in said
    )


@pytest.mark.parametrize("is_dry", [True, False])
def test_nothing_is_written_without_a_run_of_this_release(tmp_path: Path, *, is_dry: bool) -> None:
    results = reported_again() if is_dry else read_results(OLD / "reports")
    file, said = migrated(tmp_path, results, *(["--dry-run"] if is_dry else []))
    assert (f"0 of 3 entries of earlier releases replaced in {file}" in said) is not is_dry
    assert all(is_old_form(issue.fingerprint) for issue in load_ledger(file).issues)


def test_one_line_advises_to_migrate(tmp_path: Path) -> None:
    file = OLD / "known_issues.yaml"
    line = advice(load_ledger(file), file)
    assert line == "known_issues.yaml has 3 entries of an earlier release without effect: run ./conform known migrate"
    listed = CliRunner().invoke(command, ["list", "--known-issues", str(file)])
    assert listed.output.splitlines()[-1] == line
    # A run says it before anything is tested; here a missing file of tenants ends it.
    options = ["--dry-run", "--tenant", "none", "--tenants-file", str(tmp_path / "none"), "--reports", str(tmp_path)]
    run = CliRunner().invoke(run_command, ["--known-issues", str(file), *options])
    assert f"conform: {line}" in run.output
    migrated_file, _ = migrated(tmp_path, reported_again())
    assert "has 1 entry of" in str(advice(load_ledger(migrated_file), migrated_file))
