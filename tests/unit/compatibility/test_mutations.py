"""Random mutations of real schemas: the validator decides what breaks, not our rules."""

import random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ampeco_conformance.compatibility.canonical import Canonical
from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.compatibility.validation import Reading, Validation
from ampeco_conformance.contract.json_schema import Direction
from tests.support.comparison import compared, with_schema
from tests.support.mutations import mutate, value_of

Json = Any
SAMPLES = 40

COMPONENTS = load_contract("3.110.0").document["components"]
NAMES = sorted(name for name, schema in COMPONENTS["schemas"].items() if not {"readOnly", "writeOnly"} & schema.keys())
"""Schemas that are part of requests and of responses."""


def _documents(name: str, chance: random.Random, direction: Direction) -> tuple[dict[str, Json], dict[str, Json]]:
    """A document that uses a real schema, and one in which this schema has changed."""
    mutant = mutate(COMPONENTS["schemas"][name], chance)
    sides = COMPONENTS, {**COMPONENTS, "schemas": {**COMPONENTS["schemas"], name: mutant}}
    reference = {"$ref": f"#/components/schemas/{name}"}
    old, new = (with_schema(reference, direction, openapi="3.0.3") | {"components": side} for side in sides)
    return old, new


def _json_schema(document: dict[str, Json], name: str, direction: Direction, reading: Reading) -> Json:
    canonical = Canonical(ContractDocument("", document), direction)
    return Validation(canonical).json_schema({"$ref": f"#/components/schemas/{name}"}, reading=reading)


@pytest.mark.parametrize("direction", Direction)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32))
def test_mutations_are_judged_as_the_validator_judges(direction: Direction, name: str, seed: int) -> None:
    chance = random.Random(seed)
    old, new = _documents(name, chance, direction)
    giving, taking = (old, new) if direction is Direction.REQUEST else (new, old)
    closed = _json_schema(giving, name, direction, Reading.DOCUMENTED)
    giver, taker = (
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for schema in (closed, _json_schema(taking, name, direction, Reading.OPEN))
    )
    changes = list(compared(old, new).changes)
    for change in changes:
        if change.severity is ChangeSeverity.BREAKING and not change.definition.retires:
            value = _value(change)
            assert giver.is_valid(value), f"{change.rule}: the giving side refuses the witness"
            assert not taker.is_valid(value), f"{change.rule}: the other side accepts the witness"
    if all(change.severity is ChangeSeverity.SAFE for change in changes):
        for _ in range(SAMPLES):
            value = value_of(closed, closed.get("$defs", {}), chance)
            if giver.is_valid(value):
                assert taker.is_valid(value), f"said to be safe, but refused: {value}"


def _value(change: Change) -> Json:
    assert change.witness is not None
    return change.witness.value["body"]["application/json"]["value"]


@pytest.mark.parametrize("direction", Direction)
def test_most_breaking_mutations_are_proven(direction: Direction) -> None:
    """When random values show that a mutation breaks, a witness is found too, in nearly all cases."""
    proven = broken = 0
    for seed in range(200):
        chance = random.Random(seed)
        name = chance.choice(NAMES)
        old, new = _documents(name, chance, direction)
        giving, taking = (old, new) if direction is Direction.REQUEST else (new, old)
        closed = _json_schema(giving, name, direction, Reading.DOCUMENTED)
        giver = jsonschema_rs.Draft202012Validator(closed, validate_formats=True)
        taker = jsonschema_rs.Draft202012Validator(
            _json_schema(taking, name, direction, Reading.OPEN), validate_formats=True
        )
        values = [value_of(closed, closed.get("$defs", {}), chance) for _ in range(SAMPLES)]
        if any(giver.is_valid(value) and not taker.is_valid(value) for value in values):
            broken += 1
            proven += any(change.severity is ChangeSeverity.BREAKING for change in compared(old, new).changes)
    assert broken > 30
    assert proven / broken > 0.97
