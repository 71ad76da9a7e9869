"""Refusals are as documented: the status, and an envelope in the API's own form that names what is wrong.

Source: the documented error responses; 404 {"message"}, 422 {"message", "errors": {field: [text]}}.
"""

import pytest

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.checks.errors import field_violations, required_fields, status_violations
from ampeco_conformance.errors import TargetError
from ampeco_conformance.exchanges import Exchange, Request
from ampeco_conformance.findings import ContractViolation, Finding
from ampeco_conformance.generation.reaching import Reacher
from ampeco_conformance.recording import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.tenants.client import ApiClient
from ampeco_conformance.tenants.pool import ResourcePool
from ampeco_conformance.tenants.resources import fill, parameters_of

_NOT_FOUND = frozenset({404})
# Whether a server looks the resource up or validates the body first is its own affair.
_NOT_FOUND_OR_INVALID = frozenset({400, 404, 422})
_INVALID = frozenset({400, 415, 422})


def has_unknown_ids(operation: Operation, contract: Contract) -> bool:
    """Whether the operation reads or removes something by an id, and says what happens when there is none."""
    return operation.method in ("GET", "DELETE") and "{" in operation.path and _documents(operation, contract, "404")


def has_required_fields(operation: Operation, contract: Contract) -> bool:
    """Whether the operation creates something out of a body with required fields, and documents their absence."""
    is_creation = operation.method == "POST" and "/actions/" not in operation.path
    return is_creation and _documents(operation, contract, "422") and bool(required_fields(contract, operation))


def takes_json(operation: Operation, contract: Contract) -> bool:
    """Whether the operation takes a JSON body and documents what happens to an invalid one."""
    return "requestBody" in operation.definition and _documents(operation, contract, "422")


@pytest.mark.operations(selector=has_unknown_ids)
def test_unknown_id(operation: Operation, client: ApiClient, pool: ResourcePool, record: Recorder) -> None:
    """What does not exist is answered 404."""
    exchange = client.send(operation.method, pool.resources.unused_path(operation))
    _require(record, operation, exchange, "an unknown id", _NOT_FOUND)


@pytest.mark.operations(selector=takes_json)
def test_malformed_body(operation: Operation, client: ApiClient, pool: ResourcePool, record: Recorder) -> None:
    """A body that is not JSON is refused."""
    url = client.base_url + pool.resources.unused_path(operation)
    exchange = client.forward(Request(operation.method, url, (("Content-Type", "application/json"),), b'{"broken": '))
    expected = _NOT_FOUND_OR_INVALID if parameters_of(operation.path) else _INVALID
    _require(record, operation, exchange, "malformed JSON", expected)


@pytest.mark.operations(selector=has_required_fields)
def test_missing_field(
    operation: Operation, client: ApiClient, pool: ResourcePool, reacher: Reacher, record: Recorder
) -> None:
    """A body without a required field is refused with 422, and the answer names the field."""
    path = next((fill(operation.path, values) for values in pool.path_parameters(operation, limit=1)), None)
    body = next((body for body in reacher.bodies(operation) if isinstance(body, dict)), None)
    if path is None or body is None:
        pytest.skip("there is nothing on the target to create it under")
    findings: list[Finding] = []
    for field in required_fields(record.contract, operation):
        rest = {name: value for name, value in body.items() if name != field}
        exchange = client.send(operation.method, path, json=rest)
        pool.learn(operation, exchange)
        findings += _findings(record, operation, exchange, f"a body without {field}", frozenset({422}))
        findings += field_violations(record.contract, operation, exchange, field)
    if findings:
        raise ContractViolation(findings)


def _documents(operation: Operation, contract: Contract, status: str) -> bool:
    return status in contract.documented_statuses(operation)


def _require(
    record: Recorder, operation: Operation, exchange: Exchange, request: str, expected: frozenset[int]
) -> None:
    if findings := _findings(record, operation, exchange, request, expected):
        raise ContractViolation(findings)


def _findings(
    record: Recorder, operation: Operation, exchange: Exchange, request: str, expected: frozenset[int]
) -> list[Finding]:
    if exchange.response is None:
        raise TargetError(f"{operation.label}: {exchange.error}")
    # A status that is not documented is one finding, not two.
    return record.check(exchange) or status_violations(record.contract, operation, exchange, request, expected)
