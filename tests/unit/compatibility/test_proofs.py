"""What breaks is proven by a value, and what forbids nothing is proven by containment."""

import random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ampeco_conformance.compatibility.algebra import SchemaAlgebra
from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.containment import Containment
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity
from ampeco_conformance.compatibility.validation import Reading, Validation
from ampeco_conformance.compatibility.witnesses import keywords_of
from ampeco_conformance.contract.json_schema import Direction
from tests.support.comparison import SCHEMA_AREAS, compared, document, with_schema
from tests.support.mutations import mutate, value_of

Json = Any
B, S = ChangeSeverity.BREAKING, ChangeSeverity.SAFE
TEXT: Json = {"type": "string"}


def tagged(*values: str) -> Json:
    return {"type": "object", "properties": {"kind": {"enum": [*values]}}, "required": ["kind"]}


SET: Json = {"type": "array", "uniqueItems": True}
CASES: list[tuple[Json, Json, bool, bool]] = [
    # Old and new schema of a request; whether the change breaks, and whether the one back does.
    ({**TEXT, "format": "email"}, {**TEXT, "format": "email", "maxLength": 50}, True, False),
    ({**TEXT, "format": "uri"}, {**TEXT, "format": "uri", "minLength": 30}, True, False),
    ({**TEXT, "format": "date-time"}, {**TEXT, "format": "date-time", "maxLength": 20}, True, False),
    ({**TEXT, "pattern": "^[A-Z]{1,64}$"}, {**TEXT, "pattern": "^[A-Z]{1,64}$", "maxLength": 64}, False, False),
    ({**TEXT, "pattern": "^[A-Z]+$", "maxLength": 9}, {**TEXT, "pattern": "^[A-Z]+$", "maxLength": 5}, True, False),
    ({**TEXT, "minLength": 3}, {**TEXT, "minLength": 3, "pattern": "^[a-z]*$"}, True, False),
    ({**TEXT, "pattern": "^[a-z]+$"}, {**TEXT, "pattern": "^[a-f]+$"}, True, False),
    (
        {**SET, "items": {"enum": ["a", "b", "c"]}},
        {**SET, "items": {"enum": ["a", "b", "c"]}, "maxItems": 2},
        True,
        False,
    ),
    (
        {**SET, "items": {"properties": {"a": TEXT}}},
        {**SET, "items": {"properties": {"a": TEXT}}, "maxItems": 2},
        True,
        False,
    ),
    ({"type": "number", "maximum": 0}, {"type": "number", "maximum": 0, "multipleOf": 0.01}, True, False),
    ({"type": "number", "multipleOf": 0.5}, {"type": "number", "multipleOf": 0.1}, False, True),
    ({"type": "integer", "format": "int64"}, {"type": "integer", "format": "int32"}, True, False),
    (
        {"properties": {"kind": {"enum": ["e", "m"]}, "dock": TEXT}},
        {
            "properties": {"kind": {"enum": ["e", "m"]}, "dock": TEXT},
            "if": {"properties": {"kind": {"const": "e"}}, "required": ["kind"]},
            "then": {"required": ["dock"]},
        },
        *(True, False),
    ),
    # oneOf means exactly one.
    ({"oneOf": [{"type": "integer"}]}, {"oneOf": [{"type": "integer"}, {"type": "number"}]}, True, True),
    ({"oneOf": [{"enum": ["a"]}, {"enum": ["b"]}]}, {"oneOf": [{"enum": ["a", "b"]}, {"enum": ["b"]}]}, True, False),
    (
        {"properties": {"a": TEXT, "b": TEXT}, "required": ["a", "b"]},
        {"properties": {"a": TEXT, "b": TEXT}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        *(True, True),
    ),
    ({"oneOf": [tagged("a"), tagged("b")]}, {"oneOf": [tagged("a"), tagged("a", "b")]}, True, False),
    ({"oneOf": [tagged("a"), tagged("b")]}, {"oneOf": [tagged("a"), tagged("b", "c")]}, False, True),
    ({"oneOf": [tagged("a"), TEXT]}, {"oneOf": [{**tagged("a"), "type": ["object", "string"]}, TEXT]}, True, False),
    (
        {"type": "object", "properties": {"name": TEXT}},
        {
            "oneOf": [
                {"type": "object", "properties": {"name": TEXT}},
                {"type": "object", "not": {"propertyNames": {"maxLength": 2}}},
            ]
        },
        *(True, False),
    ),
    # `items` is about all items of one member of an allOf, and about those behind `prefixItems` of the other.
    (
        {"allOf": [{"items": {"enum": [1]}}, {"prefixItems": [{"type": ["integer", "boolean"]}], "items": True}]},
        {"items": {"enum": [1]}},
        *(False, False),
    ),
    # What one variant refuses, another one takes.
    (
        {"oneOf": [{"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"]}]},
        {"oneOf": [{"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]} for kind in "ab"]},
        *(False, False),
    ),
    # A field that is required but not described may have any value.
    (
        {"properties": {"a": TEXT}, "required": ["b"]},
        {"properties": {"a": TEXT, "b": {"type": "integer"}}, "required": ["b"]},
        *(True, False),
    ),
    # A field that an object no longer names may still be one of its patterns.
    ({"properties": {"a": TEXT}}, {"patternProperties": {"^a": {"type": "integer"}}}, True, True),
    # A format that says nothing about values.
    ({**TEXT, "format": "phone"}, TEXT, False, False),
    # One set of values, written in two ways.
    ({"type": ["string", "integer"]}, {"anyOf": [TEXT, {"type": "integer"}]}, False, False),
    ({"enum": ["a", "b"]}, {"oneOf": [{"const": "a"}, {"const": "b"}]}, False, False),
    ({"anyOf": [TEXT, {"type": "null"}, TEXT]}, {"anyOf": [TEXT, {"type": "null"}]}, False, False),
    ({"oneOf": [TEXT, {"type": "array"}]}, {"anyOf": [TEXT, {"type": "array"}]}, False, False),
    ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}, False, False),
    (TEXT, {**TEXT, "maximum": 5}, False, False),
    ({"anyOf": [TEXT, {"enum": ["a"]}]}, {"anyOf": [TEXT, {"enum": ["a", "b"]}]}, False, False),
    ({**TEXT, "enum": ["a"], "maxLength": 9}, {**TEXT, "enum": ["a"]}, False, False),
]


def severities(old: Json, new: Json, direction: str) -> set[ChangeSeverity]:
    report = compared(with_schema(old, direction), with_schema(new, direction))
    return {change.severity for change in report.changes if change.operation}


@pytest.mark.parametrize(("old", "new", "breaks", "breaks_back"), CASES)
def test_a_change_is_proven_either_way(old: Json, new: Json, breaks: bool, breaks_back: bool) -> None:
    for one, other, expected in ((old, new, breaks), (new, old, breaks_back)):
        found = severities(one, other, "request")
        assert (B in found) is expected
        assert expected or found <= {S}
        back = severities(other, one, "response")
        assert (B in back) is expected


NAMED: Json = {"$ref": "#/components/schemas/Named"}


@pytest.mark.parametrize(
    ("schema", "old", "new"),
    [
        ({"not": NAMED}, {"const": "a"}, {"enum": ["a", "b"]}),
        ({"if": NAMED, "then": {"maxLength": 1}}, {"const": "aa"}, {"enum": ["aa", "bb"]}),
        ({"type": "array", "contains": NAMED}, {"type": "string"}, {"type": "string", "minLength": 2}),
        ({"oneOf": [NAMED, TEXT]}, {"type": "integer"}, {"type": ["integer", "string"]}),
    ],
)
def test_what_a_keyword_refers_to_counts_although_the_keyword_reads_the_same(
    schema: Json, old: Json, new: Json
) -> None:
    before, after = (with_schema(schema, "request", components={"schemas": {"Named": named}}) for named in (old, new))
    changes = [change for change in compared(before, after).changes if change.operation]
    assert B in {change.severity for change in changes}


def test_a_witness_is_valid_for_a_one_of_with_open_variants_too() -> None:
    """`{"in": {"a": "x"}}` fits one variant only where other fields are refused; as written, it fits both."""
    first = {"properties": {"in": {"properties": {"a": TEXT}}}}
    second = {"properties": {"in": {"properties": {"b": {"type": "integer"}}}}}
    changed = {"properties": {"in": {"properties": {"a": {**TEXT, "maxLength": 3}}}}}
    changes = compared(
        with_schema({"oneOf": [first, second]}, "request"), with_schema({"oneOf": [changed, second]}, "request")
    ).changes
    validator = jsonschema_rs.Draft202012Validator({"oneOf": [first, second]})
    witnesses = [change.witness.value["body"]["application/json"]["value"] for change in changes if change.witness]
    assert all(map(validator.is_valid, witnesses))


def test_a_field_that_unevaluated_properties_refuse_is_removed_from_a_closed_object() -> None:
    closed = {"properties": {"b": TEXT}, "unevaluatedProperties": False}
    assert B in severities({"properties": {"a": TEXT}}, closed, "request")


def test_a_promised_field_that_becomes_write_only_is_missing_in_responses() -> None:
    old = {"properties": {"pin": TEXT}, "required": ["pin"]}
    new = {"properties": {"pin": {**TEXT, "writeOnly": True}}, "required": ["pin"]}
    assert B in severities(old, new, "response")


_LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "maxLength": 2},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "integer"},
        {"type": "integer", "minimum": 0},
        {"type": "number"},
        {"type": "boolean"},
        {"$ref": "#/components/schemas/A"},
        {"$ref": "#/components/schemas/B"},
    ]
)
_SCHEMAS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda item: {"type": "array", "items": item}, inner),
        st.builds(lambda one, two: {"anyOf": [one, two]}, inner, inner),
        st.builds(
            lambda one, two, required: {"type": "object", "properties": {"a": one, "b": two}, "required": required},
            *(inner, inner, st.sampled_from([[], ["a"], ["a", "b"]])),
        ),
    ),
    max_leaves=5,
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(one=_SCHEMAS, other=_SCHEMAS, seed=st.integers(0, 2**16))
def test_random_recursive_schemas_are_judged_without_contradiction(one: Json, other: Json, seed: int) -> None:
    """A witness is one for another validator too, and what is proven to be contained has none."""
    chance = random.Random(seed)
    root = {"type": "object", "properties": {"value": {"$ref": "#/components/schemas/A"}}}
    sides = [{"A": {"type": "object", "properties": {"x": one}}, "B": other}]
    sides.append({name: mutate(schema, chance) for name, schema in sides[0].items()})
    content = {"requestBody": {"content": {"application/json": {"schema": root}}}}
    old, new = (document(content, components={"schemas": schemas}) for schemas in sides)
    canonicals = [Canonical(ContractDocument("", side), Direction.REQUEST) for side in (old, new)]
    giving, taking = (
        jsonschema_rs.Draft202012Validator(Validation(canonical).json_schema(root, reading=reading))
        for canonical, reading in zip(canonicals, (Reading.DOCUMENTED, Reading.OPEN), strict=True)
    )
    validations = [Validation(canonical) for canonical in canonicals]
    proof = Containment(canonicals[0], canonicals[1], validations[1])
    by_rules = proof.proves(canonicals[0].node(root), canonicals[1].node(root))
    by_engine = SchemaAlgebra(*validations).contains(root, root)
    assert not (by_rules and by_engine is False)
    contained = by_rules or by_engine is True
    complete = Validation(canonicals[0]).json_schema(root, reading=Reading.DOCUMENTED)
    for _ in range(8):
        value = value_of(complete, complete.get("$defs", {}), chance)
        assert not (contained and giving.is_valid(value)) or taking.is_valid(value)
    for change in compared(old, new).changes:
        if change.witness is not None:
            value = change.witness.value["body"]["application/json"]
            assert giving.is_valid(value)
            assert not taking.is_valid(value)
            assert not contained


BREAKING_RULES = [
    rule
    for rule in RULES.values()
    if rule.severity is B and rule.area in SCHEMA_AREAS - {"fields"} and not rule.retires
]


def test_nothing_that_a_rule_calls_breaking_is_proven_to_be_harmless() -> None:
    """The example of every rule has a witness; a proof of the opposite would be wrong."""
    wrong = []
    for rule in BREAKING_RULES:
        direction = Direction(rule.direction)
        sides = rule.example if direction is Direction.REQUEST else rule.example[::-1]
        version = "3.0.3" if "nullable" in str(rule.example) else "3.1.0"
        given, taken = (Canonical(ContractDocument("", document(openapi=version)), direction) for _ in sides)
        proves = Containment(given, taken, Validation(taken)).proves
        node = taken.node(sides[1])
        parts = [node, {key: node[key] for key in keywords_of(rule.id.partition("-")[2]) if key in node}]
        wrong += [rule.id for part in parts if part and proves(given.node(sides[0]), part)]
    assert BREAKING_RULES
    assert wrong == []
