"""References to schemas whose names a URI writes percent-encoded, as generators of documents name generic types."""

from typing import Any
from urllib.parse import quote

import pytest

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.walking import escape_pointer

NAMES = ["Page«User»", "Result<Foo>", "A[B]", "A b", "A/b~c", "Größe", "List`1[[System.String, x]]", "x#y", "q?z"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dialect", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("is_encoded", [True, False])
def test_a_reference_leads_to_its_schema(name: str, dialect: str, is_encoded: bool) -> None:
    token = escape_pointer(name)
    reference = f"#/components/schemas/{quote(token, safe='~') if is_encoded else token}"
    holder = {"type": "object", "properties": {"part": {"$ref": reference}}}
    document: dict[str, Any] = {
        "openapi": dialect,
        "paths": {},
        "components": {"schemas": {name: {"type": "integer"}, "Holder": holder}},
    }
    schemas = Schemas(Specification("small", "1", document, "0", ()))
    resolved, pointer = schemas.resolve({"$ref": reference}, "")
    assert resolved == {"type": "integer"}
    assert schemas.validator(pointer, Direction.RESPONSE).is_valid(1)
    validator = schemas.validator("/components/schemas/Holder", Direction.RESPONSE)
    assert validator.is_valid({"part": 1})
    assert not validator.is_valid({"part": "1"})
