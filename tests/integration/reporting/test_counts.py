"""Seeded runs: every report counts the same causes, and the first page shows the exchange of each."""

import html
import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.writers.allure_settings import allure_settings
from ampeco_conformance.triage.known_issues import today
from tests.support import browser
from tests.support.runs import conform, environment
from tests.support.seeded_runs import RUNS, SeededRuns, read_causes


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
    told = ("seed 7", "safety full", "suite ", "specification 3.90.0 (", f"run --no-html --reports {run.reports}")
    assert all(text in html.unescape(footer) for text in told), footer


def test_the_command_on_a_card_makes_the_cause_known_in_any_folder(
    runs: SeededRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = html.unescape((runs.get("first").reports / "index.html").read_text())
    (line,) = re.findall(r"\S*conform known add [^<]*", page.replace("<pre>", "<pre> "))
    monkeypatch.chdir(tmp_path)
    program, *words = shlex.split(line.replace("YYYY-MM-DD", str(today() + timedelta(days=9))))
    assert os.access(program, os.X_OK)
    code, said = conform(*words, "--dry-run")
    assert (code, "test_operation[" in said) == (0, True), said


def test_the_line_of_an_item_with_a_known_issue_shows_it(runs: SeededRuns, tmp_path: Path) -> None:
    page = html.unescape((runs.get("known").reports / "index.html").read_text())
    (line,) = set(re.findall(r"^\S*pytest '.*?(?=</pre>|$)", page, re.MULTILINE))
    ended = subprocess.run(line, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert (ended.returncode, "1 failed" in ended.stdout) == (1, True), ended.stdout + ended.stderr


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
