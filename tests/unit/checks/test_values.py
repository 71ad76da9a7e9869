"""When two values are the same, by what the schema says of them."""

from typing import Any

import pytest

from ampeco_conformance.checks.values import agree, same_value

INTEGER, CENTS = {"type": "integer"}, {"type": "number", "multipleOf": 0.01}
DECIMAL_TEXT = {"type": "string", "format": "decimal"}


@pytest.mark.parametrize(
    ("written", "read", "schema", "is_same"),
    [
        (1, 1.0, {}, True),
        (5_000_001, 5_000_003, {}, False),
        (5_000_001.0, 5_000_003.0, INTEGER, False),
        (0.1, 0.10000000149, {}, True),
        (5_000_001.25, 5_000_001.26, {}, False),
        (1.004, 1.0, CENTS, True),
        (1.01, 1.02, CENTS, False),
        ("12.50", "12.5", DECIMAL_TEXT, True),
        ("12.50", "12.51", DECIMAL_TEXT, False),
        ("1e2", "100", {}, False),
        (1, True, {}, False),
        (False, False, {}, True),
        ("Ann@Example.com", "ann@example.com ", {}, True),
        ("Ann", "ann", {}, False),
        (" Ann", "Ann", {}, True),
        ("Ann", "Ann ", {}, False),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00.999999Z", {}, True),
        ("2026-01-01T10:00:00Z", "2026-01-01T12:00:00+02:00", {}, True),
        # RFC 3339 allows small letters.
        ("2026-01-01T10:00:00Z", "2026-01-01t10:00:00z", {}, True),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:01Z", {}, False),
        ("2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z", {}, False),
        ("2026-01-01", "2026-01-01T00:00:00Z", {}, True),
        ("08:00", "08:00:00", {}, True),
        ("Zo\u00eb", "Zoe\u0308", {}, True),
        ("Łódź 北京", "?ód? ??", {}, False),
        ("a", "ab", {}, False),
        ("a", None, {}, False),
        (None, None, {}, True),
        (None, "", {}, False),
    ],
)
def test_same_value(written: Any, read: Any, schema: dict[str, Any], is_same: bool) -> None:
    assert same_value(written, read, schema) is is_same


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "c": 3}, True),
        ({"a": {"b": None}}, {"a": {"b": 0}}, False),
        ([1, 2], [2, 1], True),
        ([1, 1], [1, 2], False),
        ([1], [1, 2], False),
    ],
)
def test_values_agree_in_what_both_show(one: Any, other: Any, is_same: bool) -> None:
    assert agree(one, other) is is_same
