"""Pairs that are easily judged wrong: what two documents mean, however they say it."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import compare
from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity
from tests.support.comparison import compared, document, with_schema

Json = Any
B, M, S = ChangeSeverity.BREAKING, ChangeSeverity.MAYBE, ChangeSeverity.SAFE
A_TEXT = {"properties": {"a": {"type": "string"}}}
B_TEXT = {"properties": {"b": {"type": "string"}}}
CLOSED, SEALED = {"additionalProperties": False}, {"unevaluatedProperties": False}
READ_ONLY = {"properties": {"a": {"type": "string", "readOnly": True}}}
WRITE_ONLY = {"properties": {"a": {"type": "string", "writeOnly": True}}}
NEEDED = {"required": ["a"]}
INTEGERS = {"type": "array", "contains": {"type": "integer"}}
NUMBER, TEXT = {"type": "integer"}, {"type": "string"}


def worst(old: dict[str, Json], new: dict[str, Json]) -> ChangeSeverity | None:
    """The worst severity of a comparison; None when nothing differs."""
    severities = {change.severity for change in compared(old, new).changes}
    return next((severity for severity in (B, M, S) if severity in severities), None)


@pytest.mark.parametrize(
    ("direction", "old", "new", "verdict"),
    [
        # What is not part of a direction is not required there, whichever member says so.
        ("request", {"allOf": [READ_ONLY]}, {"allOf": [READ_ONLY, NEEDED]}, None),
        ("request", {"allOf": [READ_ONLY]}, {"allOf": [READ_ONLY], **NEEDED}, None),
        ("response", {"allOf": [WRITE_ONLY, NEEDED]}, {"allOf": [WRITE_ONLY]}, None),
        ("request", {"allOf": [A_TEXT, READ_ONLY]}, {"allOf": [A_TEXT, READ_ONLY, NEEDED]}, None),
        ("response", {"allOf": [READ_ONLY, NEEDED]}, {"allOf": [READ_ONLY]}, B),
        # additionalProperties knows the fields beside it, unevaluatedProperties those of all members too.
        ("request", {**CLOSED, **A_TEXT}, {**CLOSED, "allOf": [A_TEXT]}, B),
        ("request", {**CLOSED, "allOf": [A_TEXT]}, {**CLOSED, **A_TEXT}, S),
        ("request", {"allOf": [A_TEXT, B_TEXT], **SEALED}, {**A_TEXT, **SEALED}, B),
        ("response", {**A_TEXT, **SEALED}, {"allOf": [A_TEXT, B_TEXT], **SEALED}, B),
        ("request", {"allOf": [A_TEXT, B_TEXT], **SEALED}, {"allOf": [A_TEXT], **B_TEXT, **SEALED}, None),
        ("request", {**A_TEXT, **CLOSED}, {"allOf": [{**A_TEXT, **CLOSED}, B_TEXT]}, S),
        # Only a value of a variant, or one that no variant lists, shows the difference.
        ("request", {"type": "string", "pattern": "^[a-f]+$"}, {"anyOf": [{"const": "a"}, {"const": "b"}]}, B),
        ("request", {"oneOf": [{**NUMBER, "multipleOf": 2}, {**NUMBER, "multipleOf": 3}]}, {**NUMBER, "minimum": 1}, B),
        # Without a word of minContains it is one.
        ("response", INTEGERS, {**INTEGERS, "minContains": 0}, B),
        ("request", {**INTEGERS, "minContains": 0}, INTEGERS, B),
        ("request", INTEGERS, {**INTEGERS, "minContains": 1}, None),
        # null belongs to a union only where the rest takes it.
        ("response", {"enum": [1]}, {"enum": [1], "anyOf": [{"type": "integer"}, {"type": "null"}]}, S),
        # true is not 1, and a const among an enum leaves what is in both.
        ("request", {"enum": [1, True]}, {"allOf": [{"enum": [1, True]}, {"enum": [1]}]}, B),
        ("request", {"enum": ["a", "b"]}, {"enum": ["a", "b"], "const": "a"}, B),
        # What a keyword may not be says nothing.
        ("request", {"type": "file"}, {}, None),
        ("request", {"type": "integer", "minimum": "1"}, {"type": "integer", "enum": None}, None),
        ("request", {"type": "object", "properties": None}, {"type": "object", "required": True}, None),
        ("request", {"type": "boolean"}, {"type": "boolean", "enum": [True]}, B),
        ("request", {"type": "number", "multipleOf": 0.25}, {"type": "number", "multipleOf": 0.5}, B),
        ("request", {"type": "object"}, {"type": "object", "propertyNames": {"pattern": "^[A-Z]"}}, B),
        ("request", {"type": "object"}, {"type": "object", "propertyNames": {"pattern": "^[a-z]"}}, B),
        # Texts and whole numbers can be counted.
        ("request", {"type": "string", "pattern": "^(a|b)$"}, {"enum": ["a", "b"]}, S),
        ("request", {"type": "string", "pattern": "^(a|b)$"}, {"enum": ["a"]}, B),
        ("request", {"type": "string", "pattern": "a"}, {"enum": ["a"]}, B),
        ("response", {"enum": ["a", "b"]}, {"type": "string", "pattern": "^[a-c]$"}, B),
        ("response", {"anyOf": [{"const": "a"}, {"const": "b"}]}, {"type": "string", "pattern": "^[ab]$"}, S),
        ("request", {"type": "integer", "minimum": 1, "maximum": 3}, {"enum": [3, 2, 1]}, S),
        ("request", {"type": "integer", "minimum": 1, "maximum": 3}, {"enum": [1, 2]}, B),
        ("request", {"type": "integer", "minimum": 1, "maximum": 1}, {"enum": [True]}, B),
    ],
)
def test_a_pair_of_schemas(direction: str, old: Json, new: Json, verdict: ChangeSeverity | None) -> None:
    assert worst(with_schema(old, direction), with_schema(new, direction)) is verdict


def answers(**schemas: Json) -> dict[str, Json]:
    """A document whose statuses have these schemas."""
    made = {
        status.lstrip("_"): {"description": "", "content": {"application/json": {"schema": schema}}}
        for status, schema in schemas.items()
    }
    return document({"responses": made})


def asks(**parameter: Json) -> dict[str, Json]:
    """A document with one query parameter."""
    return document({"parameters": [{"name": "a", "in": "query", "schema": TEXT, **parameter}]})


def takes(**media_types: Json) -> dict[str, Json]:
    """A document whose request body is of media types; `_` stands for the slash, and `v1` for a parameter."""
    content = {name.replace("_", "/").replace("v", "; v="): {"schema": schema} for name, schema in media_types.items()}
    return document({"requestBody": {"content": content}})


def gives(*media_types: str) -> dict[str, Json]:
    """A document whose answer is of media types."""
    content = {name: {"schema": A_TEXT} for name in media_types}
    return document({"responses": {"200": {"description": "", "content": content}}})


def keyed(*security: Json, **schemes: Json) -> dict[str, Json]:
    """A document with a requirement of credentials."""
    return document({"security": list(security)}, components={"securitySchemes": schemes})


def called_back(callback: Json) -> dict[str, Json]:
    """A document with a callback."""
    return document({"callbacks": {"told": callback}})


LIST = {"type": "array", "items": TEXT}
DIGITS = {"type": "string", "enum": ["1", "2"]}
ON_THE_WIRE: list[tuple[Json, Json, ChangeSeverity | None]] = [
    (TEXT, LIST, S),
    (LIST, TEXT, B),
    ({"type": ["integer", "string"]}, LIST, S),
    (NUMBER, LIST, S),
    ({"type": "array", "items": NUMBER}, NUMBER, B),
    ({"type": "integer", "enum": [1, 2]}, DIGITS, None),
    (DIGITS, {"type": "integer", "enum": [1, 2]}, None),
    ({"type": "integer", "minimum": 1, "maximum": 2}, DIGITS, None),
    ({"type": "integer", "minimum": 1, "maximum": 3}, DIGITS, B),
    (NUMBER, DIGITS, B),
    ({"type": "boolean"}, {"type": "string", "enum": ["false", "true"]}, None),
    ({"type": "number", "minimum": 0}, {"type": "string", "maxLength": 4}, M),
]
"""Schemas of a parameter and what they mean as texts."""
KEY = {"type": "apiKey", "in": "header", "name": "X"}
BASIC = {"type": "http", "scheme": "basic"}
OAUTH: Json = {"type": "oauth2", "flows": {}}
CALL = {"responses": {"200": {"description": ""}}}
STRICT_CALL = {"responses": {"200": {"description": ""}, "204": {"description": ""}}}


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        # A range and the default tell of every status that has no word of its own.
        (answers(default={**A_TEXT, **NEEDED}), answers(_200=A_TEXT), B),
        (answers(_2XX={**A_TEXT, **NEEDED}), answers(_2XX={**A_TEXT, **NEEDED}, _200=A_TEXT), B),
        (answers(_2XX=A_TEXT), answers(_200=A_TEXT), None),
        (answers(_4xx=A_TEXT), answers(_4XX=A_TEXT), None),
        (answers(_200=A_TEXT), answers(_404=A_TEXT), B),
        (answers(_2XX=A_TEXT), answers(_404=A_TEXT), B),
        # In a query all is text.
        (asks(schema=NUMBER), asks(schema=TEXT), S),
        (asks(schema=TEXT), asks(schema=NUMBER), B),
        (asks(explode=True), asks(explode=False), None),
        (asks(schema={"type": "array"}), asks(schema={"type": "array"}, explode=False), M),
        (asks(allowReserved=True), asks(), M),
        (asks(), asks(schema=None, content={"application/json": {"schema": TEXT}}), M),
        *((asks(schema=one), asks(schema=other), verdict) for one, other, verdict in ON_THE_WIRE),
        (asks(schema=LIST, explode=False), asks(schema=TEXT), None),
        (asks(schema={"type": ["string", "null"]}), asks(schema=TEXT), None),
        (asks(schema=LIST, explode=False), asks(schema={**TEXT, "enum": ["a"]}), M),
        (asks(schema={"properties": {"a": TEXT}, "type": "object"}, name="b"), asks(), None),
        # A media type has parameters.
        (takes(application_xv1=TEXT, application_xv2=NUMBER), takes(application_xv2=NUMBER), B),
        (takes(application_json=TEXT), takes(**{"application_*": TEXT}), S),
        (takes(**{"*_*": TEXT}), takes(application_json=TEXT), B),
        (gives("application/json"), gives("*/*"), S),
        (gives("*/*"), gives("application/json", "text/plain"), None),
        (gives("application/*"), gives("text/plain"), B),
        # The name of a security scheme does not matter, and whoever needs no credentials may have some.
        (keyed({"key": []}, key=KEY), keyed({"other": []}, other=KEY), S),
        (keyed({"key": []}, key=KEY), keyed({"other": []}, other={**KEY, "name": "Y"}), B),
        (keyed({"key": []}, key=KEY), keyed({"key": []}, {}, key=KEY), S),
        (keyed({"key": []}, key=KEY), keyed({"key": []}, key={**KEY, "name": "Y"}), B),
        (keyed({"key": []}, key=KEY), keyed({"key": []}, key={**KEY, "name": "x"}), None),
        (keyed({"key": []}, key=KEY), keyed({"key": []}, key={**KEY, "in": "query"}), B),
        (keyed({"key": []}, key=BASIC), keyed({"key": []}, key={**BASIC, "scheme": "bearer"}), B),
        (keyed({"a": ["r"]}, {"a": ["w"]}, a=OAUTH), keyed({"a": ["w"]}, a=OAUTH), B),
        # What is called back.
        (called_back({"{$url}": {"post": CALL}}), called_back({"{$other}": {"post": CALL}}), M),
        (called_back({"{$url}": {"post": CALL}}), called_back({"{$url}": {"put": CALL}}), M),
        (called_back({"{$url}": {"post": STRICT_CALL}}), called_back({"{$url}": {"post": CALL}}), M),
        (called_back({"{$url}": {"post": CALL}}), called_back({"{$url}": {"post": STRICT_CALL}}), None),
    ],
)
def test_a_pair_of_operations(old: dict[str, Json], new: dict[str, Json], verdict: ChangeSeverity | None) -> None:
    assert worst(old, new) is verdict


def test_a_path_item_may_stand_elsewhere() -> None:
    needs = {"parameters": [{"name": "a", "in": "query", "required": True, "schema": TEXT}]}
    old, new = (
        {
            "openapi": "3.1.0",
            "info": {"title": "", "version": "1"},
            "paths": {"/things": {"$ref": "#/components/pathItems/Things"}},
            "components": {"pathItems": {"Things": {"get": {**CALL, **more}}}},
        }
        for more in ({}, needs)
    )
    assert worst(old, new) is B


@pytest.mark.parametrize("pattern", [r"^\p{L}+$", "^(?<year>[0-9]{4})$", "^[a-z"])
def test_a_pattern_that_python_does_not_support_is_compared(pattern: str) -> None:
    field: dict[str, Json] = {
        "type": "object",
        "required": ["p"],
        "properties": {"p": {"type": "string", "pattern": pattern}},
    }
    more = {**field, "required": ["p", "q"], "properties": {**field["properties"], "q": TEXT}}
    assert worst(with_schema(field, "request"), with_schema(more, "request")) in (B, M)


def recursive(field: Json, tree: Json) -> dict[str, Json]:
    """A document whose schema `tree` goes on in two branches at once."""
    schemas = {
        name: {"type": "object", "properties": {"child": {"$ref": f"#/components/schemas/{name}"}, name: field}}
        for name in ("A", "B")
    }
    return with_schema(tree, "response", components={"schemas": schemas})


def test_two_recursive_branches() -> None:
    tree = {"allOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]}
    assert worst(recursive(TEXT, tree), recursive(TEXT, tree)) is None
    assert worst(recursive(TEXT, tree), recursive(NUMBER, tree)) is B
    assert worst(recursive(TEXT, TEXT), recursive(TEXT, tree)) is B


def limited(limits: Sequence[int]) -> dict[str, Json]:
    """A document with an operation per limit, whose schemas are put together while they are compared."""
    paths = {}
    for number, limit in enumerate(limits):
        text = {"type": "string", "maxLength": limit}
        query = {"name": "q", "in": "query", "schema": text}
        body = {"allOf": [{"properties": {"a": text}}, {"properties": {"a": {"minLength": 1}}}]}
        content = {"content": {"application/json": {"schema": body}}}
        answers = {"200": {"description": "", **content}}
        paths[f"/things{number}"] = {"post": {"parameters": [query], "requestBody": content, "responses": answers}}
    return {"openapi": "3.0.3", "info": {"title": "", "version": "1"}, "paths": paths}


def test_contracts_can_be_compared_with_many_others() -> None:
    """What is remembered of one comparison must not speak in another."""
    random = Random(1)
    documents = [limited(random.choices(range(3, 10, 2), k=12)) for _ in range(8)]
    policy = load_policy("strict")
    shared = [ContractDocument("shared", document) for document in documents]
    for old, new in itertools.combinations(range(len(documents)), 2):
        alone = compared(documents[old], documents[new]).changes
        together = compare(shared[old], shared[new], policy).changes
        assert [(change.rule, change.location) for change in together] == [
            (change.rule, change.location) for change in alone
        ]


@pytest.mark.parametrize(
    ("operation", "message"),
    [({"deprecated": True}, "Operation removed after deprecation"), ({}, "Operation removed without deprecation")],
)
def test_a_removed_operation_says_whether_it_was_deprecated(operation: dict[str, Json], message: str) -> None:
    changes = compared(document(operation), {**document(), "paths": {}}, policy="ampeco").changes
    removal = next(change for change in changes if change.rule == "operation-removed")
    assert (removal.message, removal.severity) == (message, B)
    assert removal.clause.startswith("deprecation-period: ")


def test_a_policy_that_names_months_of_deprecation_is_still_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("months_of_deprecation: 6\nclauses: [{id: a, meaning: b, rules: [operation-removed]}]\n")
    assert load_policy(str(file)).clause(RULES["operation-removed"]) == "a: b"


def test_an_api_is_judged_by_the_promises_of_its_own_vendor() -> None:
    removed = RULES["operation-removed"]
    assert load_policy(api="ampeco").clause(removed).startswith("deprecation-period: ")
    assert load_policy(api="spirii").clause(removed) == ""


def test_credentials_are_named_in_message_and_witness() -> None:
    old, new = keyed({"a": ["read"]}, {"a": ["write"]}, a=OAUTH), keyed({"a": ["write"]}, a=OAUTH)
    (change,) = (change for change in compared(old, new).changes if change.severity is B)
    assert change.message == "Security alternative removed: a (read)"
    assert change.witness is not None
    assert "with scope read" in witness_text(change.witness)


def test_the_witness_of_a_removed_operation_is_valid() -> None:
    removed = document(
        {"requestBody": {"content": {"application/json": {"schema": {"pattern": "^[a-z]{3}$", **TEXT}}}}}
    )
    removed["paths"]["/things/{id}"]["post"]["parameters"][0]["schema"] = {**TEXT, "pattern": "^x[0-9]{2}$"}
    (change,) = (change for change in compared(removed, {**removed, "paths": {}}).changes if change.severity is B)
    assert change.witness is not None
    assert witness_text(change.witness).startswith("POST /things/x11")
