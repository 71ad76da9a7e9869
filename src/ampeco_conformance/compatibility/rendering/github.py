"""A report as annotations of GitHub Actions (workflow commands)."""

from pathlib import Path

from ampeco_conformance.compatibility.changes import ChangeGroup
from ampeco_conformance.compatibility.rendering.source_lines import source_lines
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity

_LEVELS = {ChangeSeverity.BREAKING: "error", ChangeSeverity.MAYBE: "warning", ChangeSeverity.SAFE: "notice"}


def render_github(report: ComparisonReport) -> str:
    """One annotation for each group, then the summary as a notice."""
    lines = []
    known = _lines(report)
    for group in report.groups:
        change = group.first
        place = " ".join(part for part in (change.operation, change.location) if part)
        more = f" (and {len(group.changes) - 1} more places)" if len(group.changes) > 1 else ""
        head = f"::{_LEVELS[group.severity]} {known.get(id(group), '')}title={_property(change.rule)}"
        lines.append(f"{head}::{_data(f'{place}: {group.headline}{more}')}")
    lines.append(f"::notice title=compatibility::{_data(report.summary)}")
    return "\n".join(lines) + "\n"


def _lines(report: ComparisonReport) -> dict[int, str]:
    """File and line of the groups whose document is a file, as properties of an annotation."""
    by_file: dict[str, list[ChangeGroup]] = {}
    for group in report.groups:
        change = group.first
        side = report.old if change.rule.endswith("-removed") else report.new
        by_file.setdefault(change.origin[0].name if change.origin else side, []).append(group)
    found = {}
    for name, groups in by_file.items():
        lines = source_lines(Path(name), {group.first.pointer for group in groups}) if Path(name).is_file() else {}
        for group in groups:
            if line := lines.get(group.first.pointer):
                found[id(group)] = f"file={_property(name)},line={line},"
    return found


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
