import copy
from typing import Any

import pytest

from ampeco_conformance.checks.robustness import (
    disagreement,
    hostile_bodies,
    hostile_queries,
    survival_findings,
)
from ampeco_conformance.contract.json_body import json_trouble
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations
from tests.support.small_contract import DOCUMENT, MakeAnswer


def test_queries_go_to_the_parameters_there_are(contract: ApiContract) -> None:
    listing = dict(hostile_queries(contract, contract.specification.operation("GET /users")))
    assert any(query.startswith("name=") for query in listing.values())
    assert "page=1000000" in listing.values()
    assert not any(query.startswith(("per_page", "cursor")) for query in listing.values())
    single = dict(hostile_queries(contract, contract.specification.operation("GET /users/{user}")))
    assert list(single) == ["an unknown parameter"]


def test_bodies_are_what_they_are_called() -> None:
    bodies = {hostile.description: hostile.content for hostile in hostile_bodies({"name": "a", "age": 1})}
    assert "🚗" in bodies["letters of many scripts in every name and description"].decode()
    assert bodies["a field given twice"] == b'{"name": "a", "name": "a", "age": 1}'
    assert bodies.pop("2000 nested arrays").count(b"]") == 2000
    broken = {what for what, content in bodies.items() if json_trouble(content) is not None}
    assert broken == {
        "NaN",
        "a body that breaks off",
        "bytes that are not UTF-8",
        "another charset",
        "a form instead of JSON",
        "a field given twice",
    }


@pytest.mark.parametrize(
    ("status", "body", "checks"),
    [
        (200, {"data": []}, []),
        (414, None, []),  # HTTP's own refusal, not documented
        (418, None, ["status_code_conformance"]),
        (500, {"message": "x"}, ["not_a_server_error"]),
        (200, {"data": [{"id": n, "email": "a@example.com"} for n in range(101)]}, ["pagination_per_page"]),
    ],
)
def test_what_a_hostile_request_may_be_answered(
    contract: ApiContract, answer: MakeAnswer, status: int, body: Any, checks: list[str]
) -> None:
    exchange = answer("GET", "/users?per_page=1000000", status, body)
    found = survival_findings(contract, contract.specification.operation("GET /users"), exchange)
    assert [finding.check for finding in found] == checks


def test_the_largest_page_is_the_documented_one(answer: MakeAnswer) -> None:
    document = copy.deepcopy(DOCUMENT)
    per_page = {"name": "per_page", "in": "query", "schema": {"type": "integer", "maximum": 500}}
    document["paths"]["/users"]["get"]["parameters"].append(per_page)
    contract = ApiContract(Specification("small", "1", document, "0", tuple(read_operations(document))))
    listing = contract.specification.operation("GET /users")
    for count, checks in ((500, []), (501, ["pagination_per_page"])):
        everybody = {"data": [{"id": number, "email": "a@example.com"} for number in range(count)]}
        found = survival_findings(contract, listing, answer("GET", "/users?per_page=1000000", 200, everybody))
        assert [finding.check for finding in found] == checks


def test_a_listing_without_pages_may_be_long(answer: MakeAnswer) -> None:
    document = copy.deepcopy(DOCUMENT)
    del document["paths"]["/users"]["get"]["parameters"][0]
    contract = ApiContract(Specification("small", "1", document, "0", tuple(read_operations(document))))
    everybody = {"data": [{"id": number, "email": "a@example.com"} for number in range(101)]}
    exchange = answer("GET", "/users?name=a", 200, everybody)
    assert survival_findings(contract, contract.specification.operation("GET /users"), exchange) == []


def test_answers_agree_whatever_their_notation(answer: MakeAnswer) -> None:
    assert (
        disagreement(answer("GET", "/users", 200, b'{"a":1,"b":2}'), answer("GET", "/users", 200, b'{"b": 2, "a": 1}'))
        is None
    )
    assert disagreement(answer("GET", "/users", 200, {"a": 1}), answer("GET", "/users", 200, {"a": 2})) is not None
    assert disagreement(answer("GET", "/users"), answer("GET", "/users", 404)) == ("status", 200, 404)
