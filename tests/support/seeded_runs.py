"""Seeded runs: each has a fault, or an earlier run, or a known issue, that its reports must show."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import orjson
import yaml

from ampeco_conformance.triage.known_issues import today
from tests.support.ended_run import Run
from tests.support.runs import conform, conform_run

TAXES, TAX = "GET */taxes/v2.0", "GET */taxes/v2.0/{tax}"
TAG, BOOKING = "GET */id-tags/v2.0/{idTag}", "GET */booking-requests/v1.0/{bookingRequest}"
#: Runs of one server on several nights: the others have a history of their own.
NIGHTS = ("first", "clean", "flaky")


def _operations(*patterns: str, aspect: str = "test_operation") -> tuple[str, ...]:
    return (*(word for pattern in patterns for word in ("--operation", pattern)), "--", "-k", aspect)


@dataclass(frozen=True)
class Seeded:
    """A run with a fault: how many causes it has, and in which section their cards are."""

    arguments: tuple[str, ...]
    causes: int
    section: str = "new"


RUNS = {
    "first": Seeded(("--defect", "drop-id", *_operations(TAX)), 1),
    "clean": Seeded(_operations(TAX), 0),
    "flaky": Seeded(("--defect", "drop-id", *_operations(TAX)), 1, "flaky"),
    "known": Seeded(("--defect", "drop-id", "--known-issues", "LEDGER", *_operations(TAX, TAXES)), 0, "known"),
    "expired": Seeded(("--defect", "drop-id", "--known-issues", "LEDGER", *_operations(TAX, TAXES)), 1),
    "one fault in an anyOf and elsewhere": Seeded(("--defect", "drop-id", *_operations(TAX, BOOKING)), 1),
    "two causes": Seeded(("--defect", "timestamp-as-number", *_operations(TAX, TAG)), 2),
    "every kind of token": Seeded(
        ("--defect", "no-authentication", *_operations(TAX, aspect="test_authentication")), 1
    ),
    "a permission": Seeded(("--defect", "outsider-may-read", *_operations(TAX, aspect="test_permissions")), 1),
    "a scenario": Seeded(("--defect", "no-receipt", "--", "-k", "exactly_one_receipt"), 1),
}


@dataclass
class SeededRuns:
    """The runs, each made when it is asked for first, after those that it needs."""

    folder: Path
    made: dict[str, Run] = field(default_factory=dict)

    def get(self, name: str) -> Run:
        if name not in self.made:
            self.made[name] = self._make(name)
        return self.made[name]

    def _make(self, name: str) -> Run:
        reports = self.folder / name
        nights = NIGHTS[: NIGHTS.index(name)] if name in NIGHTS else ()
        for earlier in nights:
            self.get(earlier)
        ledger = str(self._ledger(name)) if "LEDGER" in RUNS[name].arguments else ""
        arguments = [ledger if word == "LEDGER" else word for word in RUNS[name].arguments]
        history = self.folder / ("history of nights" if name in NIGHTS else f"history of {name}")
        return conform_run(reports, "--workers", "1", "--seed", "7", "--history", str(history), *arguments)

    def _ledger(self, name: str) -> Path:
        """The cause of the first run as a known issue, as the command on its card writes it."""
        first = self.get("first").reports
        (cause,) = read_causes(first)
        ledger = self.folder / f"{name}.yaml"
        day = str(today() + timedelta(days=9))
        words = ("--reason", "vendor", "--owner", "Ann", "--ticket", "https://tickets.test/QA-1", "--expires", day)
        files = ("--reports", str(first), "--known-issues", str(ledger))
        code, said = conform("known", "add", cause, *words, *files)
        assert code == 0, said
        if name == "expired":
            entries = yaml.safe_load(ledger.read_text())
            for entry in entries["issues"]:
                entry["expires"] = str(today() - timedelta(days=1))
            ledger.write_text(yaml.safe_dump(entries))
        return ledger


def read_causes(reports: Path) -> list[str]:
    """The ids of the causes in verdict.json."""
    return [cause["id"] for cause in orjson.loads((reports / "verdict.json").read_bytes())["causes"]]
