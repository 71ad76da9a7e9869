"""Random cases: in which modes an operation is tested, and what its path names."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from schemathesis import GenerationMode

from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.generate.cases import AnyCase, CaseGenerator
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation, Specification, read_operations
from ampeco_conformance.target.safety import Safety, SafetyPolicy

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
NAMED = {"type": "object", "required": ["name"], "properties": {"name": TEXT}}
BODY = {"required": True, "content": {"application/json": {"schema": NAMED}}}


def parameter(place: str, schema: Mapping[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"name": "item", "in": place, "required": required, "schema": dict(schema)}


@contextmanager
def generator(path: str, method: str, definition: Mapping[str, Any]) -> Iterator[tuple[CaseGenerator, Operation]]:
    """Generates for an operation that is alone in its specification."""
    operation = {"operationId": "it", "responses": {"200": {"description": "Fine."}}, **definition}
    document = {"openapi": "3.0.3", "info": {"title": "One", "version": "1"}, "paths": {path: {method: operation}}}
    specification = Specification("ampeco", "1", document, "0", tuple(read_operations(document)))
    contract = ApiContract(specification)
    policy = SafetyPolicy(Safety.FULL, (), specification.operations)
    with ApiClient("http://127.0.0.1:9", "token", timeout=1) as client:
        pool = IdPool(ResourceMap(contract), client, policy, {})
        yield CaseGenerator(contract, pool, 0), specification.operations[0]


def fuzzed(path: str, method: str, definition: Mapping[str, Any], values: Mapping[str, Any]) -> list[AnyCase]:
    """The cases of one round of random data."""
    cases: list[AnyCase] = []
    with generator(path, method, definition) as (cases_of, operation):
        cases_of.fuzz(operation, values, 6, 0, cases.append)
    return cases


def covered(path: str, method: str, definition: Mapping[str, Any], *, limit: int, turn: int) -> list[AnyCase]:
    """The boundaries and faults that are tried."""
    with generator(path, method, definition) as (cases_of, operation):
        return [*cases_of.coverage(operation, {"item": 7}, limit, turn)]


@pytest.mark.parametrize(
    ("path", "method", "definition", "can_be_invalid"),
    [
        ("/settings", "get", {}, False),
        ("/items/{item}", "get", {"parameters": [parameter("path", TEXT)]}, False),
        ("/items/{item}", "get", {"parameters": [parameter("path", NUMBER)]}, True),
        ("/items", "get", {"parameters": [parameter("query", NUMBER, required=False)]}, True),
        ("/items", "get", {"parameters": [parameter("header", TEXT, required=False)]}, False),
        ("/items", "get", {"parameters": [parameter("header", NUMBER)]}, True),
        ("/items", "post", {"requestBody": BODY}, True),
    ],
    ids=["nothing", "text in the path", "number in the path", "query", "any header", "header", "body"],
)
def test_invalid_cases_are_drawn_exactly_where_a_request_can_be_invalid(
    path: str, method: str, definition: Mapping[str, Any], can_be_invalid: bool
) -> None:
    modes = Counter(case.meta.generation.mode for case in fuzzed(path, method, definition, {}) if case.meta)
    assert modes[GenerationMode.POSITIVE]
    assert bool(modes[GenerationMode.NEGATIVE]) is can_be_invalid


def test_every_valid_path_names_the_known_id() -> None:
    definition = {"parameters": [parameter("path", TEXT)], "requestBody": BODY}
    cases = fuzzed("/items/{item}", "put", definition, {"item": "T 1"})
    assert len(cases) >= 12
    assert {case.path_parameters["item"] for case in cases} == {"T 1"}


def test_few_cases_have_a_wrong_path_and_a_body_that_is_no_object() -> None:
    definition = {"parameters": [parameter("path", NUMBER)], "requestBody": BODY}
    for turn in range(2):
        cases = covered("/items/{item}", "post", definition, limit=3, turn=turn)
        assert len(cases) == 3
        assert any(not str(case.path_parameters["item"]).isdigit() for case in cases)
        assert any(not isinstance(case.body, dict) for case in cases)


def test_each_parameter_of_a_path_is_wrong_in_one_case() -> None:
    names = ("item", "part")
    definition = {"parameters": [{**parameter("path", NUMBER), "name": name} for name in names]}
    cases = covered("/items/{item}/parts/{part}", "get", definition, limit=1, turn=0)
    assert sorted(name for case in cases for name in names if not str(case.path_parameters[name]).isdigit()) == [*names]


def test_other_turns_have_other_cases() -> None:
    bodies = [str(covered("/items", "post", {"requestBody": BODY}, limit=2, turn=turn)[-1].body) for turn in range(2)]
    assert len(set(bodies)) > 1
