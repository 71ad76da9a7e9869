"""The score of mutations, and which of them nothing could notice."""

import json
from pathlib import Path

import pytest

from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.emulator_client.mutations import DrawnMutation, mutated_operation, resource_in
from ampeco_conformance.reporting.mutations import (
    FOUND,
    MISSED,
    UNKNOWABLE,
    UNREACHED,
    MutationResult,
    mutation_results,
    mutations_markdown,
    score,
    summary,
    write_mutations,
)
from ampeco_conformance.reporting.selftest import DefectResult
from ampeco_conformance.reporting.unknowable import Knowledge
from ampeco_conformance.specs import load_specification

RESOURCES = "/public-api/resources"
KNOWLEDGE = Knowledge(contract_of(load_specification("3.99.0")))


def mutation(operation: str, place: str, operator: str = "altered", *, keeps_schema: bool = True) -> DrawnMutation:
    return DrawnMutation(f"mutate:{operator}:{operation}:{place}", operator, operation, place, keeps_schema)


def tried(of: DrawnMutation, *, test: str | None = None, changed: int | None = 1) -> DefectResult:
    return DefectResult(
        defect=of.name,
        area="mutation",
        meaning="",
        test=test,
        check="a_check" if test else None,
        message=None,
        unusable=None,
        items=1,
        requests=3,
        seconds=0.5,
        changed=changed,
    )


TAX = mutation(f"GET {RESOURCES}/taxes/v2.0", "data[].name")


@pytest.mark.parametrize(
    ("test", "changed", "reason", "outcome"),
    [
        ("contract_tests/test_reads.py::test_reads[x]", 4, None, FOUND),
        (None, 4, None, MISSED),
        (None, 4, "no other shows it", UNKNOWABLE),
        (None, 0, None, UNREACHED),
        (None, None, "no other shows it", UNREACHED),
    ],
)
def test_the_outcome_of_a_mutation(test: str | None, changed: int | None, reason: str | None, outcome: str) -> None:
    assert MutationResult(TAX, tried(TAX, test=test, changed=changed), reason).outcome == outcome


def test_what_was_not_reached_needs_no_other_reason() -> None:
    assert MutationResult(TAX, tried(TAX, changed=0), "no other shows it").explanation == UNREACHED
    assert MutationResult(TAX, tried(TAX), "no other shows it").explanation == "no other shows it"


def test_the_score_counts_what_can_be_known() -> None:
    taxes = [mutation(TAX.operation, f"data[].field{number}") for number in range(4)]
    found, missed = tried(taxes[0], test="contract_tests/a.py::test[x]"), tried(taxes[1])
    results = mutation_results(
        [*taxes, TAX],
        [found, missed, tried(taxes[2], changed=0), tried(taxes[3])],
        lambda item: "nobody tells" if item is taxes[3] else None,
    )
    assert [result.outcome for result in results] == [FOUND, MISSED, UNREACHED, UNKNOWABLE]
    assert score(results) == "1 of 2 (50 %)"
    assert summary(results) == [
        "0 mutations leave the schema: none found; 0 never reached, 0 cannot be known",
        "4 mutations keep the schema: 1 of 2 (50 %) found; 1 never reached, 1 cannot be known",
    ]
    assert "| tax | 4 | 1 of 2 (50 %) | 1 | 1 |" in mutations_markdown(results)


def test_the_results_are_written(tmp_path: Path) -> None:
    write_mutations([MutationResult(TAX, tried(TAX))], "today, ampeco 3.99.0", tmp_path)
    (row,) = json.loads((tmp_path / "mutations.json").read_text())
    assert (row["operation"], row["place"], row["outcome"]) == (TAX.operation, TAX.place, MISSED)
    assert (tmp_path / "mutations.md").read_text().startswith("today, ampeco 3.99.0")


@pytest.mark.parametrize(
    ("operation", "place", "is_knowable"),
    [
        (f"GET {RESOURCES}/taxes/v2.0", "data[].name", True),
        (f"POST {RESOURCES}/taxes/v2.0", "data.displayName[].translation", True),
        (f"GET {RESOURCES}/taxes/v2.0", "meta.path", True),
        (f"GET {RESOURCES}/sessions/v1.0/{{session}}/consumption-stats", "data[].power", False),
        ("POST /public-api/actions/locations/v2.0/{location}/check-booking-availability", "data[].startAt", False),
    ],
)
def test_what_can_be_known_is_told_by_another_exchange(operation: str, place: str, is_knowable: bool) -> None:
    assert (KNOWLEDGE.why_unknowable(mutation(operation, place)) is None) == is_knowable


def test_what_leaves_the_schema_can_always_be_known() -> None:
    unique = mutation(f"GET {RESOURCES}/sessions/v1.0/{{session}}/consumption-stats", "data", keeps_schema=False)
    assert KNOWLEDGE.why_unknowable(unique) is None


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        (f"{RESOURCES}/users/v1.0/{{user}}", "user"),
        (f"{RESOURCES}/users/v1.0/{{user}}/payment-methods", "payment-method"),
        ("/public-api/actions/users/v1.0/{user}/add-balance", "user"),
        ("/public-api/notifications/v2.0/{notification}", "notification"),
        (f"{RESOURCES}/currencies/v2.0", "currency"),
        (f"{RESOURCES}/taxes/v2.0/{{tax}}", "tax"),
        (f"{RESOURCES}/charge-points/v1.0/{{chargePoint}}/status", "status"),
        (f"{RESOURCES}/flexibility-assets/v1.0/{{flexibilityAsset}}/historical-time-series", "historical-time-series"),
    ],
)
def test_the_resource_of_a_path(path: str, resource: str) -> None:
    assert resource_in(path) == resource


def test_the_operation_of_a_mutation() -> None:
    assert mutated_operation(TAX.name) == TAX.operation
    assert mutated_operation("drop-id") is None
