"""Representations of records, made valid where what is stored is not."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from ampeco_emulator.openapi.schemas import SchemaBook
from ampeco_emulator.openapi.texts import Subject
from ampeco_emulator.openapi.values import Values

_NODE = {"type": "object", "required": ["child"]}

_ALTERNATIVES = {
    "oneOf": [
        {
            "type": "object",
            "required": ["id", "key", "value"],
            "additionalProperties": False,
            "properties": {"id": {"type": "integer"}, "key": {"type": "string"}, "value": {"type": "string"}},
        },
        {"type": "object", "required": ["component"], "properties": {"component": {"type": "string"}}},
    ]
}


def test_what_fits_no_alternative_keeps_its_id_and_all_that_is_valid() -> None:
    values = Values(SchemaBook({"openapi": "3.0.3"}), lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None)
    shown = values.shape(_ALTERNATIVES, {"id": 67, "key": None, "value": "on"})
    assert shown["id"] == 67
    assert shown["value"] == "on"
    assert isinstance(shown["key"], str)


def test_a_schema_that_is_true_takes_what_is_stored() -> None:
    values = Values(SchemaBook({"openapi": "3.1.0"}), lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None)
    schema: Any = True
    assert values.shape(schema, {"id": 1}) == {"id": 1}


@pytest.mark.parametrize("bound", [{"minimum": 10**30}, {"exclusiveMinimum": 2**64}])
def test_a_number_of_any_size_can_be_written(bound: dict[str, int]) -> None:
    values = Values(SchemaBook({"openapi": "3.1.0"}), lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None)
    made = values.make({"type": "integer", **bound})
    assert orjson.loads(orjson.dumps(made)) >= next(iter(bound.values()))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "minProperties": 2},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}},
        {"type": "object", "minProperties": 1, "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
        {"type": "integer", "multipleOf": 7, "minimum": 10},
        {"type": "number", "exclusiveMaximum": 0},
        {"type": "number", "minimum": 0.3, "maximum": 0.5, "exclusiveMaximum": True},
        {"type": "number", "exclusiveMinimum": 0.3, "exclusiveMaximum": 0.5},
        {"type": "number", "minimum": 1, "exclusiveMinimum": True},
        {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
        {"type": "string", "pattern": "^[A-Z]+$", "minLength": 3, "maxLength": 8},
        {"type": "string", "pattern": "^a", "minLength": 4},
        {"type": "string", "pattern": "^[a-z 0-9T]*$", "maxLength": 2},
        {"type": "null"},
        {"enum": [None]},
        {"enum": [True, "yes", 1]},
    ],
)
def test_a_value_of_a_rare_schema_is_valid(schema: dict[str, Any]) -> None:
    book = SchemaBook({"openapi": "3.1.0"})
    values = Values(book, lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None)
    assert book.validator(schema, incoming=False).is_valid(values.make(schema))


@pytest.mark.parametrize(
    "form",
    [
        *("duration", "hostname", "idn-hostname", "ipv4", "ipv6", "idn-email", "json-pointer", "relative-json-pointer"),
        *("regex", "iri", "iri-reference", "uri-reference", "uri-template"),
    ],
)
def test_a_text_has_its_format(form: str) -> None:
    book = SchemaBook({"openapi": "3.1.0"})
    schema = {"type": "string", "format": form}
    made = Values(book, lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None).make(schema, name="a")
    assert book.validator(schema, incoming=False).is_valid(made)


def test_what_lacks_fields_is_shown_as_the_alternative_with_most_of_its_fields() -> None:
    values = Values(SchemaBook({"openapi": "3.0.3"}), lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None)
    instance = {"type": "string", "nullable": True}
    component = {
        "required": ["component", "instance"],
        "properties": {"component": {}, "name": {}, "instance": instance},
    }
    schema = {"oneOf": [_ALTERNATIVES["oneOf"][0], {"type": "object", **component}]}
    shown = values.shape(schema, {"component": "Clock", "name": "Zone", "value": "on"})
    assert shown == {"component": "Clock", "name": "Zone", "instance": None}


def test_each_value_has_the_alternative_that_it_satisfies_whatever_was_shown_before() -> None:
    values = Values(SchemaBook({"openapi": "3.0.3"}), lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None)
    keyed, component = {"id": 67, "key": "k", "value": "on"}, {"component": "Clock"}
    shown = [values.shape(_ALTERNATIVES, {**value, "other": 1}) for value in (component, keyed, component)]
    assert shown == [component, keyed, component]


def test_what_two_parts_describe_has_the_fields_of_both() -> None:
    parts = [
        {"properties": {"evses": {"type": "array", "items": {"properties": {name: {"type": "integer"}}}}}}
        for name in ("id", "connectorId")
    ]
    values = Values(SchemaBook({"openapi": "3.0.3"}), lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None)
    shown = values.shape({"allOf": parts}, {"evses": [{"id": 1, "connectorId": 2, "other": 3}]})
    assert shown == {"evses": [{"id": 1, "connectorId": 2}]}


def test_texts_do_not_depend_on_what_was_asked_before() -> None:
    one, same = Subject("users", 7), Subject("users", 7)
    asked = one.first_name, one.last_name, one.street
    assert Subject("users", 17).last_name
    assert (same.street, same.last_name, same.first_name) == asked[::-1]


def test_a_schema_that_requires_itself_ends() -> None:
    node = {"$ref": "#/components/schemas/Node"}
    for child in (
        {"oneOf": [node, {"nullable": True, "enum": [None]}]},
        {"type": "array", "minItems": 1, "items": node},
    ):
        document = {"openapi": "3.0.3", "components": {"schemas": {"Node": {**_NODE, "properties": {"child": child}}}}}
        values = Values(SchemaBook(document), lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda *_: None)
        assert "child" in values.make(node)
