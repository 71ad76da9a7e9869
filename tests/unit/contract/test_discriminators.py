"""The discriminator obliges to the alternative that it names, where the alternatives alone do not decide."""

from typing import Any

import pytest

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.specs import Specification

A = {"type": "object", "required": ["t", "a"], "properties": {"t": {"type": "string"}, "a": {"type": "integer"}}}
B = {"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}, "b": {"type": "integer"}}}
BOTH = [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]
WHOLE = {"aa": "#/components/schemas/A", "bb": "#/components/schemas/B"}
BARE = {"aa": "A", "bb": "B"}


def is_valid(value: Any, keyword: str, openapi: str = "3.0.3", **different: Any) -> bool:
    schema = {keyword: BOTH, **different}
    document = {"openapi": openapi, "components": {"schemas": {"A": A, "B": B, "T": schema}}}
    schemas = Schemas(Specification("small", "1", document, "0", ()))
    return schemas.validator("/components/schemas/T", Direction.RESPONSE).is_valid(value)


@pytest.mark.parametrize("openapi", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("mapping", [WHOLE, BARE], ids=["references", "names"])
def test_a_mapping(keyword: str, mapping: dict[str, str], openapi: str) -> None:
    discriminator = {"propertyName": "t", "mapping": mapping}
    for value, expected in [
        ({"t": "aa", "a": 1}, True),
        ({"t": "aa", "b": 1}, False),
        ({"t": "aa", "a": 1, "b": 2}, True),
        ({"t": "bb", "b": 1}, True),
        ({"t": "bb", "b": "x"}, False),
        ({"t": "unknown", "b": 1}, True),
    ]:
        assert is_valid(value, keyword, openapi, discriminator=discriminator) is expected


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_without_a_mapping_the_value_is_the_name_of_the_schema(keyword: str) -> None:
    for value, expected in [({"t": "A", "a": 1}, True), ({"t": "A", "b": 1}, False), ({"t": "B", "b": 1}, True)]:
        assert is_valid(value, keyword, discriminator={"propertyName": "t"}) is expected


def test_null_names_no_alternative() -> None:
    assert is_valid(None, "oneOf", discriminator={"propertyName": "t"}, nullable=True)


def test_without_a_discriminator_any_alternative_will_do() -> None:
    assert is_valid({"t": "A", "b": 1}, "oneOf")
