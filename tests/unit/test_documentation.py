"""The documentation hangs together: what a page links to is there."""

import re
from pathlib import Path

import pytest

from ampeco_conformance.checks.registry import CHECKS
from ampeco_emulator.faults import DEFECTS

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [
    *PROJECT.glob("*.md"),
    *(PROJECT / "docs").rglob("*.md"),
]


def _anchor(heading: str) -> str:
    """The anchor that Markdown renderers give to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _anchors(page: Path) -> set[str]:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {_anchor(heading) for heading in headings} | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (page.parent / target) if target else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in _anchors(file)):
            broken.append(link)
    assert not broken


def test_the_defects_and_checks_of_the_selftest_guide_exist() -> None:
    guide = (PROJECT / "docs/guide/selftest.md").read_text(encoding="utf-8")
    table = guide[guide.index("| Violation | Defects | Checks |") :]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    defects, checks = ({name for row in rows for name in re.findall(r"`([\w-]+)`", row[n])} for n in (1, 2))
    assert len(rows) > 40
    assert defects - {defect.name for defect in DEFECTS} == set()
    assert checks - CHECKS.keys() == set()
