"""Headers of error responses: the allowed methods, and when to retry (see `checks/headers.py`)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

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
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.coverage.recording import ANOTHER_SEED
from ampeco_conformance.exercise.confirmation import confirm
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import impatient_client
from ampeco_conformance.http.request_gate import ControlPlaneGate
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.plugin.har_export import exporter
from ampeco_conformance.plugin.options import run_options
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import Safety, SafetyPolicy


def stands_for_its_path(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation is the first of its path, and there are methods that the path does not have."""
    is_first = documented_methods(contract, operation)[0] == operation.method
    return is_first and bool(undocumented_methods(contract, operation))


def documents_limits(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation documents rate limit headers, and lists a collection or is the first of its tag."""
    is_limited = bool(documented_limits(contract, operation))
    return is_limited and (_is_listing(operation) or _limited_operations(contract, operation.tag)[0] == operation)


def _is_listing(operation: Operation) -> bool:
    return operation.method == "GET" and "{" not in operation.path


def _settings(target: Target, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """The settings of an emulator, after a change if one is given. Raises TargetError."""
    method = "GET" if change is None else "PATCH"
    with impatient_client(target, ControlPlaneGate()) as client:
        exchange = client.send(method, "/_emulator/settings", json=change, authenticated=False)
    if exchange.response is None or exchange.response.status_code != 200:
        raise TargetError(f"the emulator's settings: {exchange.error or exchange.response}")
    settings: dict[str, Any] = exchange.response.json()
    return settings


@pytest.fixture(scope="session")
def usual_rate_limit(target: Target) -> int | None:
    """The rate limit of an emulator before this run changes it."""
    return cast("int | None", _settings(target)["rateLimit"])


@pytest.fixture
def limited(
    target: Target, target_probe: Probe, policy: SafetyPolicy, guard: Guard, request: pytest.FixtureRequest
) -> Iterator[Callable[[str, str], Exchange]]:
    """Sends a method to a path of an emulator that accepts no request during the test."""
    if not target_probe.is_emulator:
        pytest.skip("a tenant is not driven into its rate limit")
    if policy.safety is not Safety.FULL:
        pytest.skip(f"safety {policy.safety}: the emulator's settings are not changed")
    options = run_options(request.config)
    if hasattr(request.config, "workerinput") and (options.base_url or options.tenant):
        pytest.skip("other workers use the same emulator")

    def send(method: str, path: str) -> Exchange:
        # A client keeps to the limit it was given; a new one has not been given any.
        with impatient_client(target, guard) as client:
            if (export := exporter(request.config)) is not None:
                client.observe(export)
            return client.send(method, path)

    usual = request.getfixturevalue("usual_rate_limit")
    _settings(target, {"rateLimit": 0})
    try:
        yield send
    finally:
        _settings(target, {"rateLimit": usual})


@pytest.mark.operations(selector=stands_for_its_path)
def test_allow(
    operation: Operation, client: ApiClient, pool: IdPool, record: Recorder, policy: SafetyPolicy, rotation: Rotation
) -> None:
    """Each method that a path does not have is answered 405, with the methods that it has. The paths take turns."""
    if policy.safety is not Safety.FULL:
        pytest.skip(f"safety {policy.safety}: an undocumented method might change something")
    if not rotation.is_due(operation.label):
        pytest.skip(ANOTHER_SEED)
    path = pool.resources.unused_path(operation)
    for method in undocumented_methods(record.contract, operation):
        confirm(record, partial(_unsupported, method, path, operation, client, record))


def _unsupported(method: str, path: str, operation: Operation, client: ApiClient, record: Recorder) -> list[Finding]:
    """What the response to a method that the path does not have shows."""
    exchange = client.send(method, path)
    if exchange.response is None:
        raise TargetError(f"{method} {operation.path}: {exchange.error}")
    if record.features.says_off(exchange):
        # Then the path has no method at all.
        return []
    contract = record.contract
    found = [
        *method_violations(contract.specification.api, method, exchange.response),
        *allow_violations(documented_methods(contract, operation), exchange.response),
    ]
    return record.contract.findings(operation, exchange, found)


@pytest.mark.operations(selector=documents_limits)
def test_rate_limit(
    operation: Operation, limited: Callable[[str, str], Exchange], pool: IdPool, record: Recorder
) -> None:
    """A rate limited caller gets the limit, and when to retry.

    The first operation of a tag tries all of its tag that list no collection.
    """
    alike = _limited_operations(record.contract, operation.tag)
    others = [other for other in alike if not _is_listing(other) and other != operation]
    findings: list[Finding] = []
    for other in (operation, *others) if operation == alike[0] else (operation,):
        exchange = limited(other.method, pool.resources.unused_path(other))
        if exchange.response is None or exchange.response.status_code != 429:
            pytest.skip("the emulator did not limit")
        record.observe(exchange)
        # The emulator, as documented, sends Retry-After for every API.
        names = list(dict.fromkeys([*documented_limits(record.contract, other), "Retry-After"]))
        findings += record.check(exchange)
        findings += record.findings(other, exchange, limit_violations(names, exchange.response))
    record.expect_none(findings)


def _limited_operations(contract: ApiContract, tag: str) -> list[Operation]:
    """The operations of a tag that document rate limit headers."""
    operations = contract.specification.operations
    return [other for other in operations if other.tag == tag and documented_limits(contract, other)]
