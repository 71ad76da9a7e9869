"""A report as one HTML page with a filter."""

from pathlib import Path

from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.impact import Impact
from ampeco_conformance.compatibility.rendering.side_by_side import side_by_side
from ampeco_conformance.compatibility.rendering.source_places import source_places
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.core.pages import render_page

_PAGE = Path(__file__).with_name("templates") / "comparison.html"


def render_html(report: ComparisonReport) -> str:
    """The page."""
    places = source_places(report)

    def place_of(change: Change) -> str:
        place = places.get(id(change))
        return f"{place.file}:{place.line}:{place.column}" if place else ""

    impacts: list[Impact | None] = [*report.impacts] if report.impacts else [None] * len(report.groups)
    return render_page(
        _PAGE,
        title=f"{report.old} to {report.new}",
        report=report,
        groups=list(zip(report.groups, impacts, strict=True)),
        witness_text=witness_text,
        side_by_side=side_by_side,
        place_of=place_of,
    )
