import pytest

from ampeco_conformance.checks.errors import required_fields
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.generate.invalid_bodies import invalid_bodies
from tests.support.small_contract import contract_taking

BODY = {
    "type": "object",
    "required": ["name", "groupId", "kind"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "maxLength": 5, "minLength": 2},
        "groupId": {"type": "integer"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "share": {"type": "number", "minimum": 0, "maximum": 100},
        "active": {"type": "boolean"},
        "anything": {},
        "address": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}},
        "zones": {"type": "array", "items": {"type": "object", "properties": {"number": {"type": "integer"}}}},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    },
}
VALID = {"name": "one", "groupId": 1, "kind": "a"}


@pytest.fixture
def things() -> ApiContract:
    return contract_taking(BODY)


def test_each_fault_is_one_thing_wrong(things: ApiContract) -> None:
    found = {
        fault.request.description: fault
        for fault in invalid_bodies(things, things.specification.operation("POST /things"), VALID, {}, 0)
    }
    assert set(found) == {
        *("a body without name", "a body without groupId", "a body without kind"),
        *("name as an object", "name shorter than its minLength", "name longer than its maxLength"),
        *("groupId as text", "kind outside its enum", "active as text", "address as text", "zones as text"),
        *("share as text", "share below its minimum", "share above its maximum"),
    }
    assert found["name longer than its maxLength"].body == {**VALID, "name": "cccccc"}
    assert found["a body without kind"].body == {"name": "one", "groupId": 1}
    assert found["kind outside its enum"].request.kind == "kind enum"


def test_nested_objects_come_from_the_fuller_body(things: ApiContract) -> None:
    fuller = {**VALID, "address": {"city": "Oslo"}, "zones": [{"number": 1}, {"number": 2}]}
    creating = things.specification.operation("POST /things")
    found = {fault.request.description: fault for fault in invalid_bodies(things, creating, VALID, fuller, 0)}
    assert found["a body without address.city"].body == {**VALID, "address": {}}
    assert found["address.city as an object"].field == "address"
    assert found["zones.number as text"].body == {**VALID, "zones": [{"number": "conform-none"}, {"number": 2}]}


def test_a_fault_in_a_list_is_in_a_second_item_with_every_other_seed(things: ApiContract) -> None:
    fuller = {**VALID, "zones": [{"number": 1}]}
    creating = things.specification.operation("POST /things")
    bodies = [
        fault.body["zones"]
        for seed in range(2)
        for fault in invalid_bodies(things, creating, VALID, fuller, seed)
        if fault.request.description == "zones.number as text"
    ]
    assert bodies == [[{"number": "conform-none"}], [{"number": 1}, {"number": "conform-none"}]]


@pytest.mark.parametrize(
    ("parts", "required"),
    [
        ({"allOf": [{"properties": {"id": {"readOnly": True}, "name": {}}}, {"required": ["kind"]}]}, ["name", "kind"]),
        ({"allOf": [{"oneOf": [{"required": ["kind"]}, {"required": ["name"]}]}]}, []),
    ],
)
def test_required_fields_stand_beside_allof_or_in_it(parts: dict[str, object], required: list[str]) -> None:
    contract = contract_taking({"required": ["id", "name"], **parts})
    assert required_fields(contract, contract.specification.operation("POST /things")) == required
