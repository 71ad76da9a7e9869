"""Every writable resource keeps what is written to it, and only that (see `checks/resources.py`).

Each write is tried on items made for it; `test_life` plays random sequences of all of them against a model. What a
sequence finds is proven by playing it again on fresh items.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.emulator_client.clock import EmulatorClock, RealClock
from ampeco_conformance.exercise.happy_path import Reacher
from ampeco_conformance.exercise.resource_lifecycle import Life, NothingToTry, Step
from ampeco_conformance.exercise.resource_type import CHANGE, CLEAR, CREATE, FORGE, REMOVE, REPLACE, Kind
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import SafetyPolicy

# What shows whether a write does what its method means.
STORIES: dict[str, list[Step]] = {
    "POST": [(CREATE, 0), (CREATE, 1)],
    "PATCH": [(CREATE, 0), (CREATE, 1), (CHANGE, 0), (CLEAR, 0), (FORGE, 1)],
    "PUT": [(CREATE, 0), (CREATE, 1), (REPLACE, 0)],
    "DELETE": [(CREATE, 0), (CREATE, 1), (REMOVE, 1), (CREATE, 0)],
}
_MEANT = {"POST": CREATE, "PATCH": CHANGE, "PUT": REPLACE, "DELETE": REMOVE}
_LIVES = 3
_LONGEST_LIFE = 8
# Times of changes are told in seconds.
_SECOND = 1.1


def writes_items(operation: Operation, contract: ApiContract) -> bool:
    """Whether the operation adds to a collection, or writes an item of one that the version can add to."""
    if operation.method not in STORIES or "/actions/" in operation.path:
        return False
    kind = Kind.of(contract, operation, lambda _: True)
    writing = (kind.create, kind.change, kind.replace, kind.remove)
    return kind.create is not None and operation in writing and (kind.read or kind.listing) is not None


def has_a_life(operation: Operation, contract: ApiContract) -> bool:
    """Whether items that the operation adds can be changed or removed."""
    is_creation = operation.method == "POST" and writes_items(operation, contract)
    return is_creation and len(Kind.of(contract, operation, lambda _: True).steps) > 1


@pytest.fixture
def pause(target: Target, target_probe: Probe) -> Iterator[Callable[[], None]]:
    """Lets a second pass on the target."""
    if not target_probe.is_emulator:
        yield lambda: RealClock(_SECOND).let_pass(_SECOND)
        return
    # The session's client sends nothing but what the target's safety level permits: the clock is none of its business.
    assert target.base_url is not None
    with ApiClient(target.base_url, target.token, timeout=target.timeout) as client:
        clock = EmulatorClock(client)
        yield lambda: clock.let_pass(_SECOND)


@pytest.fixture
def life(
    operation: Operation,
    contract: ApiContract,
    pool: IdPool,
    reacher: Reacher,
    client: ApiClient,
    record: Recorder,
    policy: SafetyPolicy,
    pause: Callable[[], None],
) -> Life:
    """The life of the operation's resource, below a parent that exists; skipped where there is none."""
    kind = Kind.of(contract, operation, lambda each: policy.refusal(each) is None)
    if kind.create is None:
        pytest.skip(f"safety {policy.safety}: nothing may be created to try it on")
    for parents in pool.path_parameters(kind.create, limit=1):
        return Life(kind, parents, reacher, pool, client, record, pause)
    pytest.skip("there is nothing on the target to create it under")


@pytest.mark.operations(selector=writes_items)
def test_write(operation: Operation, life: Life) -> None:
    """What is written reads back, is listed, leaves everything else as it was; what is removed is gone."""
    with _skipped_when_impossible():
        life.prove(STORIES[operation.method])
    if _MEANT[operation.method] not in life.taken:
        pytest.skip(f"not seen succeeding on an item made for it: {life.refused or 'it has no field to change'}")


@pytest.mark.operations(selector=has_a_life)
def test_life(operation: Operation, life: Life, pytestconfig: pytest.Config) -> None:
    """Items that are made, changed, replaced and removed in any order agree with a model of them."""
    steps = st.tuples(st.sampled_from(life.steps), st.integers(0, 7))

    @seed(f"{pytestconfig.option.seed} {operation.label}")
    @settings(
        max_examples=_LIVES,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(played=st.lists(steps, min_size=_LONGEST_LIFE // 2, max_size=_LONGEST_LIFE))
    def play(played: list[Step]) -> None:
        life.prove([(CREATE, 0), (CREATE, 1), *played])

    with _skipped_when_impossible():
        play()


@contextmanager
def _skipped_when_impossible() -> Iterator[None]:
    try:
        yield
    except NothingToTry as reason:
        pytest.skip(str(reason))
