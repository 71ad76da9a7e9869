"""Every operation rejects a caller without a valid token: 401 with the documented body.

Source: a bearer token is required on every operation; without one the response is 401 {"message": "Unauthenticated."}
(documented response 401, and the responses of a tenant).
"""

import pytest

from ampeco_conformance.checks.authentication import authentication_violations, credentials, unauthenticated_violations
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.configuration import Target


@pytest.mark.operations(selector=lambda operation, _: "401" in operation.definition["responses"])
def test_authentication(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, target: Target
) -> None:
    """The operation responds with 401 without a token, and with an empty, unknown or other kind of credential."""
    findings: list[Finding] = []
    for credential in credentials(target.token):
        exchange = client.send(
            operation.method,
            pool.resources.unused_path(operation),
            headers={} if credential.header is None else {"Authorization": credential.header},
            authenticated=False,
        )
        if exchange.response is None:
            raise TargetError(f"{operation.label}: {exchange.error}")
        contract = record.contract
        findings += contract.findings(operation, exchange, authentication_violations(exchange, credential))
        findings += record.check(exchange)
        if credential.header is None:
            violations = unauthenticated_violations(contract.specification.api, exchange)
            findings += contract.findings(operation, exchange, violations)
    if findings:
        raise ContractViolation(findings)
