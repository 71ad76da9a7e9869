"""A report as JUnit XML: one failed test for each group that is not safe."""

from xml.etree import ElementTree

from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity


def render_junit(report: ComparisonReport) -> str:
    """JUnit XML: breaking groups are failures, `maybe` ones are skipped tests, safe ones pass."""
    counts = report.counts
    suite = ElementTree.Element(
        "testsuite",
        name=f"{report.old} -> {report.new}",
        tests=str(max(1, len(report.groups))),
        failures=str(counts[ChangeSeverity.BREAKING]),
        skipped=str(counts[ChangeSeverity.MAYBE]),
        errors="0",
    )
    if not report.groups:
        ElementTree.SubElement(suite, "testcase", classname="compatibility", name="no changes")
    for group in report.groups:
        change = group.first
        name = " ".join(part for part in (change.rule, change.operation, change.location) if part)
        case = ElementTree.SubElement(suite, "testcase", classname=f"compatibility.{change.definition.area}", name=name)
        places = "\n".join(f"{each.operation} {each.location}" for each in group.changes)
        if group.severity is ChangeSeverity.BREAKING and change.witness:
            failure = ElementTree.SubElement(case, "failure", message=change.message, type=change.rule)
            failure.text = _clean(f"{places}\n\n{change.witness.reason}\n{witness_text(change.witness)}")
        elif group.severity is ChangeSeverity.MAYBE:
            ElementTree.SubElement(case, "skipped", message=f"may break: {change.message}")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    """The text without the characters that XML 1.0 forbids."""
    return "".join(
        letter for letter in text if letter in "\n\t" or (letter >= " " and not 0xD800 <= ord(letter) <= 0xDFFF)
    )
