"""Seeded runs: every report counts the same causes, and the first page shows the exchange of each."""

import html
import os
import re
import shlex
import subprocess
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from ampeco_conformance.triage.known_issues import today
from tests.support import browser
from tests.support.report_counts import counts_of, missing_on_card
from tests.support.runs import conform, environment
from tests.support.seeded_runs import RUNS, SeededRuns

#: `.venv/bin/python -m tools.count_causes` tries all of RUNS.
TRIED = ("first", "clean", "known", "one fault in an anyOf and elsewhere", "two causes")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> SeededRuns:
    return SeededRuns(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("name", TRIED)
def test_every_report_counts_the_same_causes(runs: SeededRuns, name: str) -> None:
    run = runs.get(name)
    found = counts_of(run)
    assert found == dict.fromkeys(found, RUNS[name].causes), run.said
    assert run.code == (1 if RUNS[name].causes else 0)


@pytest.mark.parametrize("name", [name for name in TRIED if name != "clean"])
def test_the_exchange_of_a_cause_is_a_click_away(runs: SeededRuns, name: str, page: browser.Page) -> None:
    run = runs.get(name)
    assert not (run.reports / "html").exists()
    assert missing_on_card(run, RUNS[name].section, page) == []


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
