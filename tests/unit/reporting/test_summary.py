"""The run in numbers."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.decision import Event
from ampeco_conformance.reporting.summary import RunSummary, summarise, write_summary
from ampeco_conformance.reporting.writers.terminal import render
from tests.support.finished_runs import WITHOUT_ID, passed, plan_of

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "guide" / "reports.md"
LIST, READ = "GET /users", "GET /users/{user}"
FINDING = replace(WITHOUT_ID, check="status_code", operation=LIST, message="500", location="")


def listed(**different: Any) -> ItemResult:
    """The result of a passed contract item on `GET /users` that saw no success."""
    return passed(**{"operation": LIST, "reached": (), **different})


PASSED = listed(reached=(LIST,))
FAILED = listed(status="failed", message=f"[status_code] {LIST} v3.90.0: 500\nmore", findings=(FINDING,))
SKIPPED = listed(status="skipped", reason="safety level read-only")
BROKEN = listed(status="broken", message="KeyError: id")
UNANSWERED = listed(status="broken", message="no answer", environment="no answer from http://localhost")
SCENARIO = listed(layer="scenario", operation=None, story="A driver charges")


def summary_of(*results: ItemResult, events: Sequence[Event] = (), min_reached: float | None = None) -> RunSummary:
    """The summary of a run with these results, each of an item of its own."""
    results = tuple(replace(result, node_id=f"{number}") for number, result in enumerate(results))
    return summarise(results, plan_of(results, min_reached=min_reached), events=events, seconds=1.26)


def test_an_operation_counts_as_tested_by_a_contract_item_and_as_reached_by_any() -> None:
    scenario = replace(SCENARIO, reached=(READ, LIST))
    summary = summary_of(listed(), listed(operation=READ, status="skipped", reason="no id"), scenario)
    assert (summary.tested, summary.reached) == ((LIST,), (LIST, READ))
    assert summary.reached_percent == 100
    assert summary.unreached == {}


def test_operations_without_success_are_listed_with_a_reason(tmp_path: Path) -> None:
    note = "did not succeed: 404 only"
    write_summary(
        summary_of(listed(notes=("a note", note)), listed(operation=READ, status="skipped", reason="no user"), PASSED),
        tmp_path,
    )
    assert (tmp_path / "unreached.md").read_text().splitlines()[-1] == f"- `{READ}`: no user"
    write_summary(summary_of(listed(notes=("a note", note))), tmp_path)
    assert (tmp_path / "unreached.md").read_text().splitlines()[-1] == f"- `{LIST}`: 404 only"


@pytest.mark.parametrize(("min_reached", "code"), [(50, ExitCode.CONFORM), (51, ExitCode.TOO_LITTLE_TESTED)])
def test_too_little_reached_is_no_success(min_reached: float, code: ExitCode) -> None:
    summary = summary_of(PASSED, listed(operation=READ, status="skipped", reason="no id"), min_reached=min_reached)
    assert summary.exit_code == code
    shown = io.StringIO()
    render(summary, Path("reports"), Console(file=shown, width=300))
    told = "1 of 2 operations did not succeed with data (1 not tested); at least 51 % must"
    assert shown.getvalue().count(told) == (code != ExitCode.CONFORM)


@pytest.mark.parametrize(
    ("different", "cause"),
    [
        ({"notes": ("did not succeed: no ids known for user",)}, "no data"),
        ({"notes": ("did not succeed: answered 403 {}",)}, "forbidden"),
        ({"notes": ("not seen succeeding: answered 501",)}, "not implemented"),
        ({"notes": ("did not succeed: answered 200, which breaks the contract {}",)}, "invalid response"),
        ({"notes": ("did not succeed: answered 422 {}",)}, "refused"),
        ({"status": "skipped", "reason": "switched off on the target: GET /users"}, "switched off"),
        ({"status": "skipped", "reason": "safety read-only: this operation creates"}, "policy"),
    ],
)
def test_why_an_operation_was_not_reached(different: dict[str, Any], cause: str) -> None:
    reach = summary_of(
        listed(answers={LIST: {"422": 2}}, **different), listed(answers={LIST: {"422": 1}})
    ).reachability[LIST]
    assert (reach.reached, reach.cause, reach.statuses) == (False, cause, {"422": 3})


def test_run_json_holds_the_documented_keys(tmp_path: Path) -> None:
    write_summary(summary_of(PASSED, FAILED, SCENARIO), tmp_path)
    content = orjson.loads((tmp_path / "run.json").read_bytes())
    section = DOCUMENTATION.read_text().split("## run.json")[1].split("\n## ")[0]
    described = {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")}
    assert set(content) == described
    assert content["failures"] == [{"check": "status_code", "count": 1, "operations": [LIST]}]
    assert content["items"] == {"passed": 2, "failed": 1}
    assert (content["requests"], content["reached_percent"], content["verdict"]) == (6, 100.0, 1)


@pytest.mark.parametrize(
    ("results", "sentences"),
    [
        (
            [PASSED],
            [
                "1 of 1 operation succeeded at least once (100.0 %)",
                "The contract is kept by all 3 operations that safety level read-only permits.",
            ],
        ),
        (
            [FAILED],
            [
                "Causes (1, worst first)",
                f"[status_code] {LIST} v3.90.0: 500",
                "The contract is violated: 1 cause on 1 operation.",
            ],
        ),
        ([BROKEN], ["KeyError: id", "Too little was tested for a verdict: 1 item broke before being judged"]),
        ([UNANSWERED], ["The target could not be tested: no answer from http://localhost"]),
    ],
)
def test_the_terminal_shows_the_summary(results: list[ItemResult], sentences: list[str]) -> None:
    shown = io.StringIO()
    render(summary_of(*results), Path("reports"), Console(file=shown, width=200))
    for sentence in sentences:
        assert sentence in shown.getvalue()


@pytest.mark.parametrize(("verbosity", "causes"), [(-1, 0), (0, 7), (1, 9)])
def test_the_terminal_shows_as_much_as_is_wanted(verbosity: int, causes: int) -> None:
    findings = (replace(FAILED.findings[0], check=f"check_{number}") for number in range(9))
    shown = io.StringIO()
    summary = summary_of(*(replace(FAILED, node_id=finding.check, findings=(finding,)) for finding in findings))
    render(summary, Path("reports"), Console(file=shown, width=200), verbosity)
    assert shown.getvalue().count("[check_") == causes
    assert "The contract is violated: 9 causes on 1 operation." in shown.getvalue()


def test_the_line_that_lists_drift_is_for_any_folder() -> None:
    shown = io.StringIO()
    render(replace(summary_of(PASSED), drift=2), Path("some reports"), Console(file=shown, width=300))
    assert f"conform drift --reports '{Path('some reports').resolve()}'" in shown.getvalue()
