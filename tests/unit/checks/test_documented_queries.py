"""The valid queries that are tried: every documented value of a filter, of lists and alternatives too."""

from ampeco_conformance.checks.acceptance import documented_queries, packed_queries
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.specs import load_specification


def values(path: str, name: str) -> list[object]:
    contract = contract_of(load_specification("3.99.0"))
    operation = contract.specification.operation(f"GET /public-api/resources/{path}")
    queries = documented_queries(contract, operation, lambda _name, _schema: None)
    return [value for query in queries for key, value in query.items() if key == f"filter[{name}]"]


def test_the_members_of_alternatives_are_tried() -> None:
    states = values("locations/v2.0", "state")
    assert len(states) == len(set(map(str, states))) > 50


def test_the_members_of_a_list_are_tried_one_by_one() -> None:
    types = values("transactions/v1.0", "purchaseType")
    assert types
    assert all(isinstance(value, list) and len(value) == 1 for value in types)


def test_ids_are_not_invented() -> None:
    assert values("transactions/v1.0", "userId") == []


def test_values_of_different_parameters_are_packed_and_filters_stay_apart() -> None:
    queries: list[dict[str, object]] = [
        {"include[]": "a"},
        {"include[]": "b"},
        {"filter[x]": 1},
        {"filter[y]": 2},
        {"filter[y]": 3},
    ]
    assert packed_queries(queries) == [
        [{"include[]": "a"}],
        [{"filter[x]": 1}, {"filter[y]": 2}],
        [{"include[]": "b"}],
        [{"filter[y]": 3}],
    ]
