"""Deprecated operations work as long as a version has them, and their headers do not contradict each other.

Source: the backward compatibility guide (a deprecated operation is supported until its end); `checks/headers.py`.
"""

import pytest

from ampeco_conformance.checks.headers import deprecation_violations, removal_violations
from ampeco_conformance.contract.resource_map import fill
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
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
    """A deprecated operation still works, and its Deprecation and Sunset headers are valid."""
    for values in pool.path_parameters(operation, limit=1):
        path = fill(operation.path, values)
        break
    else:
        pytest.skip("the resource does not exist on the target")
    exchange = client.send(operation.method, path, json={} if operation.method == "POST" else None)
    if exchange.response is None:
        raise TargetError(f"{operation.label}: {exchange.error}")
    pool.learn(operation, exchange)
    violations = [*deprecation_violations(exchange), *removal_violations(exchange)]
    record.expect_none(record.findings(operation, exchange, violations))
