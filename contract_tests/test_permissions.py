"""A token may do what its role allows, and see only what it is limited to (see `checks/permissions.py`).

Source: tokens have a role and may belong to one partner; a call that is not permitted is answered 403. Tokens of
other roles are created on an emulator; on a tenant they are created by hand in the back office, so it is not tested.
"""

from typing import Any

import pytest

from ampeco_conformance.checks.permissions import (
    effect_violations,
    foreign_access_violations,
    foreign_item_violations,
    owner_of,
    partner_violations,
    read_violations,
    shows_owners,
    write_violations,
)
from ampeco_conformance.checks.resource_fields import shown_properties
from ampeco_conformance.contract.resource_map import items_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.emulator_client.control import new_token
from ampeco_conformance.exercise.confirmation import confirm
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


@pytest.fixture(scope="session")
def outsider(tokens: ApiClient) -> str:
    """A token without permissions."""
    return new_token(tokens, role="no-access")


def reads(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation reads, and documents the response to a caller who may not."""
    return operation.method == "GET" and "403" in operation.definition["responses"]


def writes(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation writes, and documents the response to a caller who may not."""
    return operation.method != "GET" and "403" in operation.definition["responses"]


def lists_what_partners_own(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation lists items that say which partner they belong to."""
    is_listing = operation.method == "GET" and "{" not in operation.path and operation.path != _PARTNERS
    return is_listing and shows_owners(shown_properties(contract, operation))


def lists_partners(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation is the listing of partners."""
    return operation.method == "GET" and operation.path == _PARTNERS


@pytest.mark.operations(selector=writes)
def test_reader_may_not_write(
    operation: Operation, reader: str, client: ApiClient, pool: IdPool, success_finder: SuccessFinder, record: Recorder
) -> None:
    """A read-only token creates, changes and deletes nothing, and performs no action: no body is accepted from it."""
    confirm(record, lambda: _written_by(reader, operation, client, pool, success_finder, record))


@pytest.mark.operations(selector=reads)
def test_outsider_may_not_read(
    operation: Operation, outsider: str, client: ApiClient, pool: IdPool, record: Recorder
) -> None:
    """A token without permissions reads nothing."""
    path = pool.path(operation) or pool.resources.unused_path(operation)

    def look() -> list[Finding]:
        exchange = _send(client, "GET", path, outsider)
        return record.check(exchange) + record.contract.findings(operation, exchange, read_violations(exchange))

    confirm(record, look)


@pytest.mark.operations(selector=lists_partners)
def test_partner_sees_only_itself(operation: Operation, tokens: ApiClient, client: ApiClient, record: Recorder) -> None:
    """The token of a partner lists that partner, and no other."""
    known = [item["id"] for item in items_of(_json(client.send("GET", operation.path)))]
    if len(known) < 2:
        pytest.skip("there is no other partner that could be seen")
    token = new_token(tokens, partnerId=known[0])

    def look() -> list[Finding]:
        exchange = _send(client, "GET", operation.path, token)
        seen = {item["id"] for item in items_of(_json(exchange))}
        return record.contract.findings(operation, exchange, partner_violations(known[0], seen))

    confirm(record, look)


@pytest.mark.operations(selector=lists_what_partners_own)
def test_partner_sees_only_its_own(
    operation: Operation, tokens: ApiClient, client: ApiClient, pool: IdPool, record: Recorder
) -> None:
    """The token of a partner lists, reads and changes nothing that belongs to another partner."""
    items = [*items_of(_json(client.send("GET", operation.path)))]
    foreign = next((item for item in items if owner_of(item) is not None), None)
    partners = [item["id"] for item in items_of(_json(client.send("GET", _PARTNERS)))]
    own = next((partner for partner in partners if foreign is not None and partner != owner_of(foreign)), None)
    if foreign is None or own is None:
        pytest.skip("nothing on the target belongs to one of several partners")
    token = new_token(tokens, partnerId=own)
    identifier = foreign.get(pool.resources.id_field(operation.path))

    def look() -> list[Finding]:
        listed = _send(client, "GET", operation.path, token)
        found = record.contract.findings(operation, listed, foreign_item_violations(own, items_of(_json(listed))))
        for other in record.contract.specification.operations:
            collection, _, last = other.path.rpartition("/")
            if collection == operation.path and last.startswith("{") and other.method in ("GET", "PATCH"):
                change: dict[str, Any] | None = {} if other.method == "PATCH" else None
                exchange = _send(client, other.method, f"{collection}/{identifier}", token, change)
                found += record.contract.findings(other, exchange, foreign_access_violations(own, exchange))
        return found

    confirm(record, look)


def _written_by(
    token: str,
    operation: Operation,
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    record: Recorder,
) -> list[Finding]:
    """What shows that a token, which may not, writes."""
    path = pool.path(operation)
    if path is None:
        pytest.skip("there is nothing on the target that could be written")
    is_readable = operation.method != "POST" and pool.resources.operation("GET", operation.path) is not None
    before = _send(client, "GET", path, token) if is_readable else None
    for body in success_finder.bodies(operation):
        written = body if isinstance(body, dict | list) else None
        exchange = _send(client, operation.method, path, token, written)
        pool.learn(operation, exchange)
        found = record.check(exchange) + record.contract.findings(operation, exchange, write_violations(exchange))
        if found:
            return found
        if exchange.response is not None and exchange.response.status_code == 403:
            # The role was the reason; another body would be refused too.
            break
    if before is None:
        return []
    after = _send(client, "GET", path, token)
    if after.response is not None and after.response.status_code in (404, 410):
        pool.forget(*path.rpartition("/")[::2])
    return record.contract.findings(operation, after, effect_violations(written, before, after))


def _send(client: ApiClient, method: str, path: str, token: str, body: object = None) -> Exchange:
    headers = {"Authorization": f"Bearer {token}"}
    exchange = client.send(method, path, headers=headers, json=body, authenticated=False)
    if exchange.response is None:
        raise TargetError(f"{method} {path}: {exchange.error}")
    return exchange


def _json(exchange: Exchange) -> object:
    return exchange.response.json() if exchange.response is not None else {}
