"""Deprecated operations work as long as a version has them, and their headers do not contradict each other.

Source: the backward compatibility guide (a deprecated operation is supported until its end); `checks/headers.py`.
"""

import pytest

from ampeco_conformance.checks.headers import (
    deprecation_violations,
    disagreeing_deprecation_violations,
    removal_violations,
)
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.exercise.confirmation import confirm
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation


def is_deprecated(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation is deprecated, and calling it only reads or creates."""
    is_harmless = operation.method in ("GET", "POST") and "/actions/" not in operation.path
    return operation.deprecated and is_harmless


@pytest.mark.operations(selector=is_deprecated)
def test_deprecated(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder) -> None:
    """A deprecated operation still works, and its Deprecation and Sunset headers are valid.

    They are those of the resource's listing.
    """
    confirm(record, lambda: _found(operation, client, pool, record))


def _found(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder) -> list[Finding]:
    # What was listed before may have been removed since.
    pool.relist(operation)
    path = pool.path(operation)
    if path is None:
        pytest.skip(pool.absence(operation))
    exchange = _send(operation.method, path, client, {} if operation.method == "POST" else None)
    pool.learn(operation, exchange)
    violations = [*deprecation_violations(exchange), *removal_violations(exchange)]
    collection = operation.path.partition("/{")[0]
    listing = pool.resources.operation("GET", collection)
    if listing is not None and listing.deprecated and listing != operation:
        violations += disagreeing_deprecation_violations(exchange, _send("GET", collection, client))
    return record.contract.findings(operation, exchange, violations)


def _send(method: str, path: str, client: ApiClient, body: object = None) -> Exchange:
    exchange = client.send(method, path, json=body)
    if exchange.response is None:
        raise TargetError(f"{method} {path}: {exchange.error}")
    return exchange
