"""A value that fits no alternative of anyOf or oneOf is judged by the alternative that it was meant for."""

from typing import Any

import pytest

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Specification

CARD = {
    "type": "object",
    "required": ["type", "number"],
    "properties": {"type": {"enum": ["card"]}, "number": {"type": "string"}, "month": {"type": "integer"}},
}
CASH = {"type": "object", "required": ["type"], "properties": {"type": {"enum": ["cash"]}}}


def error_of(value: Any, keyword: str) -> Any:
    """The only error of a value in a list of alternatives."""
    schema = {"type": "array", "items": {keyword: [CASH, {"$ref": "#/components/schemas/Card"}, {"type": "string"}]}}
    document = {"openapi": "3.0.3", "paths": {}, "components": {"schemas": {"Card": CARD, "List": schema}}}
    contract = ApiContract(Specification("ampeco", "1", document, "0", ()))
    (error,) = contract.schema_errors("/components/schemas/List", [value], Direction.RESPONSE)
    return error


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"type": "card"}, "/0/number is missing"),
        ({"type": "card", "number": "7", "month": "May"}, '/0/month breaks `type`: "May" is not of type "integer"'),
        ({"type": "card", "month": "May"}, "/0/number is missing"),
        ({"type": "cheque"}, '/0/type breaks `enum`: "cheque" is not one of "cash"'),
    ],
    ids=["missing", "wrong type", "two errors", "no alternative named"],
)
def test_the_nearest_alternative_says_what_is_wrong(keyword: str, value: Any, reason: str) -> None:
    error = error_of(value, keyword)
    assert error.location == "/0"
    assert "in the nearest alternative /0/" in error.message
    assert reason in error.message


@pytest.mark.parametrize(
    ("value", "is_growth"),
    [
        ({"type": "cheque"}, True),
        ({"type": "card"}, False),
        ({"type": "card", "number": "7", "month": "May"}, False),
        (7, False),
    ],
    ids=["new value", "missing", "wrong type", "no alternative"],
)
def test_growth_inside_an_alternative_is_growth(value: Any, is_growth: bool) -> None:
    assert error_of(value, "oneOf").is_growth is is_growth


def test_a_value_of_no_type_of_any_alternative_has_no_nearest_one() -> None:
    assert "7 is not valid under any of the schemas" in error_of(7, "anyOf").message


def test_what_was_received_is_what_the_nearest_alternative_is_broken_by() -> None:
    error = error_of({"type": "card", "number": 7, "month": "May"}, "anyOf")
    assert error.actual == {"/0/month": "May", "/0/number": 7}
    assert error.nearest is None
    assert error_of({"type": "card", "number": 7}, "anyOf").nearest.location == "/0/number"


def test_several_errors_of_one_kind_are_one_cause() -> None:
    assert error_of({"type": "card", "number": 7, "month": 5.5}, "oneOf").nearest.keyword == "type"
