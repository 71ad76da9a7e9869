"""Parameters and forms of any document, as the emulator reads them."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations
from ampeco_emulator.openapi.endpoints import Endpoint, Router
from ampeco_emulator.openapi.request_texts import FORM, MULTIPART
from ampeco_emulator.openapi.validation import Incoming, Problem, read_request

_NUMBERS = {"type": "array", "items": {"type": "integer"}}
_RANGE = {"type": "object", "required": ["from"], "properties": {"from": {"type": "integer"}, "to": {}}}


def _endpoint(**definition: Any) -> Endpoint:
    path = "/things/{ids}" if "in_path" in definition else "/things"
    operation = {"parameters": definition.pop("in_path", []), "responses": {}} | definition
    document = {"openapi": "3.1.0", "paths": {path: {"post": operation}}}
    specification = Specification("small", "1", document, "0", tuple(read_operations(document)))
    return Router(specification).endpoints[0]


def _read_query(query: str, **parameter: Any) -> tuple[Incoming, list[Problem]]:
    endpoint = _endpoint(parameters=[{"name": "ids", "in": "query", "required": True, **parameter}])
    return read_request(endpoint, {}, parse_qsl(query), "", b"")


def _read_form(content_type: str, raw: bytes, properties: dict[str, Any], encoding: dict[str, Any]) -> Any:
    schema = {"type": "object", "properties": properties}
    content = {content_type.partition(";")[0]: {"schema": schema, "encoding": encoding}}
    incoming, problems = read_request(_endpoint(requestBody={"content": content}), {}, [], content_type, raw)
    assert problems == []
    return incoming.body


@pytest.mark.parametrize(
    ("query", "parameter", "values"),
    [
        ("ids=1&ids=2", {"schema": _NUMBERS}, {"ids": 2}),
        ("ids=1,2", {"schema": _NUMBERS, "explode": False}, {"ids": [1, 2]}),
        ("ids=1%202", {"schema": _NUMBERS, "style": "spaceDelimited"}, {"ids": [1, 2]}),
        ("ids=1+2", {"schema": _NUMBERS, "style": "spaceDelimited", "explode": False}, {"ids": [1, 2]}),
        ("ids=1%7C2", {"schema": _NUMBERS, "style": "pipeDelimited"}, {"ids": [1, 2]}),
        ("ids=3&ids=4", {"schema": _NUMBERS, "style": "pipeDelimited", "explode": True}, {"ids": 4}),
        ("ids=from,1,to,b", {"schema": _RANGE, "explode": False}, {"ids": {"from": 1, "to": "b"}}),
        ("from=1&to=b", {"schema": _RANGE}, {"from": 1, "to": "b"}),
        ("ids[]=1", {"schema": _NUMBERS, "name": "ids[]"}, {"ids[]": 1}),
        ("ids=true", {"schema": {"enum": [True, "yes", 1]}}, {"ids": True}),
        ("ids=1", {"schema": {"enum": [True, "yes", 1]}}, {"ids": 1}),
        ("ids=auto", {"schema": {"type": ["boolean", "string"]}}, {"ids": "auto"}),
    ],
)
def test_a_query_is_read_in_its_style(query: str, parameter: dict[str, Any], values: dict[str, Any]) -> None:
    incoming, problems = _read_query(query, **parameter)
    assert problems == []
    assert incoming.query == values
    assert [type(value) for value in incoming.query.values()] == [type(value) for value in values.values()]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("ids=1,b", {"schema": _NUMBERS, "explode": False}),
        ("ids=1,2", {"schema": {**_NUMBERS, "maxItems": 1}, "explode": False}),
        ("to=b", {"schema": _RANGE}),
        ("", {"schema": _NUMBERS, "explode": False}),
    ],
)
def test_a_wrong_query_is_a_problem(query: str, parameter: dict[str, Any]) -> None:
    assert [problem.place for problem in _read_query(query, **parameter)[1]] == ["query"]


@pytest.mark.parametrize(("text", "count"), [("1,2", 0), ("1,b", 1), ("1", 0)])
def test_a_list_in_a_path_is_read(text: str, count: int) -> None:
    endpoint = _endpoint(in_path=[{"name": "ids", "in": "path", "required": True, "schema": _NUMBERS}])
    assert len(read_request(endpoint, {"ids": text}, [], "", b"")[1]) == count


@pytest.mark.parametrize(
    ("raw", "encoding", "value"),
    [
        (b"a=1&a=2", {}, [1, 2]),
        (b"a[]=1&a[]=2", {}, [1, 2]),
        (b"a=1,2", {"a": {"explode": False}}, [1, 2]),
        (b"a=1%7C2", {"a": {"style": "pipeDelimited", "explode": False}}, [1, 2]),
        (b"a=1", {}, [1]),
    ],
)
def test_a_form_is_read_by_its_encoding(raw: bytes, encoding: dict[str, Any], value: Any) -> None:
    assert _read_form(FORM, raw, {"a": _NUMBERS}, encoding) == {"a": value}


def test_an_object_in_a_form_is_json() -> None:
    assert _read_form(FORM, b"a=%7B%22from%22%3A1%7D", {"a": _RANGE}, {}) == {"a": {"from": 1}}


def test_a_form_of_several_parts_is_read() -> None:
    parts = [("a", "1"), ("a", "2"), ("b", "grün\n"), ("c", '{"from": 1}')]
    raw = "".join(f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in parts)
    properties = {"a": _NUMBERS, "b": {"type": "string"}, "c": _RANGE}
    body = _read_form(f"{MULTIPART}; boundary=x", f"{raw}--x--\r\n".encode(), properties, {})
    assert body == {"a": [1, 2], "b": "grün\n", "c": {"from": 1}}


def test_a_broken_form_of_several_parts_has_no_fields() -> None:
    assert _read_form(MULTIPART, b"\xff--\r\n", {"a": _NUMBERS}, {}) == {}
