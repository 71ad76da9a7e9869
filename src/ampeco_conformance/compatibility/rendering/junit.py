"""A report as JUnit XML: one test case for each group of changes."""

from ampeco_conformance.compatibility.changes import ChangeGroup
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.core.junit import JUnitCase, render_junit_xml


def render_junit(report: ComparisonReport) -> str:
    """JUnit XML: breaking groups are failures, `maybe` ones are skipped tests, safe ones pass."""
    cases = [_case(group) for group in report.groups] or [JUnitCase(classname="compatibility", name="no changes")]
    return render_junit_xml({f"{report.old} -> {report.new}": cases}, name=None, seconds=0).decode()


def _case(group: ChangeGroup) -> JUnitCase:
    change = group.first
    outcome, message, text = None, "", ""
    if group.severity is ChangeSeverity.BREAKING and change.witness:
        places = "\n".join(f"{other.operation} {other.location}" for other in group.changes)
        outcome, message = "failure", group.headline
        text = f"{places}\n\n{change.witness.reason}\n{witness_text(change.witness)}"
    elif group.severity is ChangeSeverity.MAYBE:
        outcome, message = "skipped", f"may break: {group.headline}"
    return JUnitCase(
        classname=f"compatibility.{change.definition.area}",
        name=" ".join(part for part in (change.rule, change.operation, change.location) if part),
        outcome=outcome,
        message=message,
        type=change.rule if outcome == "failure" else None,
        text=text,
    )
