"""What the reports of a run say of its causes: how many there are, and the exchange on the card of one."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree

import orjson

from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.writers.allure_settings import allure_settings
from tests.support import browser
from tests.support.ended_run import Run
from tests.support.seeded_runs import read_causes

#: What the card of a cause shows: the request, the response, and the command that sends it again.
_ON_A_CARD = (r"^Request\n[A-Z]+ /public-api/[^\n]*\n", r"^Response\n\d{3}\b", r"^\S*conform replay \w+")


def counts_of(run: Run) -> Mapping[str, int]:
    """The number of causes by report."""
    reports = run.reports
    page = (reports / "index.html").read_text()
    suites = ElementTree.parse(reports / "junit.xml").getroot()
    (counted,) = {item.get("value") for item in suites.iter("property") if item.get("name") == "causes"}
    terminal = re.search(r"^Causes \((\d+),", run.said, re.MULTILINE)
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


def missing_on_card(run: Run, section: str, page: browser.Page) -> list[str]:
    """What the first card of a section, one click from the top of the page, does not show."""
    page.open((run.reports / "index.html").as_uri())
    page.wait_for("What changed")
    page.click_at(f"nav a[href='#{section}']")
    card = page.text_of(f"#{section} article")
    return [part for part in _ON_A_CARD if not re.search(part, card, re.MULTILINE)]
