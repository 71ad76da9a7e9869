"""A token may do what its role allows, and see only what it is limited to (see `checks/permissions.py`).

Source: tokens have a role and may belong to one partner; a call that is not permitted is answered 403. Tokens of
other roles are created on an emulator; on a tenant they are created by hand in the back office, so it is not tested.
"""

import pytest

from ampeco_conformance.checks.permissions import partner_violations, write_violations
from ampeco_conformance.contract.resource_map import fill, items_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.emulator_client.control import new_token
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import Safety, SafetyPolicy

_PARTNERS = "/public-api/resources/partners/v2.0"


@pytest.fixture(scope="session")
def tokens(client: ApiClient, target_probe: Probe, policy: SafetyPolicy) -> ApiClient:
    """The client of a target that creates tokens of any role."""
    if not target_probe.is_emulator:
        pytest.skip("no token of another role is known on a tenant")
    if policy.safety is not Safety.FULL:
        pytest.skip(f"safety {policy.safety}: no tokens are made")
    return client


@pytest.fixture(scope="session")
def reader(tokens: ApiClient) -> str:
    """A read-only token."""
    return new_token(tokens, role="read-only")


def creates(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation adds to a collection, and documents the response to a caller who may not."""
    is_addition = operation.method == "POST" and "/actions/" not in operation.path
    return is_addition and "403" in operation.definition["responses"]


def lists_partners(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation is the listing of partners."""
    return operation.method == "GET" and operation.path == _PARTNERS


@pytest.mark.operations(selector=creates)
def test_reader_may_not_write(
    operation: Operation, reader: str, client: ApiClient, pool: IdPool, success_finder: SuccessFinder, record: Recorder
) -> None:
    """A read-only token adds nothing: no body is accepted from it."""
    path = next((fill(operation.path, values) for values in pool.path_parameters(operation, limit=1)), None)
    if path is None:
        pytest.skip("there is nothing on the target to create it under")
    for body in success_finder.bodies(operation):
        exchange = _send(client, "POST", path, reader, body if isinstance(body, dict | list) else None)
        pool.learn(operation, exchange)
        record.expect_conformance(exchange)
        if findings := record.contract.findings(operation, exchange, write_violations(exchange)):
            raise ContractViolation(findings)


@pytest.mark.operations(selector=lists_partners)
def test_partner_sees_only_itself(operation: Operation, tokens: ApiClient, client: ApiClient, record: Recorder) -> None:
    """The token of a partner lists that partner, and no other."""
    known = [item["id"] for item in items_of(_json(client.send("GET", operation.path)))]
    if len(known) < 2:
        pytest.skip("there is no other partner that could be seen")
    exchange = _send(client, "GET", operation.path, new_token(tokens, partnerId=known[0]))
    seen = {item["id"] for item in items_of(_json(exchange))}
    if findings := record.contract.findings(operation, exchange, partner_violations(known[0], seen)):
        raise ContractViolation(findings)


def _send(client: ApiClient, method: str, path: str, token: str, body: object = None) -> Exchange:
    headers = {"Authorization": f"Bearer {token}"}
    exchange = client.send(method, path, headers=headers, json=body, authenticated=False)
    if exchange.response is None:
        raise TargetError(f"{method} {path}: {exchange.error}")
    return exchange


def _json(exchange: Exchange) -> object:
    return exchange.response.json() if exchange.response is not None else {}
