"""Every documented value of every query parameter is accepted (see `checks/acceptance.py`).

Finds a server that requires a parameter the contract calls optional, or no longer accepts a documented value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from ampeco_conformance.checks.acceptance import (
    VALID_REQUEST_REFUSED,
    documented_queries,
    packed_queries,
    refused_query_violation,
)
from ampeco_conformance.contract.answers import Cause, answer_of
from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.exercise.confirmation import PartRefused
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

#: So many values of an enum are tried in every run; the others in so many.
_ALWAYS_TRIED = 12
_SEEDS = 3


def needs_no_query(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation reads, and has no required query parameter."""
    queries = (definition for definition, _ in parameters(contract, operation) if definition["in"] == "query")
    return operation.method == "GET" and not any(definition.get("required") for definition in queries)


@pytest.mark.operations(selector=needs_no_query)
def test_acceptance(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, rotation: Rotation
) -> None:
    """The operation accepts a request without optional parameters, and with each documented value of each of them.

    Values of different parameters are sent together, and alone where that is refused; those of long enums take turns.
    """
    path = pool.path(operation)
    if path is None:
        pytest.skip(pool.absence(operation))
    reading = Listing(operation, path, client, record)
    _expect_acceptance(reading, record)
    packs = packed_queries(documented_queries(record.contract, operation, pool.field_value))
    in_turn = replace(rotation, seeds=min(_SEEDS, rotation.seeds))
    findings: list[Finding] = []
    for pack in (*packs[:_ALWAYS_TRIED], *in_turn.of(operation.label, packs[_ALWAYS_TRIED:])):
        together = _refusals(reading, {name: value for query in pack for name, value in query.items()}, record)
        if len(pack) > 1 and any(finding.check == VALID_REQUEST_REFUSED.id for finding in together):
            # Together they may contradict each other.
            together = [finding for query in pack for finding in _refusals(reading, query, record)]
        findings += together
    record.expect_none(findings)


def _expect_acceptance(reading: Listing, record: Recorder) -> None:
    """Raise ContractViolation when a request without optional parameters is refused as invalid."""
    try:
        bare = reading.answer({})
    except ContractViolation as broken:
        raise ContractViolation(_as_refusal(broken, {}, reading.operation, record)) from None
    if bare.cause is Cause.INPUT:
        refused = refused_query_violation(bare.exchange, {})
        raise ContractViolation(record.findings(reading.operation, bare.exchange, [refused]))
    if not bare.succeeded:
        raise NotTestable(f"{reading.operation.label} was {bare}")


def _refusals(reading: Listing, query: Mapping[str, object], record: Recorder) -> Sequence[Finding]:
    """What is wrong with the response to a valid query."""
    try:
        reading.read(query)
    except PartRefused as refused:
        return [refused.discovery.finding(record)]
    except ContractViolation as broken:
        return _as_refusal(broken, query, reading.operation, record)
    return []


def _as_refusal(
    broken: ContractViolation, query: Mapping[str, object], operation: Operation, record: Recorder
) -> Sequence[Finding]:
    """The findings; a status that is not documented may be a refusal all the same: then they name what was refused."""
    exchange = broken.findings[0].exchange
    if exchange is None or answer_of(exchange).cause is not Cause.INPUT:
        return broken.findings
    return record.contract.findings(operation, exchange, [refused_query_violation(exchange, query)])
