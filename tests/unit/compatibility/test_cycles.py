"""Comparisons of schemas that refer to each other end, and report a difference once."""

from typing import Any

import pytest

from ampeco_conformance.compatibility.rules import ChangeSeverity
from tests.support.comparison import compared, document, with_schema

Json = Any


def named(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def ring(count: int, leaf: Json) -> Json:
    """Schemas that each refer to all the others; the first one has a leaf of its own."""
    names = [f"Part{number}" for number in range(count)]
    schemas = {
        name: {"properties": {"v": {"type": "string"}, **{f"to{other}": named(other) for other in names}}}
        for name in names
    }
    schemas["Part0"]["properties"]["v"] = leaf
    return schemas


def ladder(depth: int, leaf: Json) -> Json:
    """Schemas that each use the next one twice, so that 2 ** depth paths lead to the leaf."""
    schemas = {
        f"Part{number}": {"properties": dict.fromkeys("lr", named(f"Part{number + 1}"))} for number in range(depth)
    }
    return {**schemas, f"Part{depth}": {"properties": {"v": leaf}}}


@pytest.mark.parametrize("make", [lambda leaf: ring(9, leaf), lambda leaf: ladder(24, leaf)], ids=["ring", "ladder"])
def test_a_difference_that_many_paths_reach_is_one_entry_with_proof(make: Any) -> None:
    sides = [
        with_schema(named("Part0"), "request", components={"schemas": make(leaf)})
        for leaf in ({"type": "string"}, {"type": "string", "maxLength": 3})
    ]
    found = [group for group in compared(sides[0], sides[1]).groups if group.severity is ChangeSeverity.BREAKING]
    assert [group.first.rule for group in found] == ["request-max-length-set"]
    assert found[0].first.witness is not None
    assert found[0].first.cause.endswith(".v")


def test_two_circles_that_differ_in_nothing_are_equal() -> None:
    """A member of an allOf that is described twice leads to ever new combinations of the same schemas."""
    schemas = {
        "A": {"allOf": [named("B"), named("C")]},
        "B": {"properties": {"x": named("A"), "y": named("C")}},
        "C": {"properties": {"x": named("B"), "y": named("A")}},
    }
    sides = [
        with_schema(named("A"), "response", components={"schemas": {**schemas, "D": {"type": kind}}})
        for kind in ("string", "integer")
    ]
    assert not [change for change in compared(sides[0], sides[1]).changes if change.operation]


def test_every_operation_that_uses_a_changed_schema_is_listed() -> None:
    """Only the first places show a witness; the change breaks at the others too."""
    sides = []
    for kind in ("string", "integer"):
        document = with_schema(named("Thing"), "response", components={"schemas": {"Thing": {"type": kind}}})
        item = document["paths"]["/things/{id}"]
        document["paths"] |= {f"/things{number}/{{id}}": item for number in range(30)}
        sides.append(document)
    (group,) = (group for group in compared(sides[0], sides[1]).groups if group.severity is ChangeSeverity.BREAKING)
    assert len(group.operations) == 31
    assert 1 <= sum(change.witness is not None for change in group.changes) < 31


def test_a_nullable_reference_is_the_schema_it_refers_to() -> None:
    sides = []
    for required in (["clan"], []):
        user = {"type": "object", "properties": {"clan": {"type": "string"}}, "required": required}
        value = {f"user{number}": {"oneOf": [{"type": "null"}, named("User")]} for number in range(5)}
        sides.append(with_schema({"properties": value}, "response", components={"schemas": {"User": user}}))
    (group,) = (group for group in compared(sides[0], sides[1]).groups if group.severity is ChangeSeverity.BREAKING)
    assert len(group.changes) == 5


def test_a_chain_of_a_thousand_schemas_is_compared() -> None:
    """Nothing is proven that deep; the rest of the document is compared all the same."""
    sides = []
    for leaf in ({"type": "string"}, {"type": "string", "maxLength": 3}):
        schemas: Json = {f"Part{index}": {"properties": {"next": named(f"Part{index + 1}")}} for index in range(1000)}
        schemas |= {"Part1000": {"properties": {"v": leaf}}, "Near": {**leaf}}
        value = {"properties": {"far": named("Part0"), "near": named("Near")}}
        sides.append(with_schema(value, "request", components={"schemas": schemas}))
    found = {group.first.cause: group.severity for group in compared(sides[0], sides[1]).groups if group.first.cause}
    assert found == {
        "#/components/schemas/Near": ChangeSeverity.BREAKING,
        "#/components/schemas/Part1000.v": ChangeSeverity.MAYBE,
    }


def test_required_fields_that_double_on_every_level_end() -> None:
    sides = []
    for kind in ("string", "integer"):
        schemas = {
            f"S{level}": {
                "type": "object",
                "properties": {name: {"$ref": f"#/components/schemas/S{level + 1}"} for name in "ab"},
                "required": ["a", "b"],
            }
            for level in range(25)
        }
        schemas["S25"] = {"type": kind}
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}
        sides.append(document({"requestBody": {"content": content}}, components={"schemas": schemas}))
    assert compared(sides[0], sides[1]).groups


def test_an_all_of_that_contains_itself_twice_ends() -> None:
    reference = {"$ref": "#/components/schemas/A"}
    sides = []
    for kind in ("string", "integer"):
        twice = {"allOf": [reference, reference, {"properties": {"a": {"type": kind}, "b": reference}}]}
        content = {"application/json": {"schema": reference}}
        sides.append(document({"requestBody": {"content": content}}, components={"schemas": {"A": twice}}))
    assert compared(sides[0], sides[1]).groups
