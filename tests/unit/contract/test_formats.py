"""Formats that JSON Schema does not have, or judges otherwise."""

import pytest

from ampeco_conformance.contract.schemas import keyword_validator


@pytest.mark.parametrize(
    ("form", "text", "is_valid"),
    [
        ("url", "https://example.com/a?b=c#d", True),
        ("url", "HTTPS://münchen.example", True),
        ("url", "ftp://example.com", True),
        ("url", "no https://example.com", False),
        ("url", "example", False),
        ("time", "08:00", True),
        ("time", "8 o'clock", False),
    ],
)
def test_a_format_is_judged(form: str, text: str, is_valid: bool) -> None:
    assert keyword_validator("format", form).is_valid(text) is is_valid
