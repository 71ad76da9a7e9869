"""A report as text: grouped by operation; a change in a shared schema is reported once."""

from ampeco_conformance.compatibility.changes import ChangeGroup
from ampeco_conformance.compatibility.impact import Impact
from ampeco_conformance.compatibility.rendering.side_by_side import old_and_new
from ampeco_conformance.compatibility.rendering.source_places import SourcePlace, source_places
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.compatibility.verdicts import verdict_counts

_MARKS = {ChangeSeverity.BREAKING: "BREAKING", ChangeSeverity.MAYBE: "maybe", ChangeSeverity.SAFE: "safe"}
_WHOLE = {"operation-added": "Added", "operation-removed": "Removed", "operation-deprecated": "Deprecated"}
"""Rules on whole operations, which are listed first."""


def render_text(report: ComparisonReport) -> str:
    """Readable text, ending with a newline."""
    lines = [report.summary, f"policy: {report.policy}"]
    if report.verdicts:
        lines.append(f"requests and responses of operations that differ: {verdict_counts(report.verdicts)}")
    for rule, title in _WHOLE.items():
        labels = [change.operation for group in report.groups for change in group.changes if change.rule == rule]
        if labels:
            lines += [
                "",
                f"{title} operations ({len(labels)})",
                *(f"  {label}" for label in sorted(labels, key=_by_path)),
            ]
    impacts = dict(zip(map(id, report.groups), report.impacts, strict=False))
    places = source_places(report)
    groups: dict[str, list[ChangeGroup]] = {}
    for group in report.groups:
        if group.first.rule not in _WHOLE or group.severity is not ChangeSeverity.SAFE:
            groups.setdefault(_title(group), []).append(group)
    for title in sorted(groups, key=_by_path):
        lines += ["", title]
        for group in groups[title]:
            lines += _group(group, impacts.get(id(group)), places.get(id(group.first)))
    if report.set_aside:
        lines += ["", f"Set aside, not compared ({len(report.set_aside)})", *(f"  {line}" for line in report.set_aside)]
    if report.unfinished:
        title = f"Not compared within the time limit ({len(report.unfinished)})"
        lines += ["", title, *(f"  {label}" for label in report.unfinished)]
    for group, suppression in report.ignored:
        lines += [
            "",
            f"ignored until {suppression.until}: {group.first.rule} {group.first.operation} ({suppression.reason})",
        ]
    return "\n".join(lines) + "\n"


def _title(group: ChangeGroup) -> str:
    operations = group.operations
    if len(operations) == 1:
        return operations[0] or "The document"
    component = group.first.cause.rpartition("/")[2].partition(".")[0]
    return f"{component} (in {len(operations)} operations)"


def _by_path(label: str) -> tuple[bool, str]:
    """Operations by path, then what many share, then the document."""
    return not label.partition(" ")[2].startswith("/"), label.partition(" ")[2] or label


def _group(group: ChangeGroup, impact: Impact | None, source: SourcePlace | None) -> list[str]:
    change = group.first
    variant = f"({change.variant})" if change.variant else ""
    place = " ".join(part for part in (change.location, variant) if part)
    lines = [
        f"  {_MARKS[group.severity]:8} {f'{place}: ' if place else ''}{change.message}  [{change.rule}] {group.id}"
    ]
    if sides := old_and_new(change):
        lines.append(f"           {sides}")
    if source:
        lines.append(f"           at {source.file}:{source.line}:{source.column}")
    if change.clause:
        lines.append(f"           policy {change.clause}")
    if impact:
        lines.append(f"           {impact.level}: {impact.reason}")
    if len(group.changes) > 1:
        lines.append(f"           in {change.cause or 'the same form'}, at {len(group.changes)} places:")
        lines += [f"             {place.operation} {place.location}" for place in group.changes]
    if change.witness:
        witness = change.witness
        lines.append(f"           allowed by {witness.accepted_by}, not by {witness.refused_by}: {witness.reason}")
        lines += [f"             {line}" for line in witness_text(witness).splitlines()]
    return lines
