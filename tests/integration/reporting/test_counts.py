"""Every report of a run counts the same causes: terminal, page, verdict.json, run.json, JUnit, Allure."""

import re
from pathlib import Path
from xml.etree import ElementTree

import orjson
import pytest

from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.writers.allure_settings import allure_settings
from tests.support.runs import conform_run

TAXES = ("--operation", "GET */taxes/v2.0/{tax}", "--", "-k", "test_operation")
AUTHENTICATION = ("--operation", "GET */taxes/v2.0/{tax}", "--", "-k", "test_authentication")
TAGS = ("--operation", "GET */id-tags/v2.0/{idTag}", *TAXES)
SCENARIO = ("--", "-k", "exactly_one_receipt")
RUNS = {
    "clean": (TAXES, 0),
    "one cause": (("--defect", "drop-id", *TAXES), 1),
    "two causes": (("--defect", "timestamp-as-number", *TAGS), 2),
    "every kind of token": (("--defect", "no-authentication", *AUTHENTICATION), 1),
    "a scenario": (("--defect", "no-receipt", *SCENARIO), 1),
}


@pytest.mark.parametrize(("arguments", "causes"), RUNS.values(), ids=RUNS)
def test_every_report_counts_the_same_causes(tmp_path: Path, arguments: tuple[str, ...], causes: int) -> None:
    run = conform_run(tmp_path, "--workers", "1", "--seed", "7", *arguments)
    found = counts_of(tmp_path, run.said)
    assert found == dict.fromkeys(found, causes)
    assert run.code == (1 if causes else 0)
    assert "not known" not in run.said
    verdict = orjson.loads((tmp_path / "verdict.json").read_bytes())
    assert (verdict["notes"], verdict["others"], verdict["drift"]) == ([], [], 0)
    footer = (tmp_path / "index.html").read_text().partition("<footer>")[2]
    assert all(text in footer for text in ("seed 7", "safety full", "suite ", "specification 3.90.0 ("))


def counts_of(reports: Path, said: str) -> dict[str, int]:
    """The number of causes by report."""
    page = (reports / "index.html").read_text()
    suites = ElementTree.parse(reports / "junit.xml").getroot()
    (counted,) = [item.get("value") for item in suites.iter("property") if item.get("name") == "causes"]
    terminal = re.search(r"^Causes \((\d+),", said, re.MULTILINE)
    finished = read_run(reports, reports / "history")
    settings = allure_settings(finished.verdict, finished.results, reports / "history", is_new=False)
    return {
        "terminal": int(terminal[1]) if terminal else 0,
        "page": page.count("<article"),
        "verdict.json": len(orjson.loads((reports / "verdict.json").read_bytes())["causes"]),
        "run.json": len(orjson.loads((reports / "run.json").read_bytes())["causes"]),
        "junit.xml": int(counted or 0),
        "types in junit.xml": len({item.get("type") for item in suites.iter("failure")}),
        "Allure": int(settings["variables"]["Causes"]),
        "categories of Allure": len(set(settings["members"].values())),
    }
