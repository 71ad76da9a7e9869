"""Schemas that no value satisfies are named by `specs lint`, and no target is blamed for them."""

from typing import Any

import orjson
import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.linting import schemas_satisfiable
from ampeco_conformance.specs.model import read_operations
from tests.support.documents import minimal_document

Json = Any
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
THING = {"$ref": "#/components/schemas/Thing"}
OTHER = {"$ref": "#/components/schemas/Other"}


def object_of(*required: str, **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties}


CLOSED = {**object_of("id", id=NUMBER), "additionalProperties": False}
NAMED = object_of("name", name=TEXT)

EMPTY = {
    "closed beside a required field": {"allOf": [CLOSED, NAMED]},
    "closed by the schema itself": {"type": "object", "additionalProperties": False, "allOf": [NAMED]},
    "requires itself": object_of("parent", parent=THING),
    "requires itself through another": object_of("other", other=OTHER),
    "requires itself in a list": object_of("parts", parts={"type": "array", "minItems": 1, "items": THING}),
    "alternatives that all require it": object_of("parent", parent={"oneOf": [THING, object_of("of", of=THING)]}),
    "types that exclude each other": {"allOf": [TEXT, NUMBER]},
    "bounds that exclude each other": {"type": "string", "minLength": 5, "maxLength": 4},
    "integers above a bound": {"type": "integer", "minimum": 5, "maximum": 1},
    "an enum of another type": {"type": "integer", "enum": ["1", "2"]},
    "enums without a common value": {"allOf": [{"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["b"]}]},
}
SATISFIABLE = {
    "closed beside its own fields": {"allOf": [CLOSED, object_of("id", id=NUMBER)]},
    "closed beside an optional field": {"allOf": [CLOSED, object_of(name=TEXT)]},
    "null ends it": object_of("parent", parent={"allOf": [THING], "nullable": True}),
    "an optional parent": object_of(parent=THING),
    "an empty list ends it": object_of("parts", parts={"type": "array", "items": THING}),
    "an alternative ends it": object_of("parent", parent={"oneOf": [THING, TEXT]}),
    "never in an answer": object_of("parent", parent={"allOf": [THING], "writeOnly": True}),
    "bounds of another type": {"type": "string", "minimum": 5, "maximum": 1},
    "bounds of one of two types": {"type": ["string", "integer"], "minimum": 5, "maximum": 1},
    "a whole number": {"allOf": [NUMBER, {"type": "number"}]},
    "a pattern of names": {"allOf": [{**CLOSED, "patternProperties": {"^n": TEXT}}, NAMED]},
}


def document(schema: Json) -> dict[str, Any]:
    made = minimal_document("1.0.0", {"/things": "listThingsV1"})
    made["components"]["schemas"] = {"Thing": schema, "Other": object_of("thing", thing=THING)}
    return made


def errors(schema: Json, body: Json) -> list[str]:
    made = document(object_of(thing=THING, count=NUMBER))
    made["components"]["schemas"] = {"Answer": made["components"]["schemas"]["Thing"], "Thing": schema, "Other": OTHER}
    made["components"]["schemas"]["Other"] = object_of("thing", thing=THING)
    answer = made["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"] = {"$ref": "#/components/schemas/Answer"}
    contract = ApiContract(Specification("small", "1", made, "", tuple(read_operations(made))))
    response = Response(200, "OK", (("Content-Type", "application/json"),), orjson.dumps(body))
    exchange = Exchange(Request("GET", "http://t/things", (), b""), response, 0, 0)
    return [finding.violation.location for finding in contract.check_response(exchange)]


@pytest.mark.parametrize("schema", EMPTY.values(), ids=EMPTY)
def test_lint_names_it_and_no_target_is_blamed(schema: Json) -> None:
    assert any("no value satisfies /components/schemas/Thing" in line for line in schemas_satisfiable(document(schema)))
    assert errors(schema, {"thing": {"name": 5}, "count": "many"}) == ["/count"]


@pytest.mark.parametrize("schema", SATISFIABLE.values(), ids=SATISFIABLE)
def test_what_has_a_value_is_judged(schema: Json) -> None:
    assert list(schemas_satisfiable(document(schema))) == []
    assert any(location.startswith("/thing") for location in errors(schema, {"thing": [5]}))


@pytest.mark.parametrize("name", ["type", "properties", "enum", "allOf"])
def test_a_field_that_is_named_as_a_keyword_is_judged(name: str) -> None:
    assert errors(object_of(**{name: TEXT}), {"thing": {name: 5}}) == [f"/thing/{name}"]
