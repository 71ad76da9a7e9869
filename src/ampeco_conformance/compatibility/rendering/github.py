"""A report as annotations of GitHub Actions (workflow commands)."""

from ampeco_conformance.compatibility.rendering.source_places import source_places
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.workflow_commands import annotation

_LEVELS = {ChangeSeverity.BREAKING: "error", ChangeSeverity.MAYBE: "warning", ChangeSeverity.SAFE: "notice"}


def render_github(report: ComparisonReport) -> str:
    """One annotation for each group, then the summary as a notice."""
    lines = []
    known = source_places(report)
    for group in report.groups:
        change = group.first
        place = " ".join(part for part in (change.operation, change.location) if part)
        more = f" (and {counted(len(group.changes) - 1, 'more place')})" if len(group.changes) > 1 else ""
        where = known.get(id(change))
        file, line, column = (where.file, where.line, where.column) if where else ("", 0, 0)
        message = f"{place}: {group.headline}{more}"
        lines.append(annotation(_LEVELS[group.severity], change.rule, message, file=file, line=line, column=column))
    lines += [annotation("warning", "set aside, not compared", line) for line in report.set_aside]
    lines.append(annotation("notice", "compatibility", report.summary))
    return "\n".join(lines) + "\n"
