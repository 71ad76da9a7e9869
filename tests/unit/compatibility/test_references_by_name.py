"""References that lead to a name ($id, $anchor, $dynamicAnchor, $self) are followed; those to nothing are named."""

import json
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.rules import ChangeSeverity
from tests.support.comparison import with_schema

Json = Any


def report(folder: Path, root: Json, old: Json, new: Json, **document: Json) -> ComparisonReport:
    """The report on two files that have a component A, and a body that refers to it."""
    for name, component in (("old", old), ("new", new)):
        content = with_schema(root, "request", components={"schemas": {"A": component}}) | document
        (folder / f"{name}.json").write_text(json.dumps(content))
    sides = [load_contract(str(folder / f"{name}.json")) for name in ("old", "new")]
    return compare(sides[0], sides[1], load_policy("strict"))


def node(kind: str, **more: Json) -> Json:
    return {"type": "object", "properties": {"value": {"type": kind}, **more.pop("properties", {})}, **more}


@pytest.mark.parametrize(
    ("root", "component", "document"),
    [
        ({"$ref": "#a"}, {"$anchor": "a"}, {}),
        ({"$ref": "https://api.test/a"}, {"$id": "https://api.test/a"}, {}),
        ({"$ref": "a"}, {"$id": "https://api.test/a"}, {"$self": "https://api.test/openapi"}),
        (
            {"$ref": "#/components/schemas/A"},
            {"$dynamicAnchor": "node", "properties": {"next": {"$dynamicRef": "#node"}}},
            {},
        ),
    ],
    ids=["anchor", "id", "id below $self", "dynamic"],
)
def test_a_reference_by_name_is_followed(root: Json, component: Json, document: Json, tmp_path: Path) -> None:
    old, new = (node(kind, **component) for kind in ("string", "integer"))
    found = report(tmp_path, root, old, new, **document)
    assert found.counts[ChangeSeverity.BREAKING] == 1
    assert not found.set_aside


def test_a_pointer_in_a_resource_begins_at_that_resource(tmp_path: Path) -> None:
    old, new = (
        {"$id": "https://api.test/a", "$ref": "#/$defs/Inner", "$defs": {"Inner": {"type": kind}}}
        for kind in ("string", "integer")
    )
    assert report(tmp_path, {"$ref": "#/components/schemas/A"}, old, new).counts[ChangeSeverity.BREAKING] == 1


def test_a_reference_to_nothing_on_both_sides_is_named(tmp_path: Path) -> None:
    found = report(tmp_path, {"$ref": "#missing"}, node("string"), node("integer"))
    assert [line.rpartition(": ")[2] for line in found.set_aside] == ["$ref #missing leads to nothing"] * 2
