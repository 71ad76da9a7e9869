"""The run as JUnit XML, which every CI server shows: one test case per item."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.verdict import Verdict

#: What XML 1.0 cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ELEMENTS = {"failed": "failure", "broken": "error", "skipped": "skipped"}


def render_junit(results: Iterable[ItemResult], verdict: Verdict) -> bytes:
    """The document; an incomplete run has an error of its own, so that it is not taken for a success."""
    suites: dict[str, list[ItemResult]] = {}
    for result in sorted(results, key=lambda result: result.node_id):
        suites.setdefault(result.layer, []).append(result)
    root = ElementTree.Element("testsuites", name="conform", time=f"{verdict.run.seconds:.1f}")
    for name, members in sorted(suites.items()):
        _suite(root, name, [_case(result) for result in members])
    if verdict.incomplete:
        case = ElementTree.Element("testcase", classname="conform", name="The run came to its end", time="0")
        ElementTree.SubElement(case, "error", message=verdict.incomplete)
        _suite(root, "run", [case])
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, 0)) for suite in root)))
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _suite(root: ElementTree.Element, name: str, cases: list[ElementTree.Element]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=name, tests=str(len(cases)))
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(element) is not None for case in cases)))
    suite.extend(cases)


def _case(result: ItemResult) -> ElementTree.Element:
    version = f"{result.api_version}@{result.target}"
    classname = f"{result.layer}.{result.aspect}.{version}" if result.aspect else result.layer
    name = result.operation or result.story or result.node_id
    case = ElementTree.Element("testcase", classname=_clean(classname), name=_clean(name), time=f"{result.seconds:.3f}")
    if result.findings:
        properties = ElementTree.SubElement(case, "properties")
        severity = min((finding.severity for finding in result.findings), key=list(Severity).index)
        ElementTree.SubElement(properties, "property", name="severity", value=severity)
    if element := _ELEMENTS.get(result.status):
        message = _clean(result.message or result.reason or "")
        told = ElementTree.SubElement(case, element, message=message.partition("\n")[0])
        if element != "skipped":
            told.text = f"{message}\n\nRun again: {_clean(result.rerun or '')}"
    return case


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
