"""Bodies with many faults: every keyword at every depth in few bodies; which of them have to be refused."""

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


@pytest.fixture
def things() -> ApiContract:
    return contract_taking(BODY)


def packs(things: ApiContract, *alone: str, whole: dict[str, Any] = WHOLE) -> list[PackedBody]:
    return list(packed_bodies(things, things.specification.operation("POST /things"), [whole], alone))


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


def test_a_body_with_wrong_formats_only_may_be_accepted(things: ApiContract) -> None:
    (pack,) = packs(things, "since type", "name required", "name type", whole={"name": "one", "since": "2026-01-01"})
    assert (pack.body, pack.is_refused) == ({"name": "one", "since": "conform-none"}, False)


def test_what_is_tried_alone_is_left_out(things: ApiContract) -> None:
    all_of_one = ("name required", "name type")
    assert packs(things, *all_of_one, whole={"name": "one"}) == []
    assert [pack.is_refused for pack in packs(things, "name required", whole={"name": "one"})] == [True]


def test_what_is_read_only_is_left_alone(things: ApiContract) -> None:
    assert all(pack.body.get("id") == 1 for pack in packs(things))
