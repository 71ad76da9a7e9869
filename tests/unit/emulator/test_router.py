"""Paths of a specification as the emulator finds them."""

import pytest

from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import UNTAGGED, read_operations
from ampeco_emulator.openapi.endpoints import Router

_PATHS = [
    "/files/{id}",
    "/files/{name}-{part}.json",
    "/files/last",
    "/files/",
    "/files/{id}/parts",
    "/a%20b",
    "/größe({id})",
]
_DOCUMENT = {"openapi": "3.0.3", "paths": {path: {"get": {}} for path in _PATHS}}


@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/files/7", "/files/{id}", {"id": "7"}),
        ("/files/a-1.json", "/files/{name}-{part}.json", {"name": "a", "part": "1"}),
        ("/files/last", "/files/last", {}),
        ("/files", "/files/", {}),
        ("/files/", "/files/", {}),
        ("/a b", "/a%20b", {}),
        ("/größe(7)", "/größe({id})", {"id": "7"}),
        ("/files/a-1xjson/parts/", "/files/{id}/parts", {"id": "a-1xjson"}),
    ],
)
def test_a_path_is_found(path: str, template: str, values: dict[str, str]) -> None:
    operations = tuple(read_operations(_DOCUMENT))
    endpoint, found, methods = Router(Specification("small", "1", _DOCUMENT, "0", operations)).find("GET", path)
    assert endpoint is not None
    assert (endpoint.path, found, methods) == (template, values, frozenset({"GET"}))


def test_an_operation_without_tags_is_untagged() -> None:
    assert {operation.tag for operation in read_operations(_DOCUMENT)} == {UNTAGGED}


def test_what_is_always_shown_may_be_required_beside_allof() -> None:
    item = {
        "allOf": [{"properties": {"id": {"type": "integer"}, "a_kind": {"type": "string"}}}],
        "required": ["a_kind"],
    }
    shown = {"type": "object", "properties": {"data": {"type": "array", "items": item}}}
    answer = {"200": {"description": "All.", "content": {"application/json": {"schema": shown}}}}
    document = {"openapi": "3.0.3", "paths": {"/things": {"get": {"responses": answer}}}}
    router = Router(Specification("small", "1", document, "0", tuple(read_operations(document))))
    (endpoint,) = router.endpoints
    assert endpoint.always_shown == {"aKind"}
