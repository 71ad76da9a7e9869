"""What the rules leave open is decided by jsonschema-rs, as far as it can."""

from typing import Any

import pytest

from ampeco_conformance.compatibility.algebra import SchemaAlgebra
from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.rendering.json import render_json
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.compatibility.validation import Validation
from ampeco_conformance.contract.json_schema import Direction
from tests.support.comparison import compared, document, with_schema

Json = Any
TEXT: Json = {"type": "string"}


def engine() -> SchemaAlgebra:
    contract = ContractDocument("", document())
    return SchemaAlgebra(*(Validation(Canonical(contract, Direction.REQUEST)) for _ in range(2)))


def of_kind(*kinds: str, required: bool = True, **fields: Json) -> Json:
    properties = {"kind": {"enum": list(kinds)}, **fields}
    return {"type": "object", "properties": properties, "required": ["kind"] if required else []}


def severity(report: ComparisonReport, rule: str) -> ChangeSeverity:
    (found,) = [change.severity for change in report.changes if change.rule == rule]
    return found


@pytest.mark.parametrize(
    ("given", "taken", "expected"),
    [
        (TEXT, {"enum": ["a"]}, False),
        ({"enum": ["a"]}, TEXT, True),
        ({**TEXT, "contentEncoding": "base64"}, TEXT, None),
        ({"oneOf": [of_kind("a", text={"enum": ["x" * 9_000]}), of_kind("b"), of_kind("c")]}, TEXT, None),
        (TEXT, {**TEXT, "minLength": -1}, None),
    ],
    ids=["no", "yes", "encoded content", "too heavy", "an invalid keyword"],
)
def test_the_engine_answers_yes_no_or_unknown(given: Json, taken: Json, expected: bool | None) -> None:
    assert engine().contains(given, taken) is expected


def test_the_engine_is_not_asked_of_a_schema_that_refers_to_itself() -> None:
    """Some overflow its stack."""
    schemas = {"A": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/A"}}}}
    contract = ContractDocument("", document(components={"schemas": schemas}))
    sides = (Validation(Canonical(contract, Direction.REQUEST)) for _ in range(2))
    reference = {"$ref": "#/components/schemas/A"}
    assert SchemaAlgebra(*sides).contains({"properties": {"a": reference}}, {"properties": {"a": TEXT}}) is None


def test_a_value_that_another_variant_takes_is_not_refused() -> None:
    old = {"oneOf": [TEXT, of_kind("text", "json", required=False)]}
    new = {"oneOf": [TEXT, of_kind("text"), of_kind("json")]}
    report = compared(with_schema(old, "request"), with_schema(new, "request"))
    assert severity(report, "request-enum-value-removed") is ChangeSeverity.SAFE
    assert severity(report, "request-property-became-required") is ChangeSeverity.BREAKING


def test_a_refusal_is_not_called_an_overlap() -> None:
    old = {"oneOf": [TEXT, of_kind("a", required=False)]}
    new = {"oneOf": [TEXT, of_kind("a"), of_kind("b")]}
    rules = {change.rule for change in compared(with_schema(old, "request"), with_schema(new, "request")).changes}
    assert "request-one-of-overlap" not in rules


def test_a_text_of_megabytes_is_a_witness_that_is_shown_in_short() -> None:
    sizes = 2_000_000, 4_000_000
    variants = [{"type": "object", "properties": {"data": {**TEXT, "maxLength": size}}} for size in sizes]
    old, new = (with_schema({"oneOf": [{"type": "integer"}, one]}, "response") for one in variants)
    report = compared(old, new)
    assert severity(report, "response-max-length-increased") is ChangeSeverity.BREAKING
    shown = render_json(report)
    assert "characters)" in shown
    assert len(shown) < 10_000
