"""The verdict of a run as pages: HTML for people, Markdown for CI, JSON for machines, JUnit XML for CI servers."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.errors import ConfigurationError
from ampeco_conformance.reporting.history import read_history, write_history
from ampeco_conformance.reporting.pages.html import render_html
from ampeco_conformance.reporting.pages.junit import render_junit
from ampeco_conformance.reporting.pages.markdown import render_markdown
from ampeco_conformance.reporting.rows import Row, read_rows
from ampeco_conformance.reporting.selection import read_selection
from ampeco_conformance.reporting.summary import content_of, summarise
from ampeco_conformance.reporting.verdict import Verdict, judge_run
from ampeco_conformance.specs import load_specification

PAGES = ("index.html", "verdict.md", "verdict.json", "junit.xml")
HISTORY = "history"
#: Other reports that may stand in the folder, in the order in which the page names them.
_OTHER_REPORTS = {
    "Allure report": "html/index.html",
    "Drift": "drift.html",
    "Drift list": "drift.md",
    "Compatibility report": "comparison.html",
    "All versions compared": "matrix/matrix.html",
    "Operations not seen succeeding": "unreached.md",
}


def remove_pages(reports: Path) -> None:
    """Take away the pages of an earlier run, so that nobody takes them for this one's."""
    for name in PAGES:
        (reports / name).unlink(missing_ok=True)


def write_pages(reports: Path, history: Path) -> Verdict:
    """Write the pages of the run that a reports folder holds, put it into the history, and return the verdict.

    Raises ConfigurationError when the folder holds no run or cannot be written.
    """
    rows = read_rows(reports)
    past = read_history(history)
    verdict = judge_run(rows, _summary(reports, rows), _selected(reports), past)
    links = {title: path for title, path in _OTHER_REPORTS.items() if (reports / path).is_file()}
    pages = (
        render_html(verdict, links, _allure_ids(reports / "html")).encode(),
        render_markdown(verdict).encode(),
        orjson.dumps(asdict(verdict), option=orjson.OPT_INDENT_2),
        render_junit(rows, verdict),
    )
    try:
        for name, content in zip(PAGES, pages, strict=True):
            (reports / name).write_bytes(content)
        write_history(past, verdict.run, history)
    except OSError as error:
        raise ConfigurationError(f"the pages in {reports} cannot be written: {error.strerror}") from None
    return verdict


def _summary(reports: Path, rows: list[Row]) -> Mapping[str, Any]:
    """The content of run.json; a run that was killed has none, and gets that of an interrupted one."""
    path = reports / "run.json"
    if path.is_file():
        try:
            content: dict[str, Any] = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as error:
            raise ConfigurationError(f"{path} is not what ./conform run has written: {error}") from None
        return content
    first = next((row for row in rows if row["api_version"]), None)
    if first is None:
        raise ConfigurationError(f"{reports} holds a run that ended before its first item; run ./conform run again")
    summary = summarise(
        rows,
        api=first["api"],
        api_version=first["api_version"],
        target=first["target"],
        operations=len(load_specification(first["api_version"], first["api"]).operations),
        interrupted=True,
        seconds=max(row["stopped_at"] or 0.0 for row in rows) - min(row["started_at"] or 1e12 for row in rows),
    )
    return content_of(summary)


def _selected(reports: Path) -> list[str]:
    """The node ids of what the run was to run; nothing when it could not write them down."""
    try:
        return read_selection(reports).own
    except ConfigurationError:
        return []


def _allure_ids(html: Path) -> dict[str, str]:
    """Node id to the id in the addresses of the Allure report; empty when there is no such report."""
    path = html / "test-results.json"
    if not (html / "index.html").is_file() or not path.is_file():
        return {}
    return {result["fullName"]: key for key, result in orjson.loads(path.read_bytes())["byId"].items()}
