"""Sequences: what was created is read, changed and removed in random order, and every answer keeps the contract.

Source: the specification; the sequences are Schemathesis' stateful phase (see `exercise/stateful.py`).
"""

import pytest
from schemathesis import Response

from ampeco_conformance.contract.resource_map import UNUSED_ID
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation, Finding, FindingIdentity
from ampeco_conformance.core.profiles import Profile
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.coverage.recording import ANOTHER_SEED
from ampeco_conformance.exercise.schemathesis_checks import judge
from ampeco_conformance.exercise.stateful import followers, run_stateful
from ampeco_conformance.generate.cases import AnyCase, CaseGenerator, send
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import NotPermitted


def can_be_followed(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation creates something that other operations then address."""
    return bool(followers(contract, operation))


@pytest.mark.operations(selector=can_be_followed)
def test_sequences(
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    cases: CaseGenerator,
    record: Recorder,
    profile: Profile,
    rotation: Rotation,
) -> None:
    """What was created can be read, changed and removed in any order. The resources take turns."""
    if not rotation.is_due(operation.label):
        pytest.skip(ANOTHER_SEED)
    values = next(pool.path_parameters(operation, limit=1), None)
    if values is None:
        pytest.skip(pool.absence(operation))
    findings: dict[tuple[FindingIdentity, str], Finding] = {}

    def step(stepped: Operation, case: AnyCase) -> Response:
        exchange, response = _send(cases.with_known_ids(case), client)
        if response is None:
            raise TargetError(f"{stepped.label}: {exchange.error}")
        pool.learn(stepped, exchange)
        found = judge(record.contract, stepped, case, exchange, response, record.note)
        if not found and 200 <= response.status_code < 300:
            record.reached.add(stepped.label)
        for finding in found:
            findings.setdefault((finding.identity, finding.kind), finding)
        return response

    run_stateful(record.contract, operation, values, profile.sequences, cases.seed, step)
    if findings:
        raise ContractViolation(list(findings.values()))


def _send(case: AnyCase, client: ApiClient) -> tuple[Exchange, Response | None]:
    """Send a case; one that may not touch its resource goes to an id that does not exist."""
    try:
        return send(case, client)
    except NotPermitted:
        if not case.path_parameters:
            raise
        case.path_parameters[list(case.path_parameters)[-1]] = UNUSED_ID
        return send(case, client)
