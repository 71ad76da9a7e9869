"""The validators that judge witnesses: their answers, their errors, and that few are made."""

import json
from typing import Any

import jsonschema_rs
import pytest

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.validation import Reading, Validation
from ampeco_conformance.contract.json_schema import Direction

SCALARS: tuple[Any, ...] = (None, True, 0, 1.0, 1.5, "a", "b")


def validation() -> Validation:
    contract = ContractDocument("a", {"openapi": "3.1.0", "paths": {}})
    return Validation(Canonical(contract, Direction.REQUEST))


def test_errors_do_not_repeat_a_very_long_text() -> None:
    schema = {"type": "string", "maxLength": 5}
    errors = list(validation().errors(schema, "a" * 200_000, reading=Reading.OPEN))
    assert [list(error.schema_path) for error in errors] == [["maxLength"]]
    assert len(errors[0].message) < 100


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["integer", "null"]},
        {"enum": [1, "a"]},
        {"type": "object", "required": ["a"], "properties": {"a": {"enum": ["a"]}, "b": {"type": "number"}}},
        {"type": "array", "items": {"type": "string"}},
        {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        {"oneOf": [{"type": "integer"}, {"type": "number"}, {"enum": ["a"]}]},
        {"anyOf": [{"required": ["a"], "properties": {"a": {"enum": ["a"]}}}, {"required": ["b"], "type": "object"}]},
        {"type": "object", "properties": {"a": {"oneOf": [{"enum": ["a", 1]}, {"type": "string", "minLength": 1}]}}},
    ],
    ids=json.dumps,
)
def test_answers_are_those_of_a_validator_of_the_whole_schema(schema: Any) -> None:
    judge, whole = validation(), jsonschema_rs.Draft202012Validator(schema)
    objects: list[Any] = [dict.fromkeys(names, value) for names in ("", "a", "b", "ab") for value in SCALARS]
    for value in [*SCALARS, *([value] for value in SCALARS), *objects]:
        assert judge.accepts(schema, value, reading=Reading.OPEN) is whole.is_valid(value), value
        assert judge.refuses(schema, value, reading=Reading.OPEN) is not whole.is_valid(value), value


def test_what_types_and_required_fields_refuse_needs_no_validator(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(jsonschema_rs, "Draft202012Validator", lambda schema, **_: made.append(schema))
    judge = validation()
    schema = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["a"]}}}
    refused: tuple[Any, ...] = (1, [], {}, {"kind": "b"})
    for value in refused:
        assert judge.refuses(schema, value, reading=Reading.OPEN)
    assert not made


def test_a_validator_leaves_out_the_variants_that_refuse_all_values_of_a_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(jsonschema_rs, "Draft202012Validator", lambda schema, **_: made.append(schema))
    variants = [{"type": ["object"], "required": [name], "properties": {name: {"minimum": 1}}} for name in "abc"]
    validation().accepts({"oneOf": variants}, {"b": 1}, reading=Reading.OPEN)
    assert made == [{"oneOf": [False, variants[1], False]}]
