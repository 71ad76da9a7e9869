"""The first page in a browser: its size, its filters, exchanges without Allure, steps of scenarios, no network."""

from pathlib import Path

import pytest

from ampeco_conformance.core.findings import Standing
from tests.support import browser
from tests.support.finished_runs import LIST, READ, Nights, failed, passed, scenario
from tests.support.large_run import OPERATIONS, make_large_run
from tests.support.scenario_steps import write_steps


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    nights = Nights(tmp_path_factory.mktemp("large"))
    make_large_run(nights, items=3_400, causes=20)
    return nights.reports / "index.html"


def test_twenty_causes_on_fifty_operations_stay_below_a_megabyte(large: Path) -> None:
    assert large.stat().st_size < 1_000_000
    page = large.read_text()
    assert page.count("<article") == 20
    assert page.count("curl --request") == 20 * 5
    assert all(f"<li>{operation}</li>" in page for operation in OPERATIONS)


def test_the_filters_select_causes_and_operations(large: Path, page: browser.Page) -> None:
    page.open(large.as_uri())
    page.wait_for("70 of 70 shown")
    page.choose("select[name=method]", "POST")
    page.wait_for("45 of 70 shown")
    page.choose("select[name=tag]", "tag 1")
    page.wait_for("25 of 70 shown")
    page.choose("select[name=severity]", "critical")
    page.type_into("nav input[type=search]", "thing-11/")
    page.wait_for("21 of 70 shown")
    assert page.count("#operations tr:not([hidden])") == 2
    page.choose("select[name=status]", "failed")
    page.type_into("nav input[type=search]", "field17")
    page.wait_for("1 of 70 shown")


def test_a_link_to_a_folded_part_opens_it(large: Path, page: browser.Page) -> None:
    page.open(large.as_uri())
    page.wait_for("70 of 70 shown")
    page.click_at("nav a[href='#operations']")
    assert "GET /public-api/resources/thing-0/v1.0" in page.text_of("#operations table")


def test_an_exchange_is_seen_without_allure_at_once_and_those_of_other_operations_after_a_click(
    large: Path, page: browser.Page
) -> None:
    page.open(large.as_uri())
    page.wait_for("200 OK")
    assert "GET /public-api/resources/thing-10/v1.0\nx-header-0" not in page.text()
    page.click("Evidence: GET /public-api/resources/thing-10/v1.0")
    assert "GET /public-api/resources/thing-10/v1.0\nx-header-0" in page.text()


def test_an_owner_is_a_filter(tmp_path: Path, page: browser.Page) -> None:
    nights = Nights(tmp_path)
    nights.run(failed(LIST, standing=Standing.KNOWN, issue="QA-1", owner="Ann"), failed(READ), passed("GET /taxes"))
    page.open((nights.reports / "index.html").as_uri())
    page.wait_for("5 of 5 shown")
    page.choose("select[name=owner]", "Ann")
    page.wait_for("2 of 5 shown")
    assert page.count("article:not([hidden])") == 1


def test_a_failed_scenario_shows_its_steps_and_their_tables(tmp_path: Path) -> None:
    nights = Nights(tmp_path)
    failing = scenario("failed", "the total is 20.01, the tariff gives 20")
    nights.run(failing)
    write_steps(failing, nights.reports)
    nights.pages()
    page = nights.read("index.html")
    passing, _, failed_step = page.partition("</strong> A driver signs up")[2].partition(
        "</strong> The session costs 20"
    )
    assert "GET /sessions/1: 200" in passing
    assert "totalAmount" not in passing
    assert "<td>energy</td><td>20</td>" in failed_step
    assert "&#34;totalAmount&#34;: 20.01" in failed_step
