"""A new finding, a known issue, drift and a failed scenario are each in their section, at most two clicks away."""

import re
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from ampeco_conformance.triage.known_issues import today
from tests.support import browser
from tests.support.demonstration import KNOWN, NEW, SCENARIO, SCENARIO_FINDING, TICKET, TOLERATED, make_demonstration

MESSAGES = {SCENARIO: SCENARIO_FINDING}
PLACES = [("New", NEW), ("New", SCENARIO), ("Known", KNOWN), ("Drift", TOLERATED)]
CATEGORIES = {"New": "New: ", "Known": "Known: ", "Drift": "Drift"}


@pytest.fixture(scope="module")
def reports(installed_allure: None, page: browser.Page, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: ARG001
    """The reports folder of the demonstration."""
    return make_demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.mark.parametrize(("section", "name"), PLACES)
def test_on_the_verdict_page_one_click_leads_to_it_and_one_more_to_its_proof(
    reports: Path, page: browser.Page, section: str, name: str
) -> None:
    page.open((reports / "index.html").as_uri())
    page.wait_for("VIOLATED")
    page.click_at(f"nav a[href='#{section.lower()}']")
    in_sight = page.text_of(f"#{section.lower()}")
    message = MESSAGES.get(name, name)
    assert message in in_sight
    assert all(MESSAGES.get(other, other) not in in_sight for place, other in PLACES if place != section)
    for text in (TICKET, "owner Ann", f"known until {today() + timedelta(days=30)}"):
        assert (text in in_sight) is (section == "Known")
    page.open(page.address_in("article", message, "a[href^='html/']"))
    page.wait_for("Run this item again" if section != "Drift" else "Reproduce with curl")
    assert name in page.text()


@pytest.mark.parametrize(("section", "name"), PLACES)
def test_in_allure_it_is_in_the_category_of_its_cause(
    reports: Path, page: browser.Page, section: str, name: str
) -> None:
    page.open((reports / "html/index.html").as_uri())
    page.wait_for("Categories")
    page.click_at("[data-testid=nav-tab-categories]")
    page.wait_for(name)
    lines = page.text().splitlines()
    titles = {line: begin for begin, line in enumerate(lines) if line.startswith(tuple(CATEGORIES.values()))}
    above = [title for title, begin in titles.items() if begin < next(i for i, x in enumerate(lines) if name in x)]
    assert max(above, key=titles.__getitem__).startswith(CATEGORIES[section])
    causes = orjson.loads((reports / "verdict.json").read_bytes())["causes"]
    assert sorted(re.findall(r"New: .*\((\w+)\)", "\n".join(titles))) == sorted(cause["id"] for cause in causes)


def test_the_causes_come_before_what_was_not_tested(reports: Path, page: browser.Page) -> None:
    page.open((reports / "index.html").as_uri())
    page.wait_for("VIOLATED")
    causes = page.text().partition("What changed")[2].partition("What was not tested")[0]
    assert NEW in causes
    assert MESSAGES[SCENARIO] in causes
    assert KNOWN not in causes
    assert "curl --request GET" in causes
