"""A response names the resource that the path of its request names."""

from typing import Any

import pytest

from ampeco_conformance.checks.addressing import AddressedResources
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.specs import load_specification
from tests.support.small_contract import answer_of

METHODS = "/public-api/resources/users/v1.0/{user}/payment-methods"
CONTRACT = contract_of(load_specification("3.90.0"))
ADDRESSED = AddressedResources(CONTRACT)


@pytest.mark.parametrize(
    ("user", "shown", "found"),
    [
        ("7", [{"id": "a", "userId": 7}, {"id": "b", "userId": 8}], 1),
        ("7", [{"id": "a", "userId": "8"}], 1),
        ("7", [{"id": "a", "userId": 7}], 0),
        ("7", [{"id": "a", "userId": "7"}, {"id": "b", "userId": None}, {"id": "c"}], 0),
        ("007", [{"id": "a", "userId": 7}], 0),
        ("x", [{"id": "a", "userId": 7}], 0),
    ],
)
def test_an_id_is_that_of_the_path(user: str, shown: list[dict[str, Any]], found: int) -> None:
    operation = CONTRACT.specification.operation(f"GET {METHODS}")
    exchange = answer_of("GET", METHODS.replace("{user}", user), body={"data": shown})
    violations = list(ADDRESSED.violations(operation, exchange))
    assert [violation.location for violation in violations] == ["/data/userId"] * found


@pytest.mark.parametrize(
    ("path", "shown", "locations"),
    [
        ("flexibility-assets/v1.0/{flexibilityAsset}/time-series-forecast", {"assetId": 8}, ["/data/assetId"]),
        ("flexibility-assets/v1.0/{flexibilityAsset}/time-series-forecast", {"assetId": 7}, []),
        # The id of another thing.
        ("payment-terminals/v1.0/{paymentTerminal}", {"id": 7, "terminalId": "8"}, []),
    ],
)
def test_the_last_word_of_a_parent_names_it(path: str, shown: dict[str, Any], locations: list[str]) -> None:
    operation = CONTRACT.specification.operation(f"GET /public-api/resources/{path}")
    url = operation.path.replace("{flexibilityAsset}", "7").replace("{paymentTerminal}", "7")
    body = {"data": shown if path.endswith("}") else [shown]}
    found = ADDRESSED.violations(operation, answer_of("GET", url, body=body))
    assert [violation.location for violation in found] == locations


def test_a_refusal_is_not_judged() -> None:
    operation = CONTRACT.specification.operation(f"GET {METHODS}")
    exchange = answer_of("GET", METHODS.replace("{user}", "7"), 404, {"data": {"userId": 8}})
    assert list(ADDRESSED.violations(operation, exchange)) == []
