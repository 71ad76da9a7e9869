"""A report as annotations of GitHub Actions (workflow commands)."""

from ampeco_conformance.compatibility.report import Report
from ampeco_conformance.compatibility.rules import Severity

_LEVELS = {Severity.BREAKING: "error", Severity.MAYBE: "warning", Severity.SAFE: "notice"}


def render_github(report: Report) -> str:
    """One annotation for each finding, then the summary as a notice."""
    lines = []
    for finding in report.findings:
        change = finding.first
        place = " ".join(part for part in (change.operation, change.location) if part)
        more = f" (and {len(finding.changes) - 1} more places)" if len(finding.changes) > 1 else ""
        lines.append(
            f"::{_LEVELS[finding.severity]} title={_property(change.rule)}::{_data(f'{place}: {change.message}{more}')}"
        )
    lines.append(f"::notice title=compatibility::{_data(report.summary)}")
    return "\n".join(lines) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
