"""A response without its envelope is found although no schema requires it."""

from typing import Any

import pytest

from ampeco_conformance.contract.envelope import envelope_violations

ITEM = {"type": "object", "properties": {"data": {"type": "object"}}}
LISTING = {"type": "object", "properties": {"data": {"type": "array"}, "links": {}, "meta": {}}}
REFUSAL = {"type": "object", "properties": {"message": {"type": "string"}, "errors": {}}}


def _found(schema: dict[str, Any], status: int, body: Any, api: str = "ampeco") -> list[str]:
    return [violation.message for violation in envelope_violations(api, status, schema, body, "")]


@pytest.mark.parametrize(
    ("schema", "status", "body", "expected"),
    [
        (ITEM, 200, {"id": 1}, ["/data is missing at 200"]),
        (ITEM, 200, {}, ["/data is missing at 200"]),
        (LISTING, 200, {"links": {}, "meta": {}}, ["/data is missing at 200"]),
        (REFUSAL, 422, {"errors": {}}, ["/message is missing at 422"]),
        (ITEM, 201, {"data": None}, []),  # what it is, its schema says
        (ITEM, 200, [], []),  # a wrong type is a finding of the schema
        (REFUSAL, 404, {"message": ""}, []),
    ],
)
def test_the_field_that_holds_everything_is_there(
    schema: dict[str, Any], status: int, body: Any, expected: list[str]
) -> None:
    assert _found(schema, status, body) == expected


@pytest.mark.parametrize(
    ("schema", "status"),
    [
        ({"properties": {"status": {}, "data": {"type": "string"}}}, 200),  # the payload of a data transfer
        ({"properties": {"success": {}, "message": {}}}, 406),
        ({**ITEM, "required": ["data"]}, 200),  # the schema says it already
        ({"properties": {"id": {}}}, 200),
    ],
)
def test_what_is_no_envelope_is_left_to_its_schema(schema: dict[str, Any], status: int) -> None:
    assert _found(schema, status, {}) == []


def test_an_api_without_an_envelope_has_none() -> None:
    assert _found(ITEM, 200, {}, "spirii") == []
