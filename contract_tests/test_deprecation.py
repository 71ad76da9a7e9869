"""What is deprecated works as long as a version has it, and says the same of its end everywhere.

Source: the backward compatibility guide (a deprecated operation is supported until its end); `checks/headers.py`.
"""

import pytest

from ampeco_conformance.checks.headers import deprecation_violations
from ampeco_conformance.checks.violations import findings_of
from ampeco_conformance.contract.resource_map import fill
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation

_GONE = frozenset({404, 410, 501})


def is_deprecated(operation: Operation, _contract: ApiContract) -> bool:
    """Whether the operation is deprecated, and asking for it does nothing but read or create."""
    is_harmless = operation.method in ("GET", "POST") and "/actions/" not in operation.path
    return operation.deprecated and is_harmless


@pytest.mark.operations(selector=is_deprecated)
def test_deprecated(operation: Operation, client: ApiClient, pool: IdPool, record: Recorder) -> None:
    """A deprecated operation still answers, and its Deprecation and Sunset headers make sense."""
    for values in pool.path_parameters(operation, limit=1):
        path = fill(operation.path, values)
        break
    else:
        pytest.skip("the resource does not exist on the target")
    exchange = client.send(operation.method, path, json={} if operation.method == "POST" else None)
    if exchange.response is None:
        raise TargetError(f"{operation.label}: {exchange.error}")
    pool.learn(operation, exchange)
    violations = list(deprecation_violations(exchange))
    if exchange.response.status_code in _GONE:
        status = exchange.response.status_code
        sentence = f"is deprecated in this version, and answered {status} as if it had been removed"
        violations.append(("deprecated_still_answers", sentence, "", "an answer", status))
    record.expect_none(findings_of(record.contract, operation, exchange, violations))
