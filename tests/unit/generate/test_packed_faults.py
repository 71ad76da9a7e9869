"""Bodies with many faults: every keyword at every depth in few bodies; which of them have to be refused."""

from collections.abc import Sequence
from typing import Any

import pytest

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.generate.packed_faults import PackedBody, packed_bodies
from tests.support.small_contract import contract_taking

BODY = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "since": {"type": "string", "format": "date"},
        "zones": {
            "type": "array",
            "minItems": 1,
            "items": {
                "anyOf": [
                    {
                        "type": "object",
                        "required": ["step"],
                        "properties": {"step": {"type": "number", "multipleOf": 2}},
                    },
                    {"type": "object", "properties": {"code": {"type": "string", "pattern": "^[A-Z]+$"}}},
                ]
            },
        },
        "levels": {"type": "array", "items": {"type": "array", "minItems": 2, "items": {"type": "integer"}}},
    },
}
WHOLE = {"id": 1, "name": "one", "since": "2026-01-01", "zones": [{"step": 4, "code": "A"}], "levels": [[1, 2]]}


NAMED = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "since": {"type": "string", "format": "date"}},
}


@pytest.fixture
def things() -> ApiContract:
    return contract_taking(BODY)


def packs(things: ApiContract, *alone: str, wholes: Sequence[Any] = (WHOLE,)) -> list[PackedBody]:
    return list(packed_bodies(things, things.specification.operation("POST /things"), wholes, alone))


def places(body: Any, place: str = "") -> set[str]:
    """Places and values of a body, lists as their first item."""
    if isinstance(body, dict):
        return {found for name, item in body.items() for found in places(item, f"{place}/{name}")}
    if isinstance(body, list) and body:
        return places(body[0], f"{place}/*")
    return {f"{place} = {body}"}


def test_every_keyword_is_violated_at_every_depth(things: ApiContract) -> None:
    seen = {place for pack in packs(things) for place in places(pack.body)}
    assert seen >= {
        *(
            "/zones/*/step = conform-none",
            "/zones/*/step = 5.0",
            "/zones/*/code = conform-none",
            "/zones/* = conform-none",
        ),
        *("/zones = conform-none", "/zones = []", "/levels/*/* = conform-none", "/levels/* = conform-none"),
        *("/levels = conform-none", "/since = conform-none", "/name/conform = none", "/since/conform = none"),
    }
    assert any("name" not in pack.body for pack in packs(things))
    assert any("step" not in pack.body["zones"][0] for pack in packs(things) if isinstance(pack.body["zones"], list))


def test_they_are_few_and_none_is_valid(things: ApiContract) -> None:
    operation = things.specification.operation("POST /things")
    validator = things.schemas.validator(str(body_schema_pointer(things, operation)), Direction.REQUEST)
    found = packs(things)
    assert len(found) <= 6
    assert not any(validator.is_valid(pack.body) for pack in found)


def test_a_body_with_wrong_formats_only_may_be_accepted() -> None:
    whole = {"name": "one", "since": "2026-01-01"}
    (pack,) = packs(contract_taking(NAMED), "since type", "name required", "name type", wholes=[whole])
    assert (pack.body, pack.is_refused) == ({"name": "one", "since": "conform-none"}, False)


def test_what_is_tried_alone_is_left_out() -> None:
    named = contract_taking({**NAMED, "properties": {"name": {"type": "string"}}})
    assert packs(named, "name required", "name type", wholes=[{"name": "one"}]) == []
    assert [pack.is_refused for pack in packs(named, "name required", wholes=[{"name": "one"}])] == [True]


def test_the_values_of_a_map_are_wrong_too() -> None:
    texts = {"type": "object", "properties": {"name": {"type": "object", "additionalProperties": {"type": "string"}}}}
    found = packs(contract_taking(texts), wholes=[{"name": {"en": "One"}}])
    assert {"name": {"en": {"conform": "none"}}} in [pack.body for pack in found]


def test_a_list_has_wrong_items() -> None:
    found = packs(contract_taking({"type": "array", "items": NAMED}), wholes=[[{"name": "one"}]])
    assert [{"name": {"conform": "none"}}] in [pack.body for pack in found]
    assert {pack.request.description for pack in found} >= {"a body with faults in items"}


def test_what_no_body_has_is_wrong_in_other_bodies_and_may_be_let_pass_when_deprecated() -> None:
    parts = {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}}
    body = {"type": "object", "properties": {"name": {"type": "string"}, "parts": {**parts, "deprecated": True}}}
    found = {str(pack.body.get("parts")): pack for pack in packs(contract_taking(body), wholes=[{"name": "one"}])}
    assert found.keys() == {"None", "conform-none", "['conform-none']", "[{'size': 'conform-none'}]"}
    assert [pack.is_refused for text, pack in found.items() if text != "None"] == [False, False, False]


def test_what_one_body_has_is_not_made_up_in_another() -> None:
    body = {"type": "object", "properties": {"parts": {"type": "array", "items": {"type": "integer"}}}}
    found = packs(contract_taking(body), wholes=[{"parts": [1]}, {}])
    assert [pack.body for pack in found] == [{"parts": ["conform-none"]}, {"parts": "conform-none"}]


def test_what_only_one_variant_has_is_valid_in_some_bodies() -> None:
    def variant(*names: str) -> dict[str, Any]:
        properties = {name: {"type": "string"} for name in names}
        return {"type": "object", "required": [*names], "properties": properties}

    one, other = {"a": "one"}, {"b": "two", "c": "three"}
    found = packs(contract_taking({"anyOf": [variant("a"), variant("b", "c")]}), wholes=[one, other])
    assert all(any(pack.body.get(name) == value for pack in found) for name, value in other.items())


def test_a_fault_that_another_variant_lets_pass_is_tried_with_those_of_that_variant() -> None:
    def variant(name: str) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["on"],
            "properties": {name: {"type": "string"}, "on": {"type": "boolean"}},
        }

    either = contract_taking({"anyOf": [variant("hub"), {"type": "object", "required": ["on"]}]})
    found = [pack.body for pack in packs(either, wholes=[{"hub": "one", "on": True}])]
    assert {"hub": {"conform": "none"}} in found


def test_what_is_read_only_is_left_alone(things: ApiContract) -> None:
    assert all(pack.body.get("id") == 1 for pack in packs(things))
