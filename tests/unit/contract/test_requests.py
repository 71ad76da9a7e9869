"""The second opinion on requests: what is confirmed as invalid, and what may be valid."""

from copy import deepcopy
from typing import Any

import pytest

from ampeco_conformance.contract.requests import InvalidInput, invalid_inputs
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations
from tests.support.small_contract import DOCUMENT, MakeAnswer

GOOD = {"email": "ada@example.com", "password": "secret"}


def violations(contract: ApiContract, exchange: Any) -> list[InvalidInput]:
    operation = contract.operation_of(exchange.request.method, exchange.request.url)
    assert operation is not None
    return invalid_inputs(contract, operation, exchange)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/users?page=x", "query page"),
        ("/users?page=0", "query page"),
        ("/users?filter[age]=old", "query filter[age]"),
        ("/users?filter[size]=great", "query filter[size]"),
        ("/users/abc", "path user"),
    ],
)
def test_an_invalid_parameter_is_confirmed(contract: ApiContract, answer: MakeAnswer, path: str, location: str) -> None:
    assert [found.location for found in violations(contract, answer("GET", path))] == [location]


@pytest.mark.parametrize(
    "path",
    [
        *("/users?name=null", "/users?name=7", "/users?page=3", "/users?other=1", "/users?filter[other]=x", "/users/7"),
        # A list has no agreed form in a query, and a text can be read in more than one way.
        *("/users?filter[tags]=", "/users?filter[tags]=a", "/users?filter[size]=7", "/users?filter[size]=any"),
    ],
)
def test_a_request_that_may_be_valid_has_no_invalid_input(contract: ApiContract, answer: MakeAnswer, path: str) -> None:
    assert violations(contract, answer("GET", path)) == []


def test_a_required_parameter_that_is_missing_is_confirmed(answer: MakeAnswer) -> None:
    document = deepcopy(DOCUMENT)
    document["paths"]["/users"]["get"]["parameters"][0]["required"] = True
    contract = ApiContract(Specification("ampeco", "3.90.0", document, "0", tuple(read_operations(document))))
    (found,) = violations(contract, answer("GET", "/users?name=x"))
    assert (found.location, found.keyword) == ("query page", "required")
    assert violations(contract, answer("GET", "/users?page=1")) == []


@pytest.mark.parametrize(
    ("sent", "location"),
    [
        (None, "body"),
        (b"{", "body"),
        ({"email": "ada@example.com"}, "body /password"),
        (GOOD | {"email": 7}, "body /email"),
        (b'{"email": NaN, "password": "x"}', "body"),
    ],
    ids=["missing", "malformed", "required property", "type", "NaN"],
)
def test_an_invalid_body_is_confirmed(contract: ApiContract, answer: MakeAnswer, sent: Any, location: str) -> None:
    assert [found.location for found in violations(contract, answer("POST", "/users", 201, sent=sent))] == [location]


@pytest.mark.parametrize("sent", [GOOD, GOOD | {"id": 7}, GOOD | {"id": "seven"}], ids=["none", "one", "another type"])
def test_a_read_only_property_is_not_looked_at(contract: ApiContract, answer: MakeAnswer, sent: Any) -> None:
    assert violations(contract, answer("POST", "/users", 201, sent=sent)) == []
