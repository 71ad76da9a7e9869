"""What is one text on the wire is no change, and what only OpenAPI 3.2 can say is compared."""

from typing import Any

import pytest

from ampeco_conformance.compatibility.rules import ChangeSeverity
from tests.support.comparison import compared, document

Json = Any
B, M, S = ChangeSeverity.BREAKING, ChangeSeverity.MAYBE, ChangeSeverity.SAFE
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def worst(old: Json, new: Json) -> ChangeSeverity:
    return min((change.severity for change in compared(old, new).changes), key=lambda found: found.rank, default=S)


def parameter(place: str, schema: Json, **more: Json) -> Json:
    return document({"parameters": [{"name": "p", "in": place, "schema": schema, **more}]})


def form(schema: Json, media_type: str) -> Json:
    fields = {"type": "object", "properties": {"field": schema}}
    return document({"requestBody": {"content": {media_type: {"schema": fields}}}})


def secured(**scheme: Json) -> Json:
    return document({"security": [{"key": []}]}, components={"securitySchemes": {"key": scheme}})


def served(url: str, *regions: str) -> Json:
    variables = {"variables": {"region": {"default": regions[0], "enum": list(regions)}}} if regions else {}
    return document(servers=[{"url": url, **variables}])


def served_apart(url: str | None, place: str = "path", **everywhere: Json) -> Json:
    """A document with an operation that is served at an address of its own."""
    made = document(**everywhere)
    (item,) = made["paths"].values()
    holder = item if place == "path" else next(value for value in item.values() if isinstance(value, dict))
    holder.update({} if url is None else {"servers": [{"url": url}]})
    return made


def versioned(default: str) -> Json:
    variables = {"version": {"default": default}}
    return document(servers=[{"url": "https://api.test/{version}/", "variables": variables}])


def flows(address: str, *scopes: str) -> Json:
    return {"type": "oauth2", "flows": {"password": {"tokenUrl": address, "scopes": dict.fromkeys(scopes, "")}}}


def json_of(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def newer(fragment: Json, **extra: Json) -> Json:
    return document(fragment, openapi="3.2.0", **extra)


PAIRS = {
    "listed texts of a boolean": (
        parameter("cookie", {"type": "boolean"}),
        parameter("cookie", {"enum": ["true", "false"]}),
        S,
    ),
    "listed texts of numbers": (parameter("query", {"enum": [1, 2]}), parameter("query", {"enum": ["1", "2"]}), S),
    "explode means nothing to deepObject": (
        parameter("query", {"type": "object"}, style="deepObject"),
        parameter("query", {"type": "object"}, style="deepObject", explode=True),
        S,
    ),
    "a number in a form becomes text": (
        form(WHOLE, "application/x-www-form-urlencoded"),
        form(TEXT, "application/x-www-form-urlencoded"),
        S,
    ),
    "a text in a form becomes a number": (form(TEXT, "multipart/form-data"), form(WHOLE, "multipart/form-data"), B),
    "a number in JSON becomes text": (form(WHOLE, "application/json"), form(TEXT, "application/json"), B),
    "a scheme in other letters": (secured(type="http", scheme="bearer"), secured(type="http", scheme="Bearer"), S),
    "a scope that is new": (secured(**flows("/token", "read")), secured(**flows("/token", "read", "write")), S),
    "another address of tokens": (secured(**flows("/token")), secured(**flows("/tokens")), M),
    "a slash at the end of a server": (served("https://api.test/v1"), served("https://api.test/v1/"), S),
    "a region more": (served("https://{region}.test", "eu"), served("https://{region}.test", "eu", "us"), S),
    "a region less": (served("https://{region}.test", "eu", "us"), served("https://{region}.test", "eu"), M),
    "another address": (served("https://api.test/v1"), served("https://api.test/v2"), M),
    "another address of a path": (served_apart("https://a.test/v1"), served_apart("https://a.test/v2"), M),
    "another address of an operation": (
        served_apart("https://a.test/v1", "operation"),
        served_apart("https://a.test/v2", "operation"),
        M,
    ),
    "a path that moves to an address of its own": (
        served_apart(None, servers=[{"url": "https://a.test"}]),
        served_apart("https://b.test", servers=[{"url": "https://a.test"}]),
        M,
    ),
    "an operation that names the address of all": (
        served_apart(None, servers=[{"url": "https://a.test"}]),
        served_apart("https://a.test", "operation", servers=[{"url": "https://a.test"}]),
        S,
    ),
    "another default of a part of the address": (versioned("v1"), versioned("v2"), M),
    "3.2: items of a stream": (
        *(
            newer({"responses": {"200": {"content": {"text/event-stream": {"itemSchema": {"enum": values}}}}}})
            for values in ([1], [1, 2])
        ),
        B,
    ),
    "3.2: a whole query string": (
        *(
            newer({"parameters": [{"name": "q", "in": "querystring", "content": json_of(schema)}]})
            for schema in (TEXT, WHOLE)
        ),
        B,
    ),
    "3.2: a media type by reference": (
        *(
            newer(
                {"requestBody": {"content": {"application/json": {"$ref": "#/components/mediaTypes/M"}}}},
                components={"mediaTypes": {"M": {"schema": schema}}},
            )
            for schema in (TEXT, WHOLE)
        ),
        B,
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), PAIRS.values(), ids=PAIRS)
def test_a_pair_is_judged_as_it_is_sent(old: Json, new: Json, expected: ChangeSeverity) -> None:
    assert worst(old, new) is expected


def test_schemas_that_depend_on_each_other_by_a_field_end() -> None:
    sides = []
    for kind in ("string", "integer"):
        thing = {
            "type": "object",
            "properties": {"next": {"$ref": "#/components/schemas/A"}, "value": {"type": kind}},
            "dependentSchemas": {"next": {"$ref": "#/components/schemas/A"}},
        }
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
        sides.append(document({"requestBody": {"content": content}}, components={"schemas": {"A": thing}}))
    assert worst(*sides) is B
