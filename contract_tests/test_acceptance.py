"""Every documented value of every query parameter is accepted (see `checks/acceptance.py`).

Finds a server that requires a parameter the contract calls optional, or no longer accepts a documented value.
"""

from collections.abc import Mapping, Sequence

import pytest

from ampeco_conformance.checks.acceptance import documented_queries, refused_query_violation
from ampeco_conformance.contract.answers import Cause, answer_of
from ampeco_conformance.contract.requests import parameters
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
    path = pool.path(operation)
    if path is None:
        pytest.skip(pool.absence(operation))

    def refusal(broken: ContractViolation, query: Mapping[str, object]) -> Sequence[Finding]:
        """A status that is not documented may be a refusal all the same: then the finding names what was refused."""
        exchange = broken.findings[0].exchange
        if exchange is None or answer_of(exchange).cause is not Cause.INPUT:
            return broken.findings
        return record.findings(operation, exchange, [refused_query_violation(exchange, query)])

    reading = Listing(operation, path, client, record)
    try:
        bare = reading.answer({})
    except ContractViolation as broken:
        raise ContractViolation(refusal(broken, {})) from None
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
            findings += refusal(broken, query)
    record.expect_none(findings)
