"""Seeded runs: every report counts the same causes, and the first page shows the exchange of each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest
import yaml

from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.writers.allure_settings import allure_settings
from ampeco_conformance.triage.known_issues import today
from tests.support import browser
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


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> SeededRuns:
    return SeededRuns(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("name", RUNS)
def test_every_report_counts_the_same_causes(runs: SeededRuns, name: str) -> None:
    run = runs.get(name)
    found = counts_of(run.reports, run.said)
    assert found == dict.fromkeys(found, RUNS[name].causes), run.said
    assert run.code == (1 if RUNS[name].causes else 0)


@pytest.mark.parametrize("name", [name for name in RUNS if name != "clean"])
def test_the_exchange_of_a_cause_is_a_click_away(runs: SeededRuns, name: str, page: browser.Page) -> None:
    reports, section = runs.get(name).reports, RUNS[name].section
    assert not (reports / "html").exists()
    page.open((reports / "index.html").as_uri())
    page.wait_for("What changed")
    page.click_at(f"nav a[href='#{section}']")
    card = page.text_of(f"#{section} article")
    assert re.search(r"^Request\n[A-Z]+ /public-api/[^\n]*\n", card, re.MULTILINE), card
    assert re.search(r"^Response\n\d{3}\b", card, re.MULTILINE), card
    assert re.search(r"^\S*conform replay \w+", card, re.MULTILINE), card


def test_a_healthy_run_has_nothing_to_say(runs: SeededRuns) -> None:
    run = runs.get("clean")
    assert "not known" not in run.said
    verdict = orjson.loads((run.reports / "verdict.json").read_bytes())
    assert (verdict["notes"], [card for card in verdict["others"] if card["section"] != "fixed"]) == ([], [])
    assert verdict["drift"] == 0
    footer = (run.reports / "index.html").read_text().partition("<footer>")[2]
    assert all(text in footer for text in ("seed 7", "safety full", "suite ", "specification 3.90.0 ("))


def read_causes(reports: Path) -> list[str]:
    """The ids of the causes in verdict.json."""
    return [cause["id"] for cause in orjson.loads((reports / "verdict.json").read_bytes())["causes"]]


def counts_of(reports: Path, said: str) -> Mapping[str, int]:
    """The number of causes by report."""
    page = (reports / "index.html").read_text()
    suites = ElementTree.parse(reports / "junit.xml").getroot()
    (counted,) = {item.get("value") for item in suites.iter("property") if item.get("name") == "causes"}
    terminal = re.search(r"^Causes \((\d+),", said, re.MULTILINE)
    finished = read_run(reports, reports / "history")
    settings = allure_settings(finished.verdict, finished.results, reports / "history", is_new=False)
    names = {category["id"]: category["name"] for category in settings["categories"]}
    used = {id_ for id_ in settings["members"].values() if not names[id_].startswith("Known")}
    return {
        "terminal": int(terminal[1]) if terminal else 0,
        "page": page.partition('id="untested"')[0].count("<article"),
        "verdict.json": len(read_causes(reports)),
        "run.json": len(orjson.loads((reports / "run.json").read_bytes())["causes"]),
        "junit.xml": int(counted or 0),
        "types in junit.xml": len({item.get("type") for item in suites.iter("failure")}),
        "Allure": int(settings["variables"]["Causes"]),
        "categories of Allure": len(used),
    }
