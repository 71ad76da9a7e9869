"""Every operation rejects a caller without a valid token: 401 with the documented body.

Source: a bearer token is required on every operation; without one the response is 401 {"message": "Unauthenticated."}
(documented response 401, and the responses of a tenant).
"""

from collections.abc import Iterator
from zlib import crc32

import pytest

from ampeco_conformance.checks.authentication import (
    Credential,
    authentication_violations,
    credentials,
    unauthenticated_violations,
)
from ampeco_conformance.contract.requests import takes_query
from ampeco_conformance.contract.resource_map import parameters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

# The credentials of which a write to what exists is tried with one.
_ON_REAL = ("none", "unknown")
_WITH_QUERY = ("empty", "unknown")


def requires_a_token(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation is not public, and documents the response to a caller without a token."""
    return "401" in operation.definition["responses"] and not contract.specification.is_public(operation)


@pytest.mark.operations(selector=requires_a_token)
def test_authentication(
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    record: Recorder,
    target_probe: Probe,
    seed: int,
) -> None:
    """The operation responds with 401 without a token, and with an empty, unknown or other kind of credential.

    What exists is asked for too: a cache, or a check that follows the lookup, protects only what does not exist.
    """
    own = operation.method != "GET" and not target_probe.is_emulator
    real = pool.path(operation, own=own)
    if operation.method == "GET" and real is not None:
        # A cache serves only what a caller with a token has read.
        client.send("GET", real)
    findings: list[Finding] = []
    is_paged = operation.method == "GET" and takes_query(record.contract, operation, "per_page")
    for path, credential in _attempts(operation, pool.resources.unused_path(operation), real, client.token, seed):
        exchange = client.send(
            operation.method,
            path,
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


def _attempts(
    operation: Operation, unused: str, real: str | None, token: str, seed: int
) -> Iterator[tuple[str, Credential]]:
    """Paths, each with a credential: reads of what exists are tried with all, writes to it with one, by the seed."""
    has_real = real is not None and bool(parameters_of(operation.path))
    if has_real and operation.method == "GET":
        yield unused, next(iter(credentials(token)))
    of_a_write = _ON_REAL[seed % len(_ON_REAL)]
    # The operations take turns with credentials that differ little.
    turn = seed + crc32(operation.label.encode())
    for credential in credentials(token, turn):
        is_on_real = has_real and (operation.method == "GET" or credential.kind == of_a_write)
        yield (real or unused) if is_on_real else unused, credential
