"""Every operation rejects a caller without a valid token: 401 with the documented body.

Source: a bearer token is required on every operation; without one the response is 401 {"message": "Unauthenticated."}
(documented response 401, and the responses of a tenant).
"""

import pytest

from ampeco_conformance.checks.authentication import (
    ALTERED,
    authentication_violations,
    credentials,
    protected_operations,
    requires_a_token,
    unauthenticated_violations,
)
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_WITH_QUERY = ("empty", "unknown")


@pytest.mark.operations(selector=requires_a_token)
def test_authentication(
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    record: Recorder,
    target_probe: Probe,
    rotation: Rotation,
) -> None:
    """The operation responds with 401 without a token, and with an empty, unknown or other kind of credential.

    The operations of a tag share the other kinds, so that each is tried on every tag, and the token altered in one way
    or another. What exists is asked for too, without a token always: a cache, or a check that follows the lookup,
    protects only what does not exist.
    """
    own = operation.method != "GET" and not target_probe.is_emulator
    real = pool.path(operation, own=own)
    if operation.method == "GET" and real is not None and rotation.is_due(operation.label):
        # A cache serves only what a caller with a token has read.
        client.send("GET", real)
    findings: list[Finding] = []
    is_paged = operation.method == "GET" and takes_query(record.contract, operation, "per_page")
    known = credentials(client.token)
    alike = protected_operations(record.contract, operation.tag)
    altered = [credential for credential in known if credential.kind in ALTERED]
    in_turn = rotation.of_cycle(operation.label, altered)
    others = [credential for credential in known[1:] if credential not in altered or credential in in_turn]
    chosen = [known[0], *rotation.dealt(alike.index(operation), len(alike), others)]
    record.coverage.share(
        operation.label, CoverageKind.CREDENTIALS, [item.kind for item in chosen], [item.kind for item in known]
    )
    unused = pool.resources.unused_path(operation)
    for_unused = 1 + rotation.cycle(operation.label) % (len(chosen) - 1)
    for number, credential in enumerate(chosen):
        exchange = client.send(
            operation.method,
            unused if real is None or number == for_unused else real,
            # A route may be protected, and a variant of it not.
            query={"per_page": 1} if is_paged and credential.kind in _WITH_QUERY else {},
            headers={} if credential.header is None else {"Authorization": credential.header},
            authenticated=False,
        )
        if exchange.response is None:
            raise TargetError(f"{operation.label}: {exchange.error}")
        contract = record.contract
        findings += record.findings(operation, exchange, authentication_violations(exchange, credential))
        findings += record.check(exchange)
        if credential.header is None:
            violations = unauthenticated_violations(contract.specification.api, exchange)
            findings += record.findings(operation, exchange, violations)
    record.expect_none(findings)
