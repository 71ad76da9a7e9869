"""The Allure report shows every result of every run; when it cannot be generated, the error says why."""

import shutil
from collections import Counter
from pathlib import Path

import orjson
import pytest

from ampeco_conformance.core.errors import ExitCode, TargetError
from ampeco_conformance.reporting.writers import allure_html as html
from tests.support.html_report import HtmlReport


def test_every_result_of_both_versions_is_shown_and_none_is_a_retry(report: HtmlReport) -> None:
    assert (report.conforming.code, report.violating.code) == (ExitCode.CONFORM, ExitCode.VIOLATION)
    results = report.conforming.results + report.violating.results
    summary = orjson.loads((report.page.parent / "summary.json").read_bytes())
    assert summary["stats"]["total"] == len(results) == len(report.shown) > 2
    assert summary["retryTests"] == []


def test_the_versions_are_environments_of_their_own(report: HtmlReport) -> None:
    shown = Counter((result["environment"], result["status"]) for result in report.shown.values())
    runs = {"3.90.0 on emulator": report.conforming, "3.85.1 on emulator": report.violating}
    assert shown == Counter((name, result["status"]) for name, run in runs.items() for result in run.results)
    assert shown["3.85.1 on emulator", "failed"] >= 1


def test_a_damaged_history_is_named_and_costs_only_its_damaged_lines(report: HtmlReport) -> None:
    assert f"{report.history} is cut off or damaged: 4 runs left out of the trend" in report.said
    (line,) = report.history.read_bytes().splitlines()
    assert len(orjson.loads(line)["testResults"]) == len(report.shown)


def test_no_older_report_stays_when_allure_fails(
    installed_allure: None,  # noqa: ARG001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configuration = tmp_path / "configuration"
    shutil.copytree(html.CONFIGURATION, configuration)
    (configuration / "allurerc.mjs").write_text("export default nonsense;")
    monkeypatch.setattr(html, "CONFIGURATION", configuration)
    (tmp_path / "results").mkdir()
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "index.html").write_text("of last week")
    (tmp_path / "html" / "thesis.txt").touch()
    with pytest.raises(TargetError, match="Allure could not generate the report: ") as failure:
        html.make_html(tmp_path / "results", tmp_path / "html", lambda _: None, {})
    assert "\n" not in str(failure.value)
    assert not (tmp_path / "html" / "index.html").exists()
    assert (tmp_path / "html" / "thesis.txt").exists()
