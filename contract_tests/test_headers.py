"""Headers of error responses: the allowed methods, and when to retry (see `checks/headers.py`)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from ampeco_conformance.checks.headers import (
    allow_violations,
    documented_limits,
    documented_methods,
    limit_violations,
    method_violations,
    undocumented_methods,
)
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.exercise.confirmation import confirm
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import control_client
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import Safety, SafetyPolicy

# The window of the limit may end between two requests.
_TRIES = 3


def stands_for_its_path(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation is the first of its path, and there are methods that the path does not have."""
    is_first = documented_methods(contract, operation)[0] == operation.method
    return is_first and bool(undocumented_methods(contract, operation, seed=0))


def documents_limits(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation lists a collection, and documents rate limit headers."""
    is_listing = operation.method == "GET" and "{" not in operation.path
    return is_listing and bool(documented_limits(contract, operation))


@pytest.fixture
def limited(
    target: Target, target_probe: Probe, policy: SafetyPolicy, pytestconfig: pytest.Config
) -> Iterator[Callable[[str], Exchange]]:
    """Reads a path of an emulator that accepts one request a minute during the test."""
    if not target_probe.is_emulator:
        pytest.skip("a tenant is not driven into its rate limit")
    if policy.safety is not Safety.FULL:
        pytest.skip(f"safety {policy.safety}: the emulator's settings are not changed")
    if hasattr(pytestconfig, "workerinput") and (pytestconfig.option.base_url or pytestconfig.option.tenant):
        pytest.skip("other workers use the same emulator")

    def ask(method: str, path: str, **options: Any) -> Exchange:
        # A client keeps to the limit it was given; a new one has not been given any.
        with control_client(target, patient=False) as client:
            return client.send(method, path, **options)

    def limit(rate: int | None) -> None:
        exchange = ask("PATCH", "/_emulator/settings", json={"rateLimit": rate}, authenticated=False)
        if exchange.response is None or exchange.response.status_code != 200:
            raise TargetError(f"the emulator does not change its rate limit: {exchange.error or exchange.response}")

    limit(1)
    try:
        yield lambda path: ask("GET", path)
    finally:
        limit(None)


@pytest.mark.operations(selector=stands_for_its_path)
def test_allow(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, policy: SafetyPolicy, seed: int
) -> None:
    """A method that a path does not have is answered 405, with the methods that it has."""
    if policy.safety is not Safety.FULL:
        pytest.skip(f"safety {policy.safety}: an undocumented method might change something")
    path = pool.resources.unused_path(operation)
    for method in undocumented_methods(record.contract, operation, seed):
        confirm(record, partial(_unsupported, method, path, operation, client, record))


def _unsupported(method: str, path: str, operation: Operation, client: ApiClient, record: Recorder) -> list[Finding]:
    """What the response to a method that the path does not have shows."""
    exchange = client.send(method, path)
    if exchange.response is None:
        raise TargetError(f"{method} {operation.path}: {exchange.error}")
    contract = record.contract
    found = [
        *method_violations(contract.specification.api, method, exchange.response),
        *allow_violations(documented_methods(contract, operation), exchange.response),
    ]
    return record.contract.findings(operation, exchange, found)


@pytest.mark.operations(selector=documents_limits)
def test_rate_limit(operation: Operation, limited: Callable[[str], Exchange], record: Recorder) -> None:
    """A rate limited caller gets the limit, and when to retry."""
    names = documented_limits(record.contract, operation)
    # The emulator, as documented, sends it for every API.
    names = list(dict.fromkeys([*names, "Retry-After"]))
    for _ in range(_TRIES):
        exchange = limited(operation.path)
        if exchange.response is not None and exchange.response.status_code == 429:
            break
    else:
        pytest.skip("the emulator did not limit")
    record.expect_conformance(exchange)
    assert exchange.response is not None
    record.expect_none(record.findings(operation, exchange, limit_violations(names, exchange.response)))
