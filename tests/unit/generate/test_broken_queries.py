"""Queries in which every parameter is wrong: few of them break every keyword once."""

import pytest

from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.coverage.all_points import documented_points
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.recording import CoverageObserver
from ampeco_conformance.generate.broken_queries import packed_broken_queries
from ampeco_conformance.http.client import encode_query
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import load_specification
from tests.support.small_contract import answer_of


@pytest.mark.parametrize(
    "path",
    [
        *("resources/users/v1.0", "resources/charge-points/v2.0", "resources/taxes/v2.0"),
        "resources/partner-revenues/v1.1",
    ],
)
def test_few_queries_break_every_keyword(path: str) -> None:
    contract = contract_of(load_specification("3.99.0"))
    operation = contract.specification.operation(f"GET /public-api/{path}")
    queries = [*packed_broken_queries(contract, operation)]
    assert [query["page"] for query in queries if "page" in query] in ([], ["conform-none", 0])
    record = Recorder(contract, observer=CoverageObserver(contract))
    for query in queries:
        text = "&".join(f"{name}={value}" for name, value in encode_query(query))
        record.observe(answer_of("GET", f"/public-api/{path}?{text}", 422))
    kind = CoverageKind.INVALID_KEYWORDS
    documented = {
        place for known, place in documented_points(contract, operation).reachable if known is kind and "query" in place
    }
    assert documented
    assert documented <= {*record.coverage.reached[kind][operation.label]}
    assert len(queries) <= 3
