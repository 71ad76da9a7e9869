"""Nothing ends before it begins, where the server sets both moments."""

from typing import Any

import pytest

from ampeco_conformance.checks.chronology import Chronology, ordered_pairs
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.specs import load_specification
from tests.support.small_contract import answer_of

CONTRACT = contract_of(load_specification("3.90.0"))
SESSIONS, NOON = "/public-api/resources/sessions/v1.0", "2026-05-01T12:00:00Z"


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([{"startedAt": NOON, "stoppedAt": "2026-05-01T11:59:00Z"}], 1),
        ([{"startedAt": NOON, "stoppedAt": "2026-05-01T13:00:00+02:00"}] * 2, 1),
        ([{"startedAt": NOON, "stoppedAt": "2026-05-01T09:00:00-05:00"}], 0),
        ([{"startedAt": NOON, "stoppedAt": NOON}, {"startedAt": NOON, "stoppedAt": None}, {"startedAt": NOON}], 0),
        # One of the two is rounded.
        ([{"startedAt": "2026-05-01T12:00:00.900Z", "stoppedAt": NOON}], 0),
    ],
)
def test_what_stops_before_it_starts_is_found(items: list[dict[str, Any]], found: int) -> None:
    operation = CONTRACT.specification.operation(f"GET {SESSIONS}")
    violations = list(Chronology(CONTRACT).violations(operation, answer_of("GET", SESSIONS, body={"data": items})))
    assert [violation.location for violation in violations] == ["/data/stoppedAt"] * found


def test_moments_that_a_client_sets_are_the_clients() -> None:
    downtime = CONTRACT.specification.operation("GET /public-api/resources/charge-point-downtime-periods/v1.0")
    assert ordered_pairs(CONTRACT, downtime) == []
