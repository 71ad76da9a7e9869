"""The severity of a finding is that of its check's declaration, in everything that a run writes."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.core.checks import Check, Severity, scenario_check
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.reporting.model import ItemOutcome
from ampeco_conformance.reporting.results import item_result, read_results
from ampeco_conformance.reporting.writers.allure_results import AllureResults
from tests.support.ended_run import Run
from tests.support.finished_runs import Nights, identity_of
from tools.catalogue import PAGE

OPERATION = "GET /users"


@pytest.mark.parametrize(
    "check",
    [*CHECKS.values(), *(scenario_check("wallet-adds", severity) for severity in Severity)],
    ids=lambda check: f"{check.id}-{check.severity}",
)
def test_every_writer_shows_the_declared_severity(check: Check, tmp_path: Path) -> None:
    declared = check.severity
    # The severity of the item itself must not show once it has a finding.
    identity = identity_of(OPERATION, next(severity for severity in Severity if severity is not declared))
    finding = Finding(check.violation("is wrong"), OPERATION, "3.90.0", None)
    outcome = ItemOutcome("failed", (finding,), "is wrong", "", 1.0, 2.0, (), {})
    allure = AllureResults(tmp_path / "allure", Redactor([]))
    try:
        allure.start_item(identity)
        allure.finish_item(outcome)
    finally:
        allure.close()
    nights = Nights(tmp_path)
    nights.run(item_result(identity, outcome, None, Redactor([]), None))

    (result,) = read_results(nights.reports)
    assert [finding.severity for finding in result.findings] == [declared]
    (written,) = Run(0, "", tmp_path, tmp_path / "allure").results
    assert [label["value"] for label in written["labels"] if label["name"] == "severity"] == [declared]
    (cluster,) = json.loads(nights.read("verdict.json"))["clusters"]
    assert cluster["severity"] == declared
    page = nights.read("index.html")
    card = page.partition(f'<article id="{cluster["id"]}" ')[2]
    assert card.startswith(f'class="{declared}" ')
    assert f'>\n<p><span class="chip">{declared}</span>' in card
    assert f"**{declared}** `{check.id}`" in nights.read("verdict.md")
    junit = ElementTree.fromstring(nights.read("junit.xml"))
    assert [property_.get("value") for property_ in junit.iterfind(".//property[@name='severity']")] == [declared]


def test_the_catalogue_shows_the_declared_severities() -> None:
    shown = dict(re.findall(r"^\| check \| `(\w+)`, (\w+),", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert shown == {check.id: check.severity for check in CHECKS.values()}
