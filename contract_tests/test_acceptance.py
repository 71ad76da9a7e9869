"""Every documented value of every query parameter is accepted (see `checks/acceptance.py`).

Finds a server that requires a parameter the contract calls optional, or no longer accepts a documented value.
"""

import pytest

from ampeco_conformance.checks.acceptance import documented_queries, refused_query_violation
from ampeco_conformance.contract.answers import Cause
from ampeco_conformance.contract.requests import parameters
from ampeco_conformance.contract.resource_map import fill
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.exercise.confirmation import PartRefused
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation


def needs_no_query(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation reads, and has no required query parameter."""
    queries = (definition for definition, _ in parameters(contract, operation) if definition["in"] == "query")
    return operation.method == "GET" and not any(definition.get("required") for definition in queries)


@pytest.mark.operations(selector=needs_no_query)
def test_acceptance(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder) -> None:
    """The operation accepts a request without optional parameters, and with each documented value of one of them."""
    path = next((fill(operation.path, values) for values in pool.path_parameters(operation, limit=1)), None)
    if path is None:
        pytest.skip(pool.absence(operation))
    reading = Listing(operation, path, client, record)
    bare = reading.answer({})
    if bare.cause is Cause.INPUT:
        refused = refused_query_violation(bare.exchange, {})
        raise ContractViolation(record.findings(operation, bare.exchange, [refused]))
    if not bare.succeeded:
        raise NotTestable(f"{operation.label} was {bare}")
    findings: list[Finding] = []
    for query in documented_queries(record.contract, operation, pool.field_value):
        try:
            reading.read(query)
        except PartRefused as refused_part:
            findings.append(refused_part.discovery.finding(record))
        except ContractViolation as broken:
            findings += broken.findings
    record.expect_none(findings)
