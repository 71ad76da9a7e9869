"""Patterns as ECMA-262 reads them, where the libraries of the suite take another dialect."""

import pytest

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.generate.sampling import matching
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.patterns import matcher, without_patterns
from ampeco_conformance.specs.validation import check_document
from ampeco_emulator.openapi.schemas import SchemaBook

# Pattern, a text that it matches, one that it does not.
PATTERNS = [
    (r"^[\w-.]+$", "ab-.", "a b"),
    (r"^[a-\d]+$", "a-7", "b"),
    (r"^\p{L}+$", "\u00e4", "1"),
    (r"^(?<sign>[+-])\d$", "+1", "1"),
    (r"^(GPS|{x}):a$", "{x}:a", "x:a"),
    (r"^a{,3}$", "a{,3}", "aaa"),
    (r"^[^]$", "\n", ""),
    (r"\cA", "\x01", "A"),
    (r"^(?i)abc$", "ABC", "abd"),
    (r"^[A-Z]{2}$", "AB", "ab"),
    ("b", "abc", "ac"),
]


def document(pattern: str) -> dict[str, object]:
    schema = {"type": "string", "pattern": pattern}
    answer = {
        "description": "Text.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Text"}}},
    }
    return {
        "openapi": "3.0.0",
        "info": {"title": "Texts", "version": "1"},
        "paths": {"/texts": {"get": {"responses": {"200": answer}}}},
        "components": {"schemas": {"Text": schema}},
    }


@pytest.mark.parametrize(("pattern", "good", "bad"), PATTERNS)
def test_suite_and_emulator_judge_a_pattern_as_ecma_262_does(pattern: str, good: str, bad: str) -> None:
    read = document(pattern)
    check_document(read, "texts.json")
    suite = Schemas(Specification("small", "1", read, "0", ())).validator(
        "/components/schemas/Text", Direction.RESPONSE
    )
    emulator = SchemaBook(read).validator({"$ref": "#/components/schemas/Text"}, incoming=True)
    for validator in (suite, emulator):
        assert (validator.is_valid(good), validator.is_valid(bad)) == (True, False)


@pytest.mark.parametrize(("pattern", "good", "bad"), PATTERNS)
def test_texts_are_made_for_any_pattern(pattern: str, good: str, bad: str) -> None:
    matches = matcher(pattern)
    assert matches is not None
    assert (matches(good), matches(bad)) == (True, False)
    assert matches(text := matching(pattern)) or text == "0"


@pytest.mark.parametrize("pattern", ["(", "[z-a]", "*a"])
def test_a_pattern_of_no_dialect_is_named(pattern: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_document(document(pattern), "texts.json")
    place = "/components/schemas/Text"
    assert str(refused.value) == f"texts.json has a pattern that is no regular expression, {pattern}, at {place}"
    read = Specification("small", "1", document(pattern), "0", ())
    assert Schemas(read).validator(place, Direction.RESPONSE).is_valid("any text")


def test_a_document_is_copied_only_where_a_pattern_is_left_out() -> None:
    read = document("(")
    assert without_patterns(read, lambda _: True) is read
    assert without_patterns(read)["components"]["schemas"]["Text"] == {"type": "string"}
