"""Which versions of a resource are compared, and what counts as a difference."""

from typing import Any

import pytest

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.checks.views import View, older_views, view_violations
from ampeco_conformance.specs import Operation, load_specification


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract(load_specification("3.90.0", "ampeco"))


def operation(contract: Contract, label: str) -> Operation:
    return next(each for each in contract.specification.operations if each.label == label)


def test_only_what_both_document_alike_is_compared(contract: Contract) -> None:
    (view,) = older_views(contract, operation(contract, "GET /public-api/resources/locations/v2.0/{location}"))
    assert view.operation.path == "/public-api/resources/locations/v1.0/{location}"
    assert {"city", "country"} <= view.shared
    # The name is a text in v1.0 and a list of translations in v2.0; the status has other values.
    assert not {"name", "status"} & view.shared


def test_the_oldest_version_has_nothing_to_be_compared_with(contract: Contract) -> None:
    assert older_views(contract, operation(contract, "GET /public-api/resources/locations/v1.0/{location}")) == []


@pytest.mark.parametrize(
    ("newer", "older", "differs"),
    [
        ({"externalId": "a"}, {"externalId": "a"}, []),
        ({"externalId": "a"}, {"externalId": "b"}, ["/data/externalId"]),
        ({"externalId": None}, {"externalId": "b"}, []),
        ({"networkStatus": "never_connected"}, {"networkStatus": "never connected"}, []),
        ({"other": 1}, {"other": 2}, []),
    ],
)
def test_one_id_has_one_value(
    newer: dict[str, Any], older: dict[str, Any], differs: list[str], contract: Contract
) -> None:
    view = View(contract.specification.operations[0], frozenset({"externalId", "networkStatus"}))
    assert [location for _, _, location, _, _ in view_violations(view, newer, older)] == differs
