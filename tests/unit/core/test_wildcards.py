"""Patterns that users write."""

import pytest

from ampeco_conformance.core.wildcards import fits


@pytest.mark.parametrize(
    "text", ["GET /a[0]/v1.0", "[::1]:8080", "/data/a]b[c", "[!a]", "]", "[", "", "a\nb", "a|b::c"]
)
def test_a_text_fits_itself_and_what_has_wildcards_in_place_of_its_parts(text: str) -> None:
    assert fits(text, text)
    assert fits(text, "*")
    assert fits(text, f"{text[:2]}*")
    assert fits(text, "?" * len(text))


@pytest.mark.parametrize(("text", "pattern"), [("a", "[abc]"), ("ab", "a"), ("GET /a0/v1.0", "GET /a[0]/v1.0")])
def test_brackets_are_no_set_of_characters(text: str, pattern: str) -> None:
    assert not fits(text, pattern)
