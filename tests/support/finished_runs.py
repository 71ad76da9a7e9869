"""Finished runs to make pages of: rows as the plugin writes them, in a reports folder."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.reporting.results import Row, append_rows
from ampeco_conformance.reporting.selection import Selection, write_selection
from ampeco_conformance.reporting.summary import content_of, summarise
from ampeco_conformance.reporting.verdict import Verdict
from ampeco_conformance.reporting.writers.pages import read_run, write_pages

LIST, READ, OTHER = "GET /users", "GET /users/{user}", "GET /taxes"
WITHOUT_ID = {
    "check": "response_schema_conformance",
    "operation": READ,
    "message": "/data/id is missing at 200",
    "location": "/data/id",
    "severity": "critical",
    "source": "/components/schemas/User/required",
    "standing": "violation",
    "certainty": "deterministic",
    "fingerprint": "0123456789ab",
    "setting": "",
    "issue": None,
    "case": None,
    "expected": "id",
    "actual": None,
}


def row(operation: str = READ, **different: Any) -> Row:
    """The row of a contract item, passed unless something is said of it."""
    version = different.get("api_version", "3.90.0")
    return {
        "node_id": f"contract_tests/test_operations.py::test_operation[{operation}-v{version}@staging]",
        "layer": "contract",
        "aspect": "operation",
        "operation": operation,
        "tag": "users",
        "story": operation,
        "api": "ampeco",
        "api_version": version,
        "target": "staging",
        "rerun": ".venv/bin/pytest ...",
        "status": "passed",
        "reason": None,
        "message": None,
        "environment": None,
        "started_at": 1_800_000_000.0,
        "stopped_at": 1_800_000_001.0,
        "reached": [operation],
        "statuses": {"200": 2},
        "answers": {operation: {"200": 2}},
        "requests": 2,
        "milliseconds": {operation: [10.0, 20.0]},
        "notes": [],
        "findings": [],
        "drift": [],
        **different,
    }


def failed(operation: str = READ, *, version: str = "3.90.0", **finding: Any) -> Row:
    """The row of a contract item with one finding."""
    told = {**WITHOUT_ID, "operation": operation, **finding}
    return row(operation, api_version=version, status="failed", message=told["message"], reached=[], findings=[told])


def story(status: str, message: str | None = None) -> Row:
    """The row of a scenario."""
    return row() | {
        "node_id": "scenarios/test_receipt.py::test_receipt[v3.90.0@staging]",
        "layer": "scenario",
        "aspect": "receipt",
        "operation": None,
        "tag": "receipt",
        "story": "One paid session gives one receipt",
        "status": status,
        "message": message if status != "skipped" else None,
        "reason": message if status == "skipped" else None,
        "reached": [],
        "milliseconds": {},
    }


@dataclass
class Nights:
    """Runs on the same target, one a day, each with the history of those before it."""

    folder: Path
    number: int = field(default=0)

    @property
    def reports(self) -> Path:
        """The reports folder of the last run."""
        return self.folder / f"night-{self.number}"

    def run(self, *rows: Row, killed: bool = False, unended: str | None = None) -> Verdict:
        """The verdict on the next night's run, with these rows; `unended` was to run too."""
        self.number += 1
        self.reports.mkdir()
        rows = tuple({**row, "started_at": row["started_at"] + self.number * 86_400} for row in rows)
        append_rows(rows, self.reports)
        own = [*(row["node_id"] for row in rows), *([unended] if unended else [])]
        write_selection(Selection(1, 1, 0, own, own), self.reports)
        if not killed:
            version = rows[0]["api_version"]
            known = {"api": "ampeco", "api_version": version, "target": "staging", "operations": 5, "seconds": 2.0}
            summary = summarise(rows, interrupted=False, **known)
            (self.reports / "run.json").write_bytes(orjson.dumps(content_of(summary)))
        return self.pages()

    def pages(self) -> Verdict:
        """Make the pages of the last run."""
        history = self.folder / "history"
        run = read_run(self.reports, history)
        write_pages(run, self.reports, history)
        return run.verdict

    def read(self, name: str) -> str:
        """A page of the last run."""
        return (self.reports / name).read_text(encoding="utf-8")
