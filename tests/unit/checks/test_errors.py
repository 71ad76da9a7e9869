"""Refusals that name, or do not name, the invalid field."""

import json
from typing import Any

import pytest

from ampeco_conformance.checks.errors import field_violations
from ampeco_conformance.core.exchanges import Exchange, Request, Response


@pytest.mark.parametrize(
    ("errors", "field", "is_named"),
    [
        ({"name": ["no"]}, "name", True),
        ({"address.city": ["no"]}, "address", True),
        ({"a.b": ["no"]}, "a.b", True),
        ({"a.b": ["no"]}, "b", False),
        (["name"], "name", True),
        ([{"field": "name"}], "name", False),
        ({}, "name", False),
        (None, "name", False),
        (5, "name", False),
    ],
)
def test_a_refusal_names_the_field(errors: Any, field: str, is_named: bool) -> None:
    response = Response(422, body=json.dumps({"errors": errors}).encode())
    violations = list(field_violations(Exchange(Request("POST", "https://x.example/"), response, 0.0, 0.0), field))
    assert bool(violations) is not is_named
