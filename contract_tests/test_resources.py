"""Every writable resource keeps what is written to it, and only that (see `checks/resources.py`).

Each write is tried on items made for it; `test_life` plays random sequences of all of them against a model. What a
sequence finds is proven by playing it again on fresh items.
"""

from collections.abc import Collection, Mapping
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from ampeco_conformance.apis import describe
from ampeco_conformance.checks.resource_fields import shown_properties, shows_list
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.profiles import Profile
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.coverage.recording import ANOTHER_SEED
from ampeco_conformance.emulator_client.clock import TargetClock
from ampeco_conformance.exercise.existing_resource import ExistingResource
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.resource_lifecycle import ResourceLifecycle
from ampeco_conformance.exercise.resource_type import CREATE, MEANT, SEQUENCES, LifecycleStep, ResourceOperations
from ampeco_conformance.exercise.steadiness import Steady
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.safety import SafetyPolicy

_MOST_STEPS = 7


def writes_items(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation adds to a collection, or writes an item of one that the version can add to."""
    if operation.method not in SEQUENCES or "/actions/" in operation.path:
        return False
    resource = ResourceOperations.of(contract, operation, lambda _: True)
    writing = (resource.create, resource.change, resource.replace, resource.remove)
    if resource.create is None or read_at(resource.create, contract) is not None:
        return False
    if operation.method in ("PUT", "PATCH") and not tells_id(resource.create, contract):
        return False
    return operation in writing and (resource.read or resource.listing) is not None


def tells_id(creating: Operation, contract: ApiContract) -> bool:
    """Whether the response to a creation may tell the id of the item: then writes are tried on items made for them."""
    shown = shown_properties(contract, creating)
    return not shown or describe(contract.specification.api).resources.id_fields.get(creating.path, "id") in shown


def read_at(operation: Operation, contract: ApiContract) -> Operation | None:
    """The operation that reads one object at the path of another operation."""
    operations = contract.specification.operations
    read = next((other for other in operations if (other.method, other.path) == ("GET", operation.path)), None)
    return read if read is not None and not shows_list(contract, read) else None


def writes_what_exists(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation writes one object that can be read at its path, and that the version cannot create."""
    is_write = operation.method in ("POST", "PUT", "PATCH") and "requestBody" in operation.definition
    return is_write and not writes_items(operation, contract) and read_at(operation, contract) is not None


def has_lifecycle(operation: Operation, contract: ApiContract) -> bool:
    """Whether items that the operation adds can be changed or removed."""
    is_creation = operation.method == "POST" and writes_items(operation, contract)
    return is_creation and len(ResourceOperations.of(contract, operation, lambda _: True).steps) > 1


@pytest.fixture
def lifecycle(
    operation: Operation,
    contract: ApiContract,
    pool: IdPool,
    success_finder: SuccessFinder,
    client: ApiClient,
    record: Recorder,
    policy: SafetyPolicy,
    clock: TargetClock,
    pytestconfig: pytest.Config,
) -> ResourceLifecycle:
    """The life of the operation's resource, below a parent that exists; skipped where there is none."""
    resource = ResourceOperations.of(contract, operation, lambda each: policy.refusal(each) is None)
    if resource.create is None:
        pytest.skip(f"safety {policy.safety}: nothing may be created to try it on")
    order = Random(f"{run_options(pytestconfig).seed} {operation.label}")
    is_exclusive = configured_target(pytestconfig).base_url is None
    for parents in pool.path_parameters(resource.create, limit=1):
        return ResourceLifecycle(
            resource, parents, success_finder, pool, client, record, clock, order, is_exclusive=is_exclusive
        )
    pytest.skip(pool.absence(operation))


@pytest.mark.operations(selector=writes_items)
def test_write(operation: Operation, lifecycle: ResourceLifecycle, record: Recorder) -> None:
    """What is written reads back, is listed, leaves everything else as it was; what is removed is gone."""
    lifecycle.verify(lifecycle.sequence(operation.method))
    if operation.method == "POST":
        _cover(record, operation, *lifecycle.created())
    elif operation.method != "DELETE":
        _cover(record, operation, lifecycle.changed, lifecycle.unchanged)
    if not MEANT[operation.method] & lifecycle.taken:
        pytest.skip(f"did not succeed on an item made for it: {lifecycle.refused or 'it has no field to change'}")


@pytest.mark.operations(selector=writes_what_exists)
def test_existing(
    operation: Operation,
    pool: IdPool,
    success_finder: SuccessFinder,
    client: ApiClient,
    record: Recorder,
    clock: TargetClock,
    pytestconfig: pytest.Config,
) -> None:
    """What exists and cannot be created reads as it was written; it gets its former values back."""
    reading = read_at(operation, record.contract)
    assert reading is not None
    order = Random(f"{run_options(pytestconfig).seed} {operation.label}")
    for values in pool.path_parameters(operation, limit=1):
        existing = ExistingResource(operation, reading, values, success_finder, pool, client, record, clock, order)
        existing.verify()
        _cover(record, operation, existing.changed, existing.unchanged)
        return
    pytest.skip("there is none on the target that may be written")


@pytest.mark.operations(selector=has_lifecycle)
def test_life(
    operation: Operation,
    lifecycle: ResourceLifecycle,
    profile: Profile,
    rotation: Rotation,
    pytestconfig: pytest.Config,
) -> None:
    """Items that are made, changed, replaced and removed in any order agree with a model of them.

    The resources take turns.
    """
    if not rotation.is_due(operation.label):
        pytest.skip(ANOTHER_SEED)
    # Played again, a sequence may be answered in another way: what was seen first counts.
    verify = Steady(lifecycle.verify, Exception)
    steps = st.tuples(st.sampled_from(lifecycle.steps), st.integers(0, 7))

    @seed(f"{run_options(pytestconfig).seed} {operation.label}")
    @settings(
        max_examples=profile.sequences,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(steps_run=st.lists(steps, min_size=_MOST_STEPS // 2, max_size=_MOST_STEPS))
    def run(steps_run: list[LifecycleStep]) -> None:
        verify([(CREATE, 0), (CREATE, 1), *steps_run])

    run()


def _cover(record: Recorder, operation: Operation, written: Collection[str], missing: Mapping[str, str]) -> None:
    """Record which fields were written with another value, and why the others were not."""
    for name in written:
        record.coverage.reach(operation.label, CoverageKind.CHANGED_FIELDS, name)
    for name, reason in missing.items():
        record.coverage.miss(operation.label, CoverageKind.CHANGED_FIELDS, name, reason)
