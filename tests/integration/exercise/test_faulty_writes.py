"""Writes that a server accepts and does wrongly, or refuses though they are documented, behind a proxy."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ampeco_conformance.apis import describe
from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.emulator_client.clock import EmulatorClock
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.exercise.field_trials import FieldTrials
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.resource_lifecycle import ResourceLifecycle
from ampeco_conformance.exercise.resource_type import ResourceOperations
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.safety import Safety, SafetyPolicy
from tests.support.gates import OpenGate
from tests.support.loopback import Received, Sent, sent_json
from tests.support.reverse_proxy import PassOn, answering_for

VERSION, TOKEN = "3.90.0", "a-test-token"

Behaviour = Callable[[Received, PassOn], Sent]


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification(VERSION))


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with running_emulator("ampeco", VERSION, TOKEN) as address:
        yield address


@contextmanager
def suite(contract: ApiContract, address: str) -> Iterator[tuple[ApiClient, IdPool, SuccessFinder]]:
    policy = SafetyPolicy(Safety.FULL, (), contract.specification.operations)
    with ApiClient(address, TOKEN, timeout=10, gate=OpenGate()) as client:
        pool = IdPool(ResourceMap(contract), client, policy, {})
        yield client, pool, SuccessFinder(contract, pool, client, prefix="conform", now=EmulatorClock(client).roughly)


def verify(contract: ApiContract, address: str, written: str) -> None:
    method, _, path = written.partition(" ")
    operation = contract.specification.operation(f"{method} /public-api/resources/{path}")
    resource = ResourceOperations.of(contract, operation, lambda _: True)
    assert resource.create is not None
    with suite(contract, address) as (client, pool, finder):
        parents = next(pool.path_parameters(resource.create, limit=1))
        clock, record = EmulatorClock(client), Recorder(contract)
        lifecycle = ResourceLifecycle(
            resource, parents, finder, pool, client, record, clock, Random(0), is_exclusive=True
        )
        lifecycle.verify(lifecycle.sequence(method))


def body_of(received: Received) -> dict[str, Any]:
    try:
        body = json.loads(received.body or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def storing(change: Callable[[dict[str, Any]], None]) -> Behaviour:
    """Stores something else than what was sent."""

    def behave(received: Received, pass_on: PassOn) -> Sent:
        if received.method in ("POST", "PUT", "PATCH") and (body := body_of(received)):
            change(body)
            received = replace(received, body=json.dumps(body).encode())
        return pass_on(received)

    return behave


def offsets_dropped(body: dict[str, Any]) -> None:
    for name, value in body.items():
        if isinstance(value, str) and re.fullmatch(r".+T\d\d:\d\d:\d\d[+-]\d\d:\d\d", value):
            body[name] = f"{value[:-6]}Z"


def first_only(body: dict[str, Any]) -> None:
    if isinstance(body.get("tariffIds"), list):
        body["tariffIds"] = body["tariffIds"][:1]


def one_decimal(body: dict[str, Any]) -> None:
    if isinstance(body.get("percentage"), float):
        body["percentage"] = round(body["percentage"], 1)


def cut_at_100(body: dict[str, Any]) -> None:
    if isinstance(body.get("description"), str):
        body["description"] = body["description"][:100]


def returning() -> Behaviour:
    """What was removed is missing at the first read, and there again at the second."""
    removed: dict[str, Sent] = {}
    reads: dict[str, int] = {}

    def behave(received: Received, pass_on: PassOn) -> Sent:
        if received.method == "DELETE" and "Authorization" in received.headers:
            before = pass_on(replace(received, method="GET"))
            sent = pass_on(received)
            removed.update({received.path: before} if sent.status == 204 else {})
            return sent
        if received.method == "GET" and received.path in removed:
            reads[received.path] = reads.get(received.path, 0) + 1
            return removed[received.path] if reads[received.path] > 1 else pass_on(received)
        return pass_on(received)

    return behave


def own_name_taken(received: Received, pass_on: PassOn) -> Sent:
    """A name must be unique, and is compared with that of the changed item as well."""
    if received.method == "PATCH" and "name" in (body := body_of(received)):
        shown = pass_on(replace(received, method="GET", body=b""))
        if shown.status == 200 and json.loads(shown.content)["data"]["name"] == body["name"]:
            return sent_json({"message": "Invalid.", "errors": {"name": ["It has already been taken."]}}, 422)
    return pass_on(received)


def once_only() -> Behaviour:
    """The same replacement twice is refused."""
    sent_before: dict[str, bytes] = {}

    def behave(received: Received, pass_on: PassOn) -> Sent:
        if received.method == "PUT" and sent_before.get(received.path) == received.body:
            return sent_json({"message": "Invalid.", "errors": {"label": ["It has already been taken."]}}, 422)
        sent = pass_on(received)
        if received.method == "PUT" and sent.status == 200:
            sent_before[received.path] = received.body
        return sent

    return behave


@pytest.mark.parametrize(
    ("behaviour", "written", "check"),
    [
        (storing(offsets_dropped), "POST charge-point-downtime-periods/v1.0", "resource_keeps_fields"),
        (storing(first_only), "PUT tariff-groups/v1.0/{tariffGroup}", "resource_keeps_fields"),
        (storing(one_decimal), "PATCH taxes/v2.0/{tax}", "resource_keeps_fields"),
        (storing(cut_at_100), "POST user-groups/v1.0", "resource_keeps_fields"),
        (returning(), "DELETE id-tags/v2.0/{idTag}", "resource_removed"),
        (own_name_taken, "PATCH user-groups/v1.0/{userGroup}", "valid_request_refused"),
        (once_only(), "PUT parking-spaces/v1.0/{parkingSpace}", "resource_replaced"),
    ],
)
def test_a_server_that_writes_wrongly_is_found(
    contract: ApiContract, upstream: str, behaviour: Behaviour, written: str, check: str
) -> None:
    verify(contract, upstream, written)
    with answering_for(upstream, behaviour) as address, pytest.raises(ContractViolation) as found:
        verify(contract, address, written)
    assert check in {finding.check for finding in found.value.findings}


def maximum_refused(received: Received, pass_on: PassOn) -> Sent:
    if body_of(received).get("taxPercentage") == 100:
        return sent_json({"message": "Invalid.", "errors": {"taxPercentage": ["Too much."]}}, 422)
    return pass_on(received)


def long_description_refused(received: Received, pass_on: PassOn) -> Sent:
    if len(str(body_of(received).get("description"))) > 255:
        return sent_json({"message": "Invalid.", "errors": {"description": ["Too long."]}}, 422)
    return pass_on(received)


@pytest.mark.parametrize(
    ("behaviour", "label", "place"),
    [
        (maximum_refused, "POST /public-api/resources/electricity-rates/v2.0", "body /taxPercentage"),
        (long_description_refused, "PATCH /public-api/resources/user-groups/v1.0/{userGroup}", "body /description"),
    ],
)
def test_a_documented_bound_that_is_refused_is_found(
    contract: ApiContract, upstream: str, behaviour: Behaviour, label: str, place: str
) -> None:
    operation = contract.specification.operation(label)

    def found(address: str) -> list[tuple[str, str]]:
        with suite(contract, address) as (_, pool, finder):
            trials = FieldTrials(contract, pool, finder, describe("ampeco").fields)
            findings = trials.findings(operation, finder.find(operation), Random(0))
            return [(finding.check, finding.location) for finding in findings]

    assert found(upstream) == []
    with answering_for(upstream, behaviour) as address:
        assert found(address) == [("valid_field_refused", place)]
