"""Two small runs of the suite, at two API versions, and the one report made of both."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from ampeco_conformance.reporting.writers.allure_html import make_html
from tests.support import browser
from tests.support.ended_run import Run
from tests.support.runs import conform_run

TAXES = "/public-api/resources/taxes/v2.0"
SCENARIO = "test_a_paid_session_has_exactly_one_receipt"


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    """A browser tab; skips where there is no Chromium."""
    if browser.executable() is None:
        pytest.skip("no Chromium on this machine")
    with browser.open_browser(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@dataclass(frozen=True)
class Report:
    """An HTML report and the runs it was made of: `violating` is of another version than `conforming`."""

    page: Path
    conforming: Run
    violating: Run

    @property
    def shown(self) -> dict[str, dict[str, str]]:
        """What Allure says it shows, by its id."""
        content: dict[str, dict[str, str]] = orjson.loads((self.page.parent / "test-results.json").read_bytes())["byId"]
        return content

    def id_of(self, name: str) -> str:
        """The id, in the page's addresses, of the only result whose name holds `name`."""
        (found,) = [key for key, result in self.shown.items() if name in result["name"]]
        return found


@pytest.fixture(scope="session")
def installed_allure() -> None:
    """Skips where Allure is not installed yet: these tests use no network."""
    if not (Path(sys.prefix) / "allure" / "installed").is_dir():
        pytest.skip("Allure is not installed; any `./conform run` installs it")


@pytest.fixture(scope="session")
def report(installed_allure: None, tmp_path_factory: pytest.TempPathFactory) -> Report:  # noqa: ARG001
    """The report of a conforming run with a scenario and of a run of another version that has a violation."""
    folder = tmp_path_factory.mktemp("report")
    selection = ("--operation", f"GET {TAXES}")
    conforming = conform_run(folder / "a", *selection, "--workers", "2", "--", "-k", f"taxes or {SCENARIO}")
    violating = conform_run(
        folder / "b",
        *selection,
        *("--api-version", "3.85.1", "--defect", f"drop-field:GET {TAXES}/{{tax}}:id", "--workers", "1"),
        *("--", "--deselect", "scenarios"),
    )
    results = folder / "results"
    for run in (conforming, violating):
        shutil.copytree(run.reports / "allure-results", results, dirs_exist_ok=True)
    page = make_html(results, folder / "html", lambda _: None, {})
    return Report(page, conforming, violating)
