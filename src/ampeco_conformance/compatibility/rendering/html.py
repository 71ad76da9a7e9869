"""A report as one HTML page that needs nothing else, with a filter."""

from html import escape
from pathlib import Path

from ampeco_conformance.compatibility.changes import ChangeGroup
from ampeco_conformance.compatibility.impact import Impact
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity

_PAGE = Path(__file__).with_name("report.html")


def render_html(report: ComparisonReport) -> str:
    """The page; everything in it that comes from the documents is escaped."""
    impacts: list[Impact | None] = [*report.impacts] if report.impacts else [None] * len(report.groups)
    rows = "\n".join(_group(group, impact) for group, impact in zip(report.groups, impacts, strict=True))
    boxes = "\n".join(
        f'<label class="{severity}"><input type="checkbox" value="{severity}" checked> {count} {severity}</label>'
        for severity, count in report.counts.items()
    )
    title = escape(f"{report.old} to {report.new}")
    return fill(_PAGE, {"TITLE": title, "SUMMARY": escape(report.summary), "BOXES": boxes, "ROWS": rows})


def fill(page: Path, parts: dict[str, str]) -> str:
    """The page with its {{NAME}} places filled; what is filled in is not searched again."""
    head, *pieces = page.read_text(encoding="utf-8").split("{{")
    return head + "".join(parts[name] + rest for name, rest in (piece.split("}}", 1) for piece in pieces))


def _group(group: ChangeGroup, impact: Impact | None) -> str:
    change = group.first
    parts = [
        f"<h2>{escape(change.message)}</h2>",
        f"<p><code>{escape(change.rule)}</code> {escape(change.definition.title)}</p>",
    ]
    if impact:
        parts.append(f"<p><strong>{escape(impact.level)}</strong>: {escape(impact.reason)}</p>")
    if change.clause and group.severity is not ChangeSeverity.SAFE:
        parts.append(f"<p>VendorPolicy {escape(change.clause)}</p>")
    places = "".join(
        f"<li><code>{escape(each.operation)}</code> {escape(each.location)}</li>" for each in group.changes
    )
    title = f"{len(group.changes)} place{'s' if len(group.changes) != 1 else ''}"
    opened = " open" if len(group.changes) == 1 else ""
    parts.append(f"<details{opened}><summary>{title}</summary><ul>{places}</ul></details>")
    if change.witness:
        witness = change.witness
        told = (
            f"Allowed by {escape(witness.accepted_by)}, not by {escape(witness.refused_by)}: {escape(witness.reason)}"
        )
        parts.append(f"<p>{told}</p><pre>{escape(witness_text(witness))}</pre>")
    return f'<article class="{group.severity}" data-severity="{group.severity}">{"".join(parts)}</article>'
