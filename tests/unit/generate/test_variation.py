"""Other values are valid, and differ from the present one and from the default."""

from typing import Any

import pytest

from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.generate.sampling import Sampler
from ampeco_conformance.generate.variation import OtherValues
from tests.support.small_contract import small_contract

IDS = {"userId": [7, 8]}


def variation() -> OtherValues:
    schemas: Schemas = small_contract().schemas
    sampler = Sampler(schemas, lambda name, _: IDS.get(name, [None])[0])
    return OtherValues(sampler, lambda name, _: iter(IDS.get(name, [])))


@pytest.mark.parametrize(
    ("name", "schema", "present", "others"),
    [
        ("kind", {"type": "string", "enum": ["a", "b", "c"], "default": "b"}, "a", ["c", "b"]),
        ("kind", {"type": "string", "enum": ["a"]}, "a", []),
        ("kind", {"type": "string", "oneOf": [{"enum": ["a", "b"]}]}, "a", ["b"]),
        ("flag", {"type": "boolean", "default": False}, None, [True, False]),
        ("flag", {"type": "boolean"}, True, [False]),
        ("count", {"type": "integer", "maximum": 5}, 5, [4, 0]),
        ("count", {"type": "integer", "minimum": 5, "maximum": 5}, 5, []),
        ("percentage", {"type": "number", "format": "decimal", "maximum": 100}, 20, [21.25, 18.75, 100, 0]),
        ("price", {"type": "number", "multipleOf": 0.001}, 1.5, [251.5, 0.5, 0]),
        # A server that keeps one decimal only is noticed by two.
        ("current", {"type": "number", "format": "float"}, 3, [4.25, 1.75, 0]),
        ("current", {"type": "number", "multipleOf": 0.1}, 3, [4.5, 1.5, 0]),
        ("userId", {"type": "integer"}, 7, [8]),
        ("userId", {"type": "integer", "nullable": True}, None, [7, 8]),
        ("time", {"type": "string", "format": "time"}, "08:00", ["09:00"]),
        ("code", {"type": "string", "maxLength": 3}, "ABC", ["BCD"]),
        ("code", {"type": "string", "pattern": "^[0-9]$"}, "0", ["1"]),
    ],
)
def test_others(name: str, schema: dict[str, Any], present: Any, others: list[Any]) -> None:
    assert list(variation().others(name, schema, present)) == others


@pytest.mark.parametrize("form", ["date-time", "datetime", "date"])
def test_another_moment_is_not_the_one_of_a_sample(form: str) -> None:
    schema = {"type": "string", "format": form}
    sample = Sampler(small_contract().schemas, lambda *_: None).sample(schema, complete=True, name="startAt")
    assert next(variation().others("startAt", schema, sample)) > sample


def test_every_part_of_a_value_is_varied() -> None:
    schema = {
        "type": "object",
        "properties": {
            "flag": {"type": "boolean"},
            "inner": {"type": "object", "properties": {"count": {"type": "integer"}}},
            "list": {"type": "array", "items": {"type": "string", "enum": ["a", "b", "c"]}},
        },
    }
    body = {"flag": False, "inner": {"count": 1}, "list": ["a"], "other": 1}
    varied = variation().varied("", schema, body)
    assert varied == {"flag": True, "inner": {"count": 2}, "list": ["b", "a"], "other": 1}
    # Neither the value of the sample nor what is present.
    assert variation().varied("", schema, body, varied)["inner"] == {"count": 0}


def test_the_id_of_an_object_refers_to_what_the_object_is() -> None:
    schema = {"type": "object", "properties": {"user": {"type": "object", "properties": {"id": {"type": "integer"}}}}}
    assert variation().varied("", schema, {"user": {"id": 7}}) == {"user": {"id": 8}}
