"""Which responses count as a success, and which requests are checked against the specification."""

from collections.abc import Iterator
from typing import Any

import pytest

from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.exercise.collection import Collection, Item
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.resource_type import ResourceOperations
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.target.safety import Safety, SafetyPolicy
from tests.support.gates import OpenGate
from tests.support.scripted_target import TOKEN, Server, scripted_contract, scripted_server


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return scripted_contract()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with scripted_server() as server:
        yield server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[ApiClient]:
    with ApiClient(server.base_url, TOKEN, timeout=10, gate=OpenGate()) as client:
        yield client


@pytest.fixture
def pool(contract: ApiContract, client: ApiClient) -> IdPool:
    return IdPool(ResourceMap(contract), client, SafetyPolicy(Safety.FULL, (), contract.specification.operations), {})


@pytest.mark.parametrize(
    ("status", "body", "succeeded"),
    [
        (200, {"data": {"id": 7}}, True),
        (200, {"data": {}}, False),
        (404, {"message": "None."}, False),
        (422, {"message": "Invalid."}, False),
    ],
    ids=["success", "success that breaks the contract", "documented 404", "documented 422"],
)
def test_only_a_conforming_2xx_is_a_success(
    status: int, body: Any, succeeded: bool, contract: ApiContract, pool: IdPool, client: ApiClient, server: Server
) -> None:
    server.script = lambda *_: (status, body)
    finder = SuccessFinder(contract, pool, client, prefix="conform")
    attempt = finder.attempt(contract.specification.operation("GET /users/{user}"), {"user": 7})
    assert attempt.succeeded is succeeded
    assert attempt.reason.startswith(f"answered {status}") is not succeeded


@pytest.mark.parametrize(
    ("status", "is_found"),
    [(401, True), (403, False), (405, True), (422, True), (400, False), (409, False), (501, False)],
)
def test_an_operation_whose_refusals_neither_state_nor_role_explains_can_never_succeed(
    status: int,
    is_found: bool,
    contract: ApiContract,
    pool: IdPool,
    client: ApiClient,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documented = contract.specification.operation("POST /users").definition["responses"]
    monkeypatch.setitem(documented, str(status), {"description": "Refused."})
    server.script = lambda method, *_: (status, {"message": "No."}) if method == "POST" else (200, {"data": []})
    finder = SuccessFinder(contract, pool, client, prefix="conform")
    checks = [found.check for found in finder.find(contract.specification.operation("POST /users")).findings]
    assert checks == ["operation_succeeds"] * is_found


def test_what_a_collection_sends_is_checked_unless_the_caller_says_otherwise(
    contract: ApiContract, pool: IdPool, client: ApiClient, server: Server
) -> None:
    server.script = lambda *_: (200, {"data": {}})
    read = contract.specification.operation("GET /users/{user}")
    resource = ResourceOperations.of(contract, read, lambda _: True)
    collection = Collection(resource, pool, client, Recorder(contract))
    with pytest.raises(ContractViolation, match="/data/id is missing"):
        collection.send(read, Item(7, {}))
    exchange = collection.send(read, Item(7, {}), checked=False)
    assert exchange.response is not None
    assert exchange.response.status_code == 200
