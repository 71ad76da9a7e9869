"""Keywords of a request body that cannot make a body invalid: proven where they are claimed, and never by guessing."""

from typing import Any

import pytest

from ampeco_conformance.contract.json_schema import Direction
from ampeco_conformance.contract.requests import body_schema_pointer
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.coverage.all_points import documented_points
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.violability import Violability
from ampeco_conformance.generate.sampling import Sampler
from ampeco_conformance.specs import load_specification
from tests.support.small_contract import contract_taking

TEXT, SHORT, NUMBER = {"type": "string"}, {"type": "string", "maxLength": 5}, {"type": "integer"}


def either(*variants: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [*variants]}


def thing(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required]}


def violability(body: dict[str, Any]) -> Violability:
    return Violability(contract_taking(body).schemas, body)


@pytest.mark.parametrize(
    ("body", "place", "keyword"),
    [
        (thing(a=either(TEXT, SHORT)), "body/a", "maxLength"),
        (either(thing("a", "b", a=TEXT, b=TEXT), thing("a", a=TEXT)), "body/b", "type"),
        (either(thing("a", "b", a=TEXT, b=TEXT), thing("a", a=TEXT)), "body/b", "required"),
        (thing(a={"type": "array", "items": either(TEXT, SHORT)}), "body/a/*", "maxLength"),
        (thing(a=either(thing(b=thing(c=SHORT)), thing(b=thing(c=TEXT)))), "body/a/b/c", "maxLength"),
        ({"allOf": [either(thing(a=TEXT), {"type": "object"})]}, "body/a", "type"),
        (thing(a={"type": "object", "minItems": 2}), "body/a", "minItems"),
    ],
)
def test_what_another_variant_lets_pass_is_not_violable(body: dict[str, Any], place: str, keyword: str) -> None:
    assert not violability(body).is_violable(place, keyword)


@pytest.mark.parametrize(
    ("body", "place", "keyword"),
    [
        (thing("a", a=TEXT), "body/a", "type"),
        (thing("a", a=TEXT), "body/a", "required"),
        # With both wrong, neither variant takes the body.
        (either(thing(a=TEXT), thing(b=TEXT)), "body/a", "type"),
        # The other variant requires more.
        (either(thing("a", a=TEXT), thing("b")), "body/a", "type"),
        (either(thing("a", a=TEXT, b=NUMBER), thing("a", a=NUMBER)), "body/b", "type"),
        (thing(a=either(SHORT, {"type": "string", "maxLength": 9})), "body/a", "maxLength"),
        (thing(a={"type": "string", "enum": ["x"]}), "body/a", "type"),
        (either(thing(a=TEXT), {**thing(), "additionalProperties": False}), "body/a", "type"),
        (
            {
                **either({"$ref": "#/components/schemas/One"}, {"type": "object"}),
                "discriminator": {"propertyName": "k"},
            },
            "body/a",
            "type",
        ),
    ],
)
def test_what_can_make_a_body_invalid_is_violable(body: dict[str, Any], place: str, keyword: str) -> None:
    contract = contract_taking(body)
    contract.specification.document["components"] = {"schemas": {"One": thing("a", a=TEXT)}}
    assert Violability(contract.schemas, body).is_violable(place, keyword)


def test_a_keyword_of_another_type_is_void() -> None:
    body = violability(
        thing(a={"type": "object", "minItems": 2}, b={"type": "array", "minItems": 2}, c={"minItems": 2})
    )
    assert [body.is_void(f"body/{name}", "minItems") for name in "abc"] == [True, False, False]


def test_no_value_of_a_keyword_that_is_not_counted_makes_a_body_invalid() -> None:
    contract = contract_of(load_specification("3.99.0"))
    operation = contract.specification.operation("POST /public-api/resources/payment-terminals/v1.0")
    points = documented_points(contract, operation)
    places = {place for kind, place in points.unreachable if kind is CoverageKind.INVALID_KEYWORDS}
    assert {"body/phone type", "body/phone required", "body/info/*/locale type"} <= places
    assert (CoverageKind.INVALID_KEYWORDS, "body/name type") in points.reachable
    pointer = str(body_schema_pointer(contract, operation))
    validator = contract.schemas.validator(pointer, Direction.REQUEST)
    sampler = Sampler(contract.schemas, lambda name, _: 1 if name.endswith("Id") else None)
    for variant in range(12):
        whole = sampler.sample(contract.schemas.at(pointer), complete=True, variant=variant)
        wrong = {name: -1.5 for name in whole if f"body/{name} type" in places}
        assert validator.is_valid({**whole, **wrong})
