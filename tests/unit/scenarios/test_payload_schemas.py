"""The schema of what a webhook delivers is found wherever a document writes the parts of a callback."""

from typing import Any

import pytest

from ampeco_conformance.contract.schemas import Schemas
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations
from scenarios.vocabulary.webhooks import payload_schema

ADDRESS = "{$request.body#/callbackUrl}"
SCHEMA = {"type": "object", "properties": {"id": {"type": "integer"}}}
BODY: dict[str, Any] = {"content": {"application/json": {"schema": SCHEMA}}}
ITEM = {"post": {"requestBody": BODY}}
COMPONENTS = {
    "requestBodies": {"Told": BODY},
    "pathItems": {"Told": ITEM},
    "callbacks": {"Told": {ADDRESS: ITEM}},
    "schemas": {"Told": SCHEMA},
}


def reference(kind: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/Told"}


def found(callback: dict[str, Any]) -> Any:
    """What is at the pointer of the schema; None when there is none."""
    subscribe = {"callbacks": {"told": callback}, "responses": {"201": {"description": "Subscribed."}}}
    document = {"openapi": "3.1.0", "paths": {"/hooks": {"post": subscribe}}, "components": COMPONENTS}
    (operation,) = read_operations(document)
    schemas = Schemas(Specification("small", "1", document, "", (operation,)))
    pointer = payload_schema(schemas, operation, "told")
    return None if pointer is None else schemas.at(pointer)


@pytest.mark.parametrize(
    "callback",
    [
        {ADDRESS: ITEM},
        {ADDRESS: {"post": {"requestBody": reference("requestBodies")}}},
        {ADDRESS: reference("pathItems")},
        reference("callbacks"),
        {ADDRESS: {"put": {"requestBody": BODY}}},
        {"x-note": "A text.", ADDRESS: {"parameters": [], "x-note": "A text.", **ITEM}},
    ],
    ids=["inline", "body", "path item", "callback", "another method", "extensions"],
)
def test_it_is_found_inline_and_by_reference(callback: dict[str, Any]) -> None:
    assert found(callback) == SCHEMA


def test_a_schema_by_reference_stays_one() -> None:
    body = {"content": {"application/json": {"schema": reference("schemas")}}}
    assert found({ADDRESS: {"post": {"requestBody": body}}}) == reference("schemas")


@pytest.mark.parametrize(
    "callback",
    [
        {},
        {"x-note": "A text."},
        {ADDRESS: {}},
        {ADDRESS: {"post": {}}},
        {ADDRESS: {"post": {"requestBody": {"content": {}}}}},
        {ADDRESS: {"post": {"requestBody": {"content": {"text/plain": {}}}}}},
    ],
)
def test_a_callback_without_a_schema_has_none(callback: dict[str, Any]) -> None:
    assert found(callback) is None
