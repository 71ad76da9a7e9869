"""Writes that a server accepts and does wrongly, or refuses though they are documented, behind a proxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

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
from tests.support.loopback import Received, Sent
from tests.support.reverse_proxy import PassOn, answering_for
from tools.adversary.faulty_writes import WRITES
from tools.adversary.server import Behaviour, invalid, object_sent

VERSION, TOKEN = "3.90.0", "a-test-token"


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


def behaviour_of(meaning: str) -> Behaviour:
    """A new server of the table in `tools/adversary/faulty_writes.py`."""
    return next(row for row in WRITES if row.meaning == meaning).behave()


@pytest.mark.parametrize(
    ("meaning", "written", "check"),
    [
        (
            "the offset of a moment that is written is dropped",
            "POST charge-point-downtime-periods/v1.0",
            "resource_keeps_fields",
        ),
        (
            "a tariff group keeps the first of its tariffs only",
            "PUT tariff-groups/v1.0/{tariffGroup}",
            "resource_keeps_fields",
        ),
        ("percentages of taxes have one decimal", "PATCH taxes/v2.0/{tax}", "resource_keeps_fields"),
        ("descriptions of user groups are cut at 100 letters", "POST user-groups/v1.0", "resource_keeps_fields"),
        ("a removed id tag is there again at the second read", "DELETE id-tags/v2.0/{idTag}", "resource_removed"),
        (
            "a change of a partner that repeats its name is refused",
            "PATCH partners/v2.0/{partner}",
            "valid_request_refused",
        ),
        (
            "the same replacement of a parking space twice is refused",
            "PUT parking-spaces/v1.0/{parkingSpace}",
            "resource_replaced",
        ),
    ],
)
def test_a_server_that_writes_wrongly_is_found(
    contract: ApiContract, upstream: str, meaning: str, written: str, check: str
) -> None:
    verify(contract, upstream, written)
    with answering_for(upstream, behaviour_of(meaning)) as address, pytest.raises(ContractViolation) as found:
        verify(contract, address, written)
    assert check in {finding.check for finding in found.value.findings}


def long_description_refused(received: Received, pass_on: PassOn) -> Sent:
    if len(str(object_sent(received).get("description"))) > 255:
        return invalid("description")
    return pass_on(received)


@pytest.mark.parametrize(
    ("behaviour", "label", "place"),
    [
        (
            behaviour_of("a tax of 100 %, the documented maximum, is refused"),
            "POST /public-api/resources/electricity-rates/v2.0",
            "body /taxPercentage",
        ),
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
