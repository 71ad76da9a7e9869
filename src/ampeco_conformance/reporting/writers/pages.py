"""The pages of a finished run: one function for each file."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError, TargetError, unwritable
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.replay.cases import read_case
from ampeco_conformance.reporting.finished_run import FinishedRun, contracts_of, origins_of
from ampeco_conformance.reporting.history import write_history
from ampeco_conformance.reporting.operations import operation_rows
from ampeco_conformance.reporting.result_files import read_result_files
from ampeco_conformance.reporting.sightings import keep_sightings
from ampeco_conformance.reporting.tested import remember
from ampeco_conformance.reporting.verdict import Verdict
from ampeco_conformance.reporting.writers.allure_settings import item_digest
from ampeco_conformance.reporting.writers.annotations import render_annotations
from ampeco_conformance.reporting.writers.junit import render_junit
from ampeco_conformance.reporting.writers.markdown import render_markdown
from ampeco_conformance.reporting.writers.scenario_steps import scenarios_of
from ampeco_conformance.reporting.writers.verdict_page import PageDetails, render_html

HISTORY = "history"
#: Other reports that may be in the folder, in the order in which the page links them.
_OTHER_REPORTS = {
    "Allure report": "html/index.html",
    "Drift": "drift.md",
    "Compatibility report": "upgrade/comparison.html",
    "All versions compared": "matrix/matrix.html",
    "Operations that never succeeded": "unreached.md",
}


def write_pages(run: FinishedRun, reports: Path, history: Path) -> None:
    """Write the pages of a run and append it to the history. Raises TargetError when that fails."""
    contents = {name: render(run, reports) for name, render in PAGES.items()}
    try:
        for name, content in contents.items():
            (reports / name).write_bytes(content)
        # A run without a single result says nothing that a later one could be compared with.
        if run.results:
            write_history(run.past, run.verdict.run, history)
            remember(run.results, history)
            if run.sightings:
                keep_sightings(run.sightings, history, run.plan)
    except OSError as error:
        raise TargetError(unwritable(error, reports)) from None


def _html(run: FinishedRun, reports: Path) -> bytes:
    empty = _empty_reports(run.verdict)
    links = {title: path for title, path in _OTHER_REPORTS.items() if (reports / path).is_file() and path not in empty}
    cards = [*run.verdict.causes, *run.verdict.others]
    cases = {example.case for cause in cards for example in cause.examples if example.case}
    failed = {result.node_id for result in run.results if result.layer == "scenario" and result.is_failure}
    details = PageDetails(
        links=links,
        exchanges={case: _evidence(case, reports) for case in cases},
        scenarios=scenarios_of(reports / "allure-results", failed),
        results={result.node_id: result for result in run.results},
        allure_ids=_allure_ids(reports),
        operations=operation_rows(run.results, [cause for cause in cards if cause.node_ids], contracts_of(run.plan)),
        origins=origins_of(run.plan),
        reports=reports,
        ledger=run.plan.ledger,
    )
    return render_html(run.verdict, details).encode()


def _empty_reports(verdict: Verdict) -> set[str]:
    """The other reports that would list nothing."""
    empty = {"drift.md": not verdict.drift, "unreached.md": verdict.reached == verdict.run.tested}
    return {path for path, is_empty in empty.items() if is_empty}


def _evidence(case: str, reports: Path) -> Mapping[str, str]:
    """The exchange of a failing case as texts; empty when the case was not kept."""
    try:
        return read_case(case, reports).evidence
    except ConfigurationError:
        return {}


def _markdown(run: FinishedRun, _: Path) -> bytes:
    return render_markdown(run.verdict).encode()


def _json(run: FinishedRun, _: Path) -> bytes:
    return write_json(asdict(run.verdict), indent=True)


def _junit(run: FinishedRun, reports: Path) -> bytes:
    return render_junit(run.results, run.verdict, lambda case: _evidence(case, reports))


def _annotations(run: FinishedRun, _: Path) -> bytes:
    return render_annotations(run.verdict).encode()


def _allure_ids(reports: Path) -> dict[str, str]:
    """Node id to the id in the addresses of the Allure report; empty when there is no such report."""
    if not (reports / "html" / "index.html").is_file():
        return {}
    results = read_result_files(reports / "allure-results").results.values()
    # Allure makes its own ids from those of the results.
    return {result["fullName"]: item_digest(result["uuid"]) for result in results}


#: File name to the function that renders it.
PAGES: dict[str, Callable[[FinishedRun, Path], bytes]] = {
    "index.html": _html,
    "verdict.md": _markdown,
    "verdict.json": _json,
    "junit.xml": _junit,
    "annotations.txt": _annotations,
}
