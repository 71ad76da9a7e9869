"""A report as Markdown, in the form of release notes."""

from ampeco_conformance.compatibility.changes import Finding
from ampeco_conformance.compatibility.impact import Concern
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import Report
from ampeco_conformance.compatibility.rules import Severity

_TITLES = {
    Severity.BREAKING: "Breaking changes",
    Severity.MAYBE: "Changes that may break",
    Severity.SAFE: "Other changes",
}


def render_markdown(report: Report) -> str:
    """Release notes; every place is listed."""
    lines = [f"# {report.old} to {report.new}", "", report.summary + "."]
    concerns: list[Concern | None] = [*report.concerns] if report.concerns else [None] * len(report.findings)
    added = [finding.first.operation for finding in report.findings if finding.first.rule == "operation-added"]
    if added:
        lines += ["", f"## New operations ({len(added)})", "", *(f"- {_code(label)}" for label in added)]
    for severity, title in _TITLES.items():
        chosen = [
            (finding, concern)
            for finding, concern in zip(report.findings, concerns, strict=True)
            if finding.severity is severity and finding.first.rule != "operation-added"
        ]
        if chosen:
            lines += ["", f"## {title} ({len(chosen)})", ""]
            lines += [line for finding, concern in chosen for line in _finding(finding, concern)]
    if report.ignored:
        lines += ["", f"## Accepted ({len(report.ignored)})", ""]
        lines += [
            f"- {_code(each.first.rule)} {_code(each.first.operation)}: {exemption.reason} (until {exemption.until})"
            for each, exemption in report.ignored
        ]
    return "\n".join(lines) + "\n"


def _finding(finding: Finding, concern: Concern | None) -> list[str]:
    change = finding.first
    place = f" {_code(change.location)}" if change.location else ""
    where = f"{_code(change.operation)}{place}" if len(finding.changes) == 1 else f"{len(finding.changes)} places"
    lines = [f"- **{change.message}** ({_code(change.rule)}) {where}"]
    if concern:
        lines.append(f"  - {concern.relevance}: {concern.reason}")
    if change.clause:
        lines.append(f"  - policy {change.clause}")
    if len(finding.changes) > 1:
        lines += [f"  - {_code(each.operation)} {_code(each.location)}" for each in finding.changes]
    if change.witness:
        witness = change.witness
        lines += [f"  - allowed by {witness.accepted_by}, not by {witness.refused_by}:", "", "    ```http"]
        lines += [f"    {line}" for line in witness_text(witness).splitlines()]
        lines += ["    ```", ""]
    return lines


def _code(text: str) -> str:
    return f"`{text}`" if text else "the document"
