"""Every kind of page, in both themes and on a phone: no violation of axe's rules, and no request to another host."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.matrix import compare_all, operation_timelines
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.release_notes import release_notes
from ampeco_conformance.compatibility.rendering.html import render_html
from ampeco_conformance.compatibility.rendering.matrix import matrix_page
from ampeco_conformance.compatibility.rendering.release_notes import render_notes_html
from ampeco_conformance.compatibility.report import compare
from ampeco_conformance.compatibility.upgrade import decide
from ampeco_conformance.compatibility.upgrade_pages import UPGRADE_PAGES
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.proxy.live_judge import Party, TrafficFault
from ampeco_conformance.proxy.recording import render_traffic
from ampeco_conformance.reporting.finished_run import FinishedRun, read_run
from ampeco_conformance.reporting.writers.tenants_page import write_tenants_page
from tests.support import browser
from tests.support.comparison import document
from tests.support.emulator import NOON, running
from tests.support.finished_runs import LIST, OTHER, READ, Nights, failed, passed, scenario
from tests.support.large_run import stored_case
from tests.support.scenario_steps import write_steps

DESKTOP, PHONE = (1200, 900), (390, 844)
#: Size, theme, and the rules that these have a part in; the first look is checked by all rules.
LOOKS = {
    "light": (DESKTOP, False, "undefined"),
    "dark": (DESKTOP, True, "['color-contrast']"),
    "on a phone": (PHONE, False, "['scrollable-region-focusable']"),
}
TAXES = "GET /public-api/resources/taxes/v2.0"
_AUDIT = """
axe.run(document, {runOnly: RULES, resultTypes: ["violations"]}).then((found) => found.violations.map(
  (violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" | ").slice(0, 400)}`))
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of the pages."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {name: folder / f"{name}.html" for name in ("comparison", "changelog", "matrix", "upgrade", "traffic")}
    old, new = ContractDocument("1", _document("cost")), ContractDocument("2", _document("energy", "/users"))
    report = compare(old, new, load_policy())
    assert report.groups
    pages["comparison"].write_text(render_html(report))
    pages["changelog"].write_text(render_notes_html([release_notes(report)]))
    versions = ("1", "2")
    matrix = compare_all(versions, (old, new), load_policy())
    pages["matrix"].write_text(matrix_page(matrix, versions, operation_timelines((old, new))))
    pages["upgrade"].write_text(UPGRADE_PAGES["index.html"](report, decide(report, (), None, require_evidence=True)))
    faults = [TrafficFault(side, "unknown-field", TAXES, "it is unknown", side is Party.TARGET) for side in Party]
    pages["traffic"].write_text(render_traffic("Traffic", 3, faults))
    pages["index"], runs = _run(folder)
    (several := folder / "several").mkdir()
    write_tenants_page(runs, several)
    pages["tenants"] = several / "index.html"
    with running("--clock", NOON) as emulator:
        emulator.post("/actions/evse/v1.0/2/start", {"userId": 1})
        yield {name: page.as_uri() for name, page in pages.items()} | {"emulator": str(emulator.client.base_url)}


def test_no_page_violates_a_rule_of_accessibility(pages: dict[str, str], page: browser.Page) -> None:
    axe = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    found: list[str] = []
    for name, address in pages.items():
        page.show_as(*DESKTOP, dark=False)
        page.open(address)
        page.wait_for("e")
        page.value_of(f"{axe}; document.querySelectorAll('details').forEach((entry) => entry.open = true)")
        for look, (size, dark, rules) in LOOKS.items():
            page.show_as(*size, dark=dark)
            found += [f"{name}, {look}: {violation}" for violation in page.value_of(_AUDIT.replace("RULES", rules))]
    page.show_as(*DESKTOP, dark=False)
    assert not found, "\n".join(found)


def test_no_page_asks_another_host_and_none_is_wider_than_a_phone(pages: dict[str, str], page: browser.Page) -> None:
    page.count_requests()
    page.show_as(*PHONE, dark=False)
    wide = []
    for name, address in pages.items():
        page.requests.clear()
        page.open(address)
        page.wait_for("e")
        assert [url for url in page.requests if not url.startswith((address, "about:"))] == []
        assert not page.can_reach("http://127.0.0.1:9/") or name == "emulator"
        wide += [name] if page.value_of("document.documentElement.scrollWidth > window.innerWidth") else []
    page.show_as(*DESKTOP, dark=False)
    assert wide == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_tables_are_readable_and_headings_are_not_covered(
    pages: dict[str, str], page: browser.Page, size: tuple[int, int]
) -> None:
    page.show_as(*size, dark=False)
    page.open(pages["index"])
    page.wait_for("Coverage")
    page.value_of("document.querySelectorAll('section > details').forEach((section) => section.open = true)")
    rows = page.value_of("[...document.querySelectorAll('tr')].map((row) => row.offsetHeight)")
    assert 0 < max(rows) < size[1] / 4
    tops = page.value_of("""
      [...document.querySelectorAll("nav a")].map((link) => {
        document.querySelector(link.hash).scrollIntoView();
        const nav = document.querySelector("nav").getBoundingClientRect().bottom;
        return document.querySelector(link.hash).getBoundingClientRect().top - nav;
      })
    """)
    page.show_as(*DESKTOP, dark=False)
    assert min(tops) >= 0


def _document(field: str, *more: str) -> dict[str, object]:
    """A document with an operation whose response has a field, and with further paths."""
    schema = {"type": "object", "required": [field], "properties": {field: {"type": "string"}}}
    answer = {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}
    found = document({"responses": answer})
    paths = {path: {"get": {"responses": {"200": {"description": ""}}}} for path in more}
    return {**found, "paths": {**found["paths"], **paths}}


def _run(folder: Path) -> tuple[Path, dict[str, FinishedRun]]:
    """The page of a run with a card of every kind, an exchange and steps, and the runs of two tenants."""
    nights = Nights(folder)
    standings = (Standing.KNOWN, Standing.DRIFT)
    tolerated = [failed(OTHER, standing=standing, issue="QA-1", owner="Ann") for standing in standings]
    skipped = passed(OTHER, status="skipped", reason="no place", reached=())
    broken = passed(LIST, node_id="broken", status="broken", message="KeyError: 'id'")
    story = scenario("failed", "no receipt")
    coverage = {"statuses": {TAXES: ["200"]}}
    results = [
        failed(case="1"),
        *tolerated,
        skipped,
        broken,
        story,
        passed(TAXES, coverage=coverage, milliseconds={TAXES: [3.0, 900.0]}),
    ]
    nights.run(*results, cases=[stored_case("1", READ)])
    write_steps(story, nights.reports)
    nights.pages()
    run = read_run(nights.reports, nights.reports / "history")
    return nights.reports / "index.html", {"first": run, "second": run}
