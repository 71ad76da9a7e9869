"""Objects and lists read as they were written, part by part."""

from typing import Any

import pytest

from ampeco_conformance.checks.echoes import echo_violations
from ampeco_conformance.checks.resource_fields import properties
from tests.support.small_contract import small_contract

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "bank": {"type": "object", "properties": {"code": {"type": "string"}, "token": {"type": "string"}}},
        "texts": {
            "type": "array",
            "items": {"type": "object", "properties": {"locale": {"type": "string"}, "text": {"type": "string"}}},
        },
        "steps": {
            "type": "array",
            "items": {"type": "object", "properties": {"price": {"type": "integer"}, "note": {"type": "string"}}},
        },
        "userIds": {"type": "array", "items": {"type": "integer"}},
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "names": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
SENT = {
    "name": "A",
    "bank": {"code": "X1", "token": "secret"},
    "texts": [{"locale": "en", "text": "Hello"}],
    "steps": [{"price": 1}, {"price": 2}],
    "userIds": [1, 2],
    "numbers": [1],
    "names": {"en": "A"},
}


@pytest.mark.parametrize(
    ("shown", "places"),
    [
        ({}, []),
        ({"name": "B"}, []),  # plain fields are compared elsewhere
        ({"bank": {"code": "X2", "token": None}}, ["/bank/code"]),
        ({"bank": {}}, ["/bank/code"]),
        ({"bank": None}, ["/bank"]),
        ({"texts": [{"locale": "bg", "text": "Z"}, {"locale": "en", "text": "Hello"}]}, []),
        ({"texts": [{"locale": "en", "text": "hi"}]}, ["/texts"]),
        ({"userIds": [3, 2, 1]}, []),
        ({"userIds": [1]}, ["/userIds"]),
        ({"numbers": []}, []),  # only the name says of what they are ids
        ({"names": {"en": "B"}}, ["/names/en"]),
    ],
)
def test_parts_read_as_they_were_written(shown: dict[str, Any], places: list[str]) -> None:
    contract = small_contract()
    known = properties(contract, SCHEMA)
    reads = {name: SENT[name] for name in SENT} | shown
    assert [found.location for found in echo_violations(contract, known, known, SENT, reads)] == places


@pytest.mark.parametrize(
    ("shown", "check"),
    [
        ({"texts": [{"locale": "en", "text": "Hello"}] * 2}, "resource_keeps_lists"),
        ({"steps": [{"price": 1, "note": "added by the server"}, {"price": 2, "note": ""}]}, None),
        ({"steps": [{"price": 2}, {"price": 1}]}, "resource_keeps_lists"),
        ({"steps": [{"price": 1}, {"price": 2}, {"price": 3}]}, "resource_keeps_lists"),
        ({"steps": [{"price": 1}]}, "resource_keeps_fields"),
    ],
)
def test_lists_of_objects_have_the_elements_that_were_written_in_their_order(
    shown: dict[str, Any], check: str | None
) -> None:
    contract = small_contract()
    known = properties(contract, SCHEMA)
    found = [violation.check.id for violation in echo_violations(contract, known, known, SENT, SENT | shown)]
    assert found == ([] if check is None else [check])


def test_what_only_one_schema_has_is_not_compared() -> None:
    contract = small_contract()
    known = properties(contract, SCHEMA)
    without = {name: definition for name, definition in known.items() if name != "bank"}
    assert not list(echo_violations(contract, known, without, SENT, SENT | {"bank": None}))
