"""A report as Markdown, in the form of release notes."""

from ampeco_conformance.compatibility.changes import ChangeGroup
from ampeco_conformance.compatibility.impact import Impact
from ampeco_conformance.compatibility.rendering.side_by_side import old_and_new
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.core.markdown import code

_TITLES = {
    ChangeSeverity.BREAKING: "Breaking changes",
    ChangeSeverity.MAYBE: "Changes that may break",
    ChangeSeverity.SAFE: "Other changes",
}


def render_markdown(report: ComparisonReport) -> str:
    """Release notes; every place is listed."""
    lines = [f"# {report.old} to {report.new}", "", report.summary + "."]
    impacts: list[Impact | None] = [*report.impacts] if report.impacts else [None] * len(report.groups)
    added = [group.first.operation for group in report.groups if group.first.rule == "operation-added"]
    if added:
        lines += ["", f"## New operations ({len(added)})", "", *(f"- {_code(label)}" for label in added)]
    for severity, title in _TITLES.items():
        chosen = [
            (group, impact)
            for group, impact in zip(report.groups, impacts, strict=True)
            if group.severity is severity and group.first.rule != "operation-added"
        ]
        if chosen:
            lines += ["", f"## {title} ({len(chosen)})", ""]
            lines += [line for group, impact in chosen for line in _group(group, impact)]
    if report.set_aside:
        lines += ["", f"## Set aside, not compared ({len(report.set_aside)})", ""]
        lines += [f"- {line}" for line in report.set_aside]
    if report.ignored:
        lines += ["", f"## Accepted ({len(report.ignored)})", ""]
        lines += [
            f"- {_code(group.first.rule)} {_code(group.first.operation)}: {exception.reason} (until {exception.until})"
            for group, exception in report.ignored
        ]
    return "\n".join(lines) + "\n"


def _group(group: ChangeGroup, impact: Impact | None) -> list[str]:
    change = group.first
    place = f" {_code(change.location)}" if change.location else ""
    where = f"{_code(change.operation)}{place}" if len(group.changes) == 1 else f"{len(group.changes)} places"
    lines = [f"- **{group.headline}** ({_code(change.rule)}, {group.id}) {where}"]
    if sides := old_and_new(change):
        lines.append(f"  - {sides}")
    if impact:
        lines.append(f"  - {impact.level}: {impact.reason}")
    if change.clause:
        lines.append(f"  - policy {change.clause}")
    if len(group.changes) > 1:
        lines += [f"  - {_code(place.operation)} {_code(place.location)}" for place in group.changes]
    if change.witness:
        witness = change.witness
        lines += [f"  - allowed by {witness.accepted_by}, not by {witness.refused_by}:", "", "    ```http"]
        lines += [f"    {line}" for line in witness_text(witness).splitlines()]
        lines += ["    ```", ""]
    return lines


def _code(text: str) -> str:
    return code(text) if text else "the document"
