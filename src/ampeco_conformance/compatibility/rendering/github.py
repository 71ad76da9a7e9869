"""A report as annotations of GitHub Actions (workflow commands)."""

from ampeco_conformance.compatibility.rendering.source_places import source_places
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity

_LEVELS = {ChangeSeverity.BREAKING: "error", ChangeSeverity.MAYBE: "warning", ChangeSeverity.SAFE: "notice"}


def render_github(report: ComparisonReport) -> str:
    """One annotation for each group, then the summary as a notice."""
    lines = []
    known = source_places(report)
    for group in report.groups:
        change = group.first
        place = " ".join(part for part in (change.operation, change.location) if part)
        more = f" (and {len(group.changes) - 1} more places)" if len(group.changes) > 1 else ""
        where = known.get(id(change))
        source = f"file={_property(where.file)},line={where.line},col={where.column}," if where else ""
        head = f"::{_LEVELS[group.severity]} {source}title={_property(change.rule)}"
        lines.append(f"{head}::{_data(f'{place}: {group.headline}{more}')}")
    lines += [f"::warning title=set aside, not compared::{_data(line)}" for line in report.set_aside]
    lines.append(f"::notice title=compatibility::{_data(report.summary)}")
    return "\n".join(lines) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
