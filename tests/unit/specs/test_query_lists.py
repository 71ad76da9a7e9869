"""Lists in the query are named as they go over the wire, wherever a document declares them."""

from typing import Any

import pytest

from ampeco_conformance.specs.query_lists import name_lists_as_sent

LIST = {"type": "array", "items": {"type": "string", "enum": ["evses"]}}


def document(parameter: dict[str, Any], place: str = "operation") -> dict[str, Any]:
    parameters = {"parameters": [parameter]}
    item = {"get": parameters} if place == "operation" else {**parameters, "get": {}}
    reference = {"get": {"parameters": [{"$ref": "#/components/parameters/include"}]}}
    shared = {"parameters": {"include": parameter}} if place == "components" else {}
    return {
        "paths": {"/places": reference if place == "components" else item},
        "components": {"schemas": {"Include": LIST}, **shared},
    }


def declared(read: dict[str, Any], place: str) -> dict[str, Any]:
    item = read["paths"]["/places"]
    found: dict[str, Any] = {
        "operation": lambda: item["get"]["parameters"][0],
        "path item": lambda: item["parameters"][0],
        "components": lambda: read["components"]["parameters"]["include"],
    }[place]()
    return found


@pytest.mark.parametrize("place", ["operation", "path item", "components"])
@pytest.mark.parametrize("schema", [LIST, {"$ref": "#/components/schemas/Include"}], ids=["inline", "reference"])
@pytest.mark.parametrize("name", ["include", "include[]"])
def test_a_list_in_deep_object_style_gets_brackets(place: str, schema: dict[str, Any], name: str) -> None:
    read = document({"in": "query", "name": name, "style": "deepObject", "explode": True, "schema": schema}, place)
    name_lists_as_sent(read)
    assert declared(read, place) == {"in": "query", "name": "include[]", "schema": schema}


@pytest.mark.parametrize(
    "parameter",
    [
        {"in": "query", "name": "filter", "style": "deepObject", "schema": {"type": "object"}},
        {"in": "query", "name": "ids", "schema": LIST},
        {"in": "query", "name": "ids", "style": "pipeDelimited", "schema": LIST},
        {"in": "query", "name": "odd", "style": "deepObject"},
    ],
)
def test_other_parameters_stay(parameter: dict[str, Any]) -> None:
    read = document(dict(parameter))
    name_lists_as_sent(read)
    assert declared(read, "operation") == parameter
