"""A field that a schema requires is documented, also where `properties` does not describe it."""

from typing import Any

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.specs import Specification

USER = {"type": "object", "required": ["id", "lastUpdatedAt"], "properties": {"id": {"type": "integer"}}}


def beyond(value: Any) -> list[str]:
    """The fields of a user that are not documented."""
    document = {"openapi": "3.0.3", "paths": {}, "components": {"schemas": {"User": USER}}}
    finder = UndocumentedFinder(ApiContract(Specification("small", "1", document, "0", ())))
    return [location for location, _ in finder.fields_beyond("/components/schemas/User", value)]


def test_a_required_field_is_documented_whatever_is_in_it() -> None:
    assert beyond({"id": 1, "lastUpdatedAt": {"date": "2026-01-02"}, "nickname": "x"}) == ["/nickname"]
