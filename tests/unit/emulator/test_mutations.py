"""Mutations of the emulator's responses: what each operator does to a field, and which are drawn."""

from typing import Any

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_specification
from ampeco_emulator.backend.backend import EmulatorResponse
from ampeco_emulator.faults.mutation import Mutation, Mutator, drawn, mutation_defect
from ampeco_emulator.http.strictness import violation_of
from ampeco_emulator.openapi.endpoints import Endpoint, Router

SPECIFICATION = load_specification("3.90.0")
ENDPOINTS = {endpoint.operation.label: endpoint for endpoint in Router(SPECIFICATION).endpoints}
USER, USERS = "GET /public-api/resources/users/v1.0/{user}", "GET /public-api/resources/users/v1.0"
TEXT, MOMENT = "Ada", "2026-02-28T23:30:00Z"
DATA = {
    "id": "7",
    "balance": 7,
    "email": "ada@example.com",
    "firstName": TEXT,
    "status": "enabled",
    "receiveNewsAndPromotions": True,
    "createdAt": MOMENT,
}


def mutated(operator: str, place: str, data: Any = None, label: str = USER) -> tuple[Endpoint, EmulatorResponse, int]:
    endpoint = ENDPOINTS[label]
    mutator = Mutator(Mutation(operator, label, place))
    response = mutator(endpoint, EmulatorResponse(200, {"data": DATA if data is None else data}))
    return endpoint, response, mutator.changed


@pytest.mark.parametrize(
    ("operator", "place", "expected"),
    [
        ("one-more", "data.balance", 8),
        ("altered", "data.firstName", "Ada altered"),
        ("other-member", "data.status", "disabled"),
        ("flipped", "data.receiveNewsAndPromotions", False),
        ("day-later", "data.createdAt", "2026-03-01T23:30:00Z"),
    ],
)
def test_an_operator_that_keeps_the_schema(operator: str, place: str, expected: Any) -> None:
    _, response, changed = mutated(operator, place)
    assert response.body["data"] == DATA | {place.removeprefix("data."): expected}
    assert changed == 1


@pytest.mark.parametrize(
    ("operator", "place"),
    [
        ("retyped", "data.id"),
        ("nulled", "data.id"),
        ("outside-enum", "data.status"),
        ("bad-format", "data.createdAt"),
        ("other-status", "@status"),
    ],
)
def test_an_operator_that_leaves_the_schema(operator: str, place: str) -> None:
    endpoint, response, changed = mutated(operator, place)
    assert violation_of(endpoint, response) is not None
    assert changed == 1


def test_a_required_field_is_dropped() -> None:
    tax = {"id": 1, "name": "VAT", "percentage": 20, "lastUpdatedAt": MOMENT}
    label = "GET /public-api/resources/taxes/v2.0/{tax}"
    assert violation_of(ENDPOINTS[label], EmulatorResponse(200, {"data": tax})) is None
    endpoint, response, _ = mutated("dropped", "data.id", tax, label)
    assert violation_of(endpoint, response) is not None


def test_the_content_type_is_mutated() -> None:
    assert mutated("other-type", "@content-type")[1].media_type == "text/html"


def test_every_item_of_a_listing_is_mutated() -> None:
    _, response, _ = mutated("one-more", "data[].balance", [{"balance": 1}, {"balance": 5}], USERS)
    assert response.body["data"] == [{"balance": 2}, {"balance": 6}]


def test_the_first_item_of_a_list_is_lost() -> None:
    _, response, _ = mutated("first-lost", "data", [{"id": "1"}, {"id": "5"}], USERS)
    assert response.body["data"] == [{"id": "5"}]


@pytest.mark.parametrize(("operator", "place"), [("flipped", "data.receiveNewsAndPromotions"), ("nulled", "data.id")])
def test_a_response_without_the_field_stays_as_it_is(operator: str, place: str) -> None:
    _, response, changed = mutated(operator, place, {"email": "ada@example.com"})
    assert response.body == {"data": {"email": "ada@example.com"}}
    assert changed == 0


def test_a_refusal_stays_as_it_is() -> None:
    mutator = Mutator(Mutation("other-status", USER, "@status"))
    refusal = EmulatorResponse(404, {"message": "No query results"})
    assert mutator(ENDPOINTS[USER], refusal) is refusal
    assert mutator.changed == 0


def test_the_drawn_mutations_are_random_repeatable_and_can_be_switched_on() -> None:
    chosen = drawn(SPECIFICATION, 20, 4)
    assert chosen == drawn(SPECIFICATION, 20, 4)
    assert chosen != drawn(SPECIFICATION, 20, 5)
    assert len(set(chosen)) == 40
    assert [mutation.keeps_schema for mutation in chosen] == [False] * 20 + [True] * 20
    for mutation in chosen[::8]:
        assert mutation_defect(mutation.name, SPECIFICATION).changed is not None


@pytest.mark.parametrize(
    "name", ["mutate", "mutate:flipped", f"mutate:flipped:{USER}:data.id", "mutate:flipped:GET /nothing:data.id"]
)
def test_what_is_no_mutation_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is no mutation of ampeco"):
        mutation_defect(name, SPECIFICATION)
