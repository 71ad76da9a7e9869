"""Writes JUnit XML, which every CI server shows."""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from junitparser import Error, Failure, JUnitXml, Properties, Property, Skipped, TestCase, TestSuite

#: The characters that XML 1.0 forbids.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OUTCOMES = {"failure": Failure, "error": Error, "skipped": Skipped}


@dataclass(frozen=True, slots=True, kw_only=True)
class JUnitCase:
    """One test case: passed without an `outcome`, else "failure", "error" or "skipped" with message, type and text."""

    classname: str
    name: str
    outcome: str | None = None
    message: str = ""
    type: str | None = None
    text: str = ""
    seconds: float = 0.0
    properties: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    line: int | None = None


def render_junit_xml(
    suites: Mapping[str, Iterable[JUnitCase]],
    *,
    name: str | None,
    seconds: float,
    properties: Mapping[str, str] | None = None,
    timestamp: str = "",
) -> bytes:
    """The document, with a test suite for each name; `seconds` is the total duration.

    Every suite has the `properties` of the run and, if given, its start in ISO 8601.
    """
    document = JUnitXml(name)
    for suite_name, cases in suites.items():
        suite = TestSuite(_clean(suite_name))
        for key, value in (properties or {}).items():
            suite.add_property(key, _clean(value))
        if timestamp:
            suite.timestamp = timestamp
        suite.extend(map(_case, cases))
        document.append(suite)
    document.update_statistics()
    document.time = round(seconds, 1)
    content = io.BytesIO()
    document.write(content, pretty=True)
    return content.getvalue()


def _case(case: JUnitCase) -> TestCase:
    element = TestCase(_clean(case.name), _clean(case.classname), round(case.seconds, 3))
    if case.file:
        element._elem.set("file", _clean(case.file))
    if case.line:
        element._elem.set("line", str(case.line))
    if case.properties:
        properties = Properties()
        properties.extend(Property(name, _clean(value)) for name, value in case.properties.items())
        element.append(properties)
    if case.outcome:
        result = _OUTCOMES[case.outcome](_clean(case.message), case.type)
        if case.text:
            result.text = _clean(case.text)
        element.append(result)
    return element


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
