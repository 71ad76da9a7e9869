"""The verdict of a run as pages: HTML for people, Markdown for CI, JSON for machines, JUnit XML for CI servers."""

from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from ampeco_conformance.core.errors import ConfigurationError, TargetError, unwritable
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.history import PastRun, read_history, write_history
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.reporting.selection import read_selection
from ampeco_conformance.reporting.summary import RunSummary, read_summary, summarise
from ampeco_conformance.reporting.verdict import Verdict, judge_run
from ampeco_conformance.reporting.writers.allure_settings import item_digest
from ampeco_conformance.reporting.writers.junit import render_junit
from ampeco_conformance.reporting.writers.markdown import render_markdown
from ampeco_conformance.reporting.writers.verdict_page import render_html
from ampeco_conformance.specs import load_specification

PAGES = ("index.html", "verdict.md", "verdict.json", "junit.xml")
HISTORY = "history"
#: Other reports that may stand in the folder, in the order in which the page names them.
_OTHER_REPORTS = {
    "Allure report": "html/index.html",
    "Drift": "drift.md",
    "Compatibility report": "upgrade/comparison.html",
    "All versions compared": "matrix/matrix.html",
    "Operations that never succeeded": "unreached.md",
}


def remove_pages(reports: Path) -> None:
    """Take away the pages of an earlier run, so that nobody takes them for this one's."""
    for name in PAGES:
        (reports / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that has ended, as its folder tells it, with the runs before it."""

    results: list[ItemResult]
    past: list[PastRun]
    verdict: Verdict

    @property
    def is_new(self) -> bool:
        """Whether the history does not have it yet."""
        return all(line.id != self.verdict.run.id for line in self.past)


def read_run(reports: Path, history: Path) -> FinishedRun:
    """The run in a reports folder, judged. Raises ConfigurationError when the folder holds no run."""
    results = read_results(reports)
    past = read_history(history)
    return FinishedRun(results, past, judge_run(results, _summary(reports, results), _selected(reports), past))


def write_pages(run: FinishedRun, reports: Path, history: Path) -> None:
    """Write the pages of a run and put it into the history. Raises TargetError when that cannot be done."""
    links = {title: path for title, path in _OTHER_REPORTS.items() if (reports / path).is_file()}
    pages = (
        render_html(run.verdict, links, _allure_ids(reports)).encode(),
        render_markdown(run.verdict).encode(),
        orjson.dumps(asdict(run.verdict), option=orjson.OPT_INDENT_2),
        render_junit(run.results, run.verdict),
    )
    try:
        for name, content in zip(PAGES, pages, strict=True):
            (reports / name).write_bytes(content)
        write_history(run.past, run.verdict.run, history)
    except OSError as error:
        raise TargetError(unwritable(error, reports)) from None


def _summary(reports: Path, results: list[ItemResult]) -> RunSummary:
    """The summary of a run; a run that was killed left none, and gets that of an interrupted one."""
    if (summary := read_summary(reports)) is not None:
        return summary
    first = next((result for result in results if result.api_version), None)
    if first is None or first.api is None or first.api_version is None or first.target is None:
        raise ConfigurationError(f"{reports} holds a run that ended before its first item; run ./conform run again")
    return summarise(
        results,
        api=first.api,
        api_version=first.api_version,
        target=first.target,
        operations=len(load_specification(first.api_version, first.api).operations),
        interrupted=True,
        seconds=max(result.stopped_at or 0.0 for result in results)
        - min(result.started_at or 1e12 for result in results),
    )


def _selected(reports: Path) -> list[str]:
    """The node ids of what the run was to run; nothing when it could not write them down."""
    try:
        return read_selection(reports).own
    except ConfigurationError:
        return []


def _allure_ids(reports: Path) -> dict[str, str]:
    """Node id to the id in the addresses of the Allure report; empty when there is no such report."""
    if not (reports / "html" / "index.html").is_file():
        return {}
    results = (orjson.loads(file.read_bytes()) for file in (reports / "allure-results").glob("*-result.json"))
    # Allure makes its own ids from those of the results.
    return {result["fullName"]: item_digest(result["uuid"]) for result in results}
