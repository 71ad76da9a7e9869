"""Fixtures: a browser, and an Allure report of two small runs."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_conformance.reporting.writers.allure_html import make_html
from tests.support import browser
from tests.support.html_report import TAXES, HtmlReport
from tests.support.runs import conform_run

DAMAGED_HISTORY = b'{"uuid": "1", "testRe\n[]\n\x00\xff\n{"testResults": []}\n'
SCENARIO = "test_a_paid_session_has_exactly_one_receipt"


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    """A browser tab; skipped where there is no Chromium."""
    yield from browser.tab_or_skip(tmp_path_factory)


@pytest.fixture(scope="session")
def installed_allure() -> None:
    """Skip where Allure is not installed yet: these tests use no network."""
    if not (Path(sys.prefix) / "allure" / "installed").is_dir():
        pytest.skip("Allure is not installed; any `./conform run` installs it")


@pytest.fixture(scope="session")
def report(installed_allure: None, tmp_path_factory: pytest.TempPathFactory) -> HtmlReport:  # noqa: ARG001
    """The report of a conforming run with a scenario and of a run of another version that has a violation."""
    folder = tmp_path_factory.mktemp("report")
    selection = ("--operation", f"GET {TAXES}")
    with_receipts = (*selection, "--operation", "GET */receipts/*")
    conforming = conform_run(folder / "a", *with_receipts, "--workers", "1", "--", "-k", f"taxes or {SCENARIO}")
    violating = conform_run(
        folder / "b",
        *selection,
        *("--api-version", "3.85.1", "--defect", f"drop-field:GET {TAXES}/{{tax}}:id", "--workers", "1"),
        *("--", "--deselect", "scenarios"),
    )
    results = folder / "results"
    for run in (conforming, violating):
        shutil.copytree(run.reports / "allure-results", results, dirs_exist_ok=True)
    history = folder / "allure.jsonl"
    history.write_bytes(DAMAGED_HISTORY)
    said: list[str] = []
    page = make_html(results, folder / "html", said.append, {"historyPath": str(history), "appendHistory": True})
    return HtmlReport(page, conforming, violating, history, tuple(said))
