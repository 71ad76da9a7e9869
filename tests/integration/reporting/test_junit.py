"""The verdict as JUnit XML: each item is a case that says what is needed to understand and repeat it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ampeco_conformance.core.project import PROJECT
from tests.support.finished_runs import LIST, OTHER, READ, Nights, failed, passed, scenario
from tests.support.large_run import OPERATIONS, make_large_run


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_junit_holds_every_item(nights: Nights) -> None:
    nights.run(
        failed(),
        passed(LIST),
        scenario("skipped", "no place"),
        passed(OTHER, status="broken", message="KeyError: 'id'"),
    )
    root = ElementTree.fromstring(nights.read("junit.xml"))
    assert [root.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "1", "1", "1"]
    case = root.find(".//testcase[failure]")
    assert case is not None
    assert (case.get("classname"), case.get("name")) == ("contract.operation.3.90.0@staging", READ)


def test_a_failure_in_junit_has_what_is_needed_to_understand_and_repeat_it(nights: Nights) -> None:
    make_large_run(nights, items=51, causes=1)
    root = ElementTree.fromstring(nights.read("junit.xml"))
    (suite,) = root.iter("testsuite")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", suite.get("timestamp") or "")
    case = next(case for case in root.iter("testcase") if case.get("name") == OPERATIONS[0])
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("type") == json.loads(nights.read("verdict.json"))["causes"][0]["id"]
    for words in (
        "/data/field0: expected id, received None",
        "curl --request GET 'http",
        "Run again: .venv/bin/pytest",
    ):
        assert words in (failure.text or "")
    names = {element.get("name") for element in case.iter("property")}
    assert names == {"severity", "fingerprints", "started", "cards"}


def test_a_case_in_junit_names_all_causes_that_it_shows(nights: Nights) -> None:
    first = failed()
    (finding,) = first.findings
    both = replace(first, findings=(finding, replace(finding, location="/data/name", kind="type", source="")))
    verdict = nights.run(both)
    (case,) = ElementTree.fromstring(nights.read("junit.xml")).iter("testcase")
    (named,) = [item.get("value", "") for item in case.iter("property") if item.get("name") == "cards"]
    assert sorted(named.split()) == sorted(cause.id for cause in verdict.causes)
    assert len(verdict.causes) == 2


def test_a_case_in_junit_names_file_and_line_of_its_test(nights: Nights) -> None:
    file = "contract_tests/test_operations.py"
    nights.run(passed(node_id=f"{file}::test_operation[x]"), passed(LIST, node_id="gone.py::x"))
    cases = ElementTree.fromstring(nights.read("junit.xml")).iter("testcase")
    lines = {case.get("file"): case.get("line") for case in cases}
    number = int(lines[file] or 0)
    assert (PROJECT / file).read_text().splitlines()[number - 1].startswith("def test_operation(")
    assert lines["gone.py"] is None
