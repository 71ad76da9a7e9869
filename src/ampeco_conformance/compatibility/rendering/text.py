"""A report as text: grouped by operation; what comes from a shared schema is told once."""

from ampeco_conformance.compatibility.changes import Finding
from ampeco_conformance.compatibility.impact import Concern
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import Report
from ampeco_conformance.compatibility.rules import Severity

_MARKS = {Severity.BREAKING: "BREAKING", Severity.MAYBE: "maybe", Severity.SAFE: "safe"}
_WHOLE = {"operation-added": "Added", "operation-removed": "Removed", "operation-deprecated": "Deprecated"}
"""Rules on whole operations, which are listed first."""


def render_text(report: Report) -> str:
    """Readable text, ending with a newline."""
    lines = [report.summary, f"policy: {report.policy}"]
    for rule, title in _WHOLE.items():
        labels = [change.operation for finding in report.findings for change in finding.changes if change.rule == rule]
        if labels:
            lines += [
                "",
                f"{title} operations ({len(labels)})",
                *(f"  {label}" for label in sorted(labels, key=_by_path)),
            ]
    concerns = dict(zip(map(id, report.findings), report.concerns, strict=False))
    groups: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.first.rule not in _WHOLE or finding.severity is not Severity.SAFE:
            groups.setdefault(_title(finding), []).append(finding)
    for title in sorted(groups, key=_by_path):
        lines += ["", title]
        for finding in groups[title]:
            lines += _finding(finding, concerns.get(id(finding)))
    for finding, exemption in report.ignored:
        lines += [
            "",
            f"ignored until {exemption.until}: {finding.first.rule} {finding.first.operation} ({exemption.reason})",
        ]
    return "\n".join(lines) + "\n"


def _title(finding: Finding) -> str:
    operations = finding.operations
    if len(operations) == 1:
        return operations[0] or "The document"
    component = finding.first.cause.rpartition("/")[2].partition(".")[0]
    return f"{component} (in {len(operations)} operations)"


def _by_path(label: str) -> tuple[bool, str]:
    """Operations by path, then what many share, then the document."""
    return not label.partition(" ")[2].startswith("/"), label.partition(" ")[2] or label


def _finding(finding: Finding, concern: Concern | None) -> list[str]:
    change = finding.first
    place = f"{change.location}: " if change.location else ""
    lines = [f"  {_MARKS[finding.severity]:8} {place}{change.message}  [{change.rule}]"]
    if change.clause:
        lines.append(f"           policy {change.clause}")
    if concern:
        lines.append(f"           {concern.relevance}: {concern.reason}")
    if len(finding.changes) > 1:
        lines.append(f"           in {change.cause or 'the same form'}, at {len(finding.changes)} places:")
        lines += [f"             {each.operation} {each.location}" for each in finding.changes]
    if change.witness:
        witness = change.witness
        lines.append(f"           allowed by {witness.accepted_by}, not by {witness.refused_by}: {witness.reason}")
        lines += [f"             {line}" for line in witness_text(witness).splitlines()]
    return lines
