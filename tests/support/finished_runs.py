"""Item results as the plugin writes them, and finished runs in reports folders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.findings import Certainty, Standing
from ampeco_conformance.core.item_results import FindingResult, ItemResult
from ampeco_conformance.replay.cases import StoredCase, write_case
from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.model import ItemIdentity
from ampeco_conformance.reporting.plan import Plan, write_plan
from ampeco_conformance.reporting.results import append_results
from ampeco_conformance.reporting.summary import summarise, write_summary
from ampeco_conformance.reporting.verdict import Verdict
from ampeco_conformance.reporting.writers.pages import write_pages

LIST, READ, OTHER = "GET /users", "GET /users/{user}", "GET /taxes"
_DAY = 86_400
WITHOUT_ID = FindingResult(
    check="response_schema_conformance",
    operation=READ,
    message="/data/id is missing at 200",
    location="/data/id",
    severity=Severity.CRITICAL,
    source="/components/schemas/User/required",
    standing=Standing.VIOLATION,
    certainty=Certainty.DETERMINISTIC,
    fingerprint="0123456789ab",
    setting="",
    issue=None,
    case=None,
    expected="id",
    actual=None,
)


#: The plan of a run of everything, but for its items.
WHOLE = Plan(
    shard=1,
    shards=1,
    seed=0,
    selected=[],
    own=[],
    run="1a2b3c4d",
    api="ampeco",
    versions=["3.90.0"],
    target="staging",
    safety="read-only",
    operations=5,
    permitted=3,
    planned=3,
)


def identity_of(operation: str, severity: Severity = Severity.NORMAL) -> ItemIdentity:
    """The identity of an item of the contract tests."""
    return ItemIdentity(
        node_id=f"contract_tests/test_x.py::test_x[{operation}-v3.90.0@staging]",
        rerun="",
        layer="contract",
        aspect="x",
        name=operation,
        operation=operation,
        tag="users",
        api="ampeco",
        api_version="3.90.0",
        target="staging",
        severity=severity,
        doc="",
    )


def plan_of(results: Sequence[ItemResult], unended: Sequence[str] = (), **different: Any) -> Plan:
    """The plan of a run with these results, and with items that did not run."""
    own = [*(result.node_id for result in results), *unended]
    return replace(WHOLE, **{"selected": own, "own": own, **different})


def passed(operation: str | None = READ, **different: Any) -> ItemResult:
    """The result of a contract item: passed, unless `different` says otherwise."""
    version = different.get("api_version", "3.90.0")
    result = ItemResult(
        node_id=f"contract_tests/test_operations.py::test_operation[{operation}-v{version}@staging]",
        layer="contract",
        aspect="operation",
        operation=operation,
        tag="users",
        story=operation,
        api="ampeco",
        api_version=version,
        target="staging",
        rerun=".venv/bin/pytest ...",
        status="passed",
        started_at=1_800_000_000.0,
        stopped_at=1_800_000_001.0,
        reached=(operation,) if operation else (),
        statuses={"200": 2},
        answers={operation: {"200": 2}} if operation else {},
        requests=2,
        milliseconds={operation: [10.0, 20.0]} if operation else {},
    )
    return replace(result, **different)


def failed(operation: str = READ, *, version: str = "3.90.0", **different: Any) -> ItemResult:
    """The result of a contract item with one finding; `different` is of the finding."""
    finding = replace(WITHOUT_ID, operation=operation, **different)
    return passed(
        operation, api_version=version, status="failed", message=finding.message, reached=(), findings=(finding,)
    )


def scenario(status: str, message: str | None = None) -> ItemResult:
    """The result of a scenario."""
    return passed(
        None,
        node_id="scenarios/test_receipt.py::test_receipt[v3.90.0@staging]",
        layer="scenario",
        aspect="receipt",
        tag="receipt",
        story="One paid session gives one receipt",
        status=status,
        message=message if status != "skipped" else None,
        reason=message if status == "skipped" else None,
    )


@dataclass
class Nights:
    """Runs on the same target, one a day, each with the history of those before it."""

    folder: Path
    number: int = field(default=0)

    @property
    def reports(self) -> Path:
        """The reports folder of the last run."""
        return self.folder / f"night-{self.number}"

    def run(
        self,
        *results: ItemResult,
        killed: bool = False,
        unended: str | None = None,
        cases: Iterable[StoredCase] = (),
    ) -> Verdict:
        """The verdict on the next night's run with these results and failing cases; killed before `unended` ran."""
        self.number += 1
        self.reports.mkdir()
        results = tuple(
            replace(
                result,
                started_at=(result.started_at or 0) + self.number * _DAY,
                stopped_at=(result.stopped_at or 0) + self.number * _DAY,
            )
            for result in results
        )
        append_results(results, self.reports)
        for case in cases:
            write_case(case, self.reports)
        versions = list(dict.fromkeys(str(result.api_version) for result in results))
        plan = plan_of(results, [unended] if unended else [], versions=versions)
        write_plan(plan, self.reports)
        if not killed:
            write_summary(summarise(results, plan, seconds=2.0), self.reports)
        return self.pages()

    def pages(self) -> Verdict:
        """Generate the pages of the last run."""
        history = self.folder / "history"
        run = read_run(self.reports, history)
        write_pages(run, self.reports, history)
        return run.verdict

    def read(self, name: str) -> str:
        """A page of the last run."""
        return (self.reports / name).read_text(encoding="utf-8")
