"""The Allure report, opened from the file system in a real browser."""

import socket
from contextlib import closing

import pytest

from tests.support import browser
from tests.support.html_report import TAXES, HtmlReport


def test_the_first_page_counts_every_result_and_names_both_versions(report: HtmlReport, page: browser.Page) -> None:
    page.open(report.page.as_uri())
    page.wait_for('Environment: "3.90.0 on emulator"')
    text = page.text()
    assert f"Total\n{len(report.shown)}\n" in text
    assert 'Environment: "3.85.1 on emulator"' in text


def test_a_scenario_shows_its_steps_and_their_exchanges(report: HtmlReport, page: browser.Page) -> None:
    page.open(f"{report.page.as_uri()}#{report.id_of('One paid session gives one receipt')}")
    page.wait_for("The driver stops charging")
    steps = [line for line in page.text().splitlines() if line.startswith(("A new driver", "The driver"))]
    assert steps == [
        "A new driver signs up",
        "The driver starts charging",
        "The driver stops charging",
        "The driver gets a receipt",
    ]
    page.click("A new driver signs up")
    page.wait_for("POST /public-api/resources/users/v1.0: 201")
    page.click("POST /public-api/resources/users/v1.0: 201")
    page.wait_for("201 Created")


def test_a_violation_shows_its_rule_and_the_next_step(report: HtmlReport, page: browser.Page) -> None:
    named = f"GET {TAXES}/{{tax}} - operation"
    (failed,) = [key for key, shown in report.shown.items() if shown["status"] == "failed" and shown["name"] == named]
    page.open(f"{report.page.as_uri()}#{failed}")
    headline = f"[response_schema_conformance] GET {TAXES}/{{tax}} v3.85.1: /data/id is missing at 200"
    page.wait_for(headline)
    for attachment in ("1. response_schema_conformance", "1. Reproduce with curl", "Run this item again"):
        page.wait_for(attachment)
    page.click("1. Reproduce with curl")
    page.wait_for("curl --request GET")
    assert "$API_TOKEN" in page.text()


def test_the_page_sends_nothing_anywhere(report: HtmlReport, page: browser.Page) -> None:
    """Allure's page would send to Google Analytics; here a loopback server stands in for it."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        listening.settimeout(0.2)
        page.open(report.page.as_uri())
        page.wait_for('Environment: "3.90.0 on emulator"')
        assert not page.can_reach(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        with pytest.raises(TimeoutError):
            listening.accept()
