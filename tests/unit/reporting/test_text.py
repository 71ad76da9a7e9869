"""Values as reports show them."""

from decimal import Decimal

import pytest

from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.reporting.text import shown_value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("object", "object"),
        (7, "7"),
        (True, "true"),
        ({"id": 1, "name": None}, '{"id": 1, "name": null}'),
        ([Decimal("1.50"), "é"], '["1.50", "é"]'),
        (None, None),
    ],
)
def test_a_structure_is_shown_as_json(value: object, shown: str | None) -> None:
    assert shown_value(value, Redactor(()), 100) == shown


def test_a_long_value_is_cut() -> None:
    assert shown_value({"a": "b" * 50}, Redactor(()), 10) == '{"a": "bbb'
