"""Each operation and direction gets yes, no or unknown, with the proof; what there was no time for is named."""

from typing import Any

import pytest

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.deadlines import TimeLimit
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering import RENDERERS
from ampeco_conformance.compatibility.report import compare
from tests.support.comparison import compared, with_schema

Json = Any
TEXT: Json = {"type": "string"}
OPERATION = "POST /things/{id}"


@pytest.mark.parametrize(
    ("direction", "old", "new", "policy", "verdict", "proof"),
    [
        ("request", TEXT, {**TEXT, "maxLength": 5}, "strict", "breaking", "witness"),
        ("request", {**TEXT, "maxLength": 5}, TEXT, "strict", "compatible", "containment"),
        ("response", {"enum": ["a"]}, {"enum": ["a", "b"]}, "ampeco", "compatible", "rules"),
        ("request", TEXT, {**TEXT, "contentEncoding": "base64"}, "strict", "unknown", ""),
    ],
)
def test_a_verdict_says_how_it_is_proven(
    direction: str, old: Json, new: Json, policy: str, verdict: str, proof: str
) -> None:
    (found,) = compared(with_schema(old, direction), with_schema(new, direction), policy).verdicts
    assert (found.operation, found.direction, found.verdict, found.proof) == (OPERATION, direction, verdict, proof)


def test_one_change_that_breaks_decides_on_all_of_a_direction() -> None:
    old = {"properties": {"a": TEXT, "b": {**TEXT, "maxLength": 5}}}
    new = {"properties": {"a": {"type": "integer"}, "b": TEXT}}
    (found,) = compared(with_schema(old, "request"), with_schema(new, "request")).verdicts
    assert found.verdict == "breaking"
    assert found.reason == "body.value.a: Type changed: string -> integer"


def test_operations_without_time_are_named_and_unknown() -> None:
    old, new = (ContractDocument("", with_schema(schema, "request")) for schema in (TEXT, {"type": "integer"}))
    report = compare(old, new, load_policy("strict"), deadline=TimeLimit.after(0))
    assert report.unfinished == (OPERATION,)
    assert {(one.direction, one.verdict) for one in report.verdicts} == {
        ("request", "unknown"),
        ("response", "unknown"),
    }
    assert "the time was over with 1 operation not compared" in report.summary
    for form in ("text", "json"):
        assert OPERATION in RENDERERS[form](report)


@pytest.mark.parametrize(("direction", "expected"), [("request", "maybe"), ("response", "safe")])
def test_an_invalid_keyword_is_a_doubt_only_where_it_matters(direction: str, expected: str) -> None:
    old = {"type": "integer", "oneOf": []}
    new = {"type": "integer", "oneOf": [{"const": 1}, {"const": 2}]}
    report = compared(with_schema(old, direction), with_schema(new, direction))
    assert {str(change.severity) for change in report.changes if change.operation} == {expected}
    assert report.set_aside
