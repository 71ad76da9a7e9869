"""What the contract tests share: the resource pool and the operation runner, one per process."""

import pytest

from ampeco_conformance.apis import describe
from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.profiles import PROFILES, Profile
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.emulator_client.clock import TargetClock
from ampeco_conformance.exercise.action_effect import ActionEffects
from ampeco_conformance.exercise.field_trials import FieldTrials
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.exercise.operation import OperationRunner
from ampeco_conformance.generate.cases import CaseGenerator
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.ownership import run_tag
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Operation
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import SafetyPolicy

pytest_plugins = ["ampeco_conformance.plugin"]


@pytest.fixture(scope="session")
def pool(contract: ApiContract, client: ApiClient, policy: SafetyPolicy, target: Target, clock: TargetClock) -> IdPool:
    """The ids that exist on the target."""
    return IdPool(ResourceMap(contract), client, policy, target.ids, target.test_equipment, now=clock.roughly)


@pytest.fixture(scope="session")
def tag(pytestconfig: pytest.Config) -> str | None:
    """The prefix of the names of everything that the run creates on a shared target."""
    is_shared = configured_target(pytestconfig).base_url is not None
    return run_tag(run_options(pytestconfig).run_id) if is_shared else None


@pytest.fixture(scope="session")
def success_finder(
    contract: ApiContract, pool: IdPool, client: ApiClient, tag: str | None, clock: TargetClock
) -> SuccessFinder:
    """Finds a successful request for each operation."""
    return SuccessFinder(contract, pool, client, prefix=tag or "conform", now=clock.roughly)


@pytest.fixture(scope="session")
def field_trials(contract: ApiContract, pool: IdPool, success_finder: SuccessFinder, target: Target) -> FieldTrials:
    """Tries the fields of bodies that were accepted without them."""
    dependencies = describe(target.api).fields.with_features(target.features)
    return FieldTrials(contract, pool, success_finder, dependencies)


@pytest.fixture(scope="session")
def cases(pytestconfig: pytest.Config, contract: ApiContract, pool: IdPool, tag: str | None) -> CaseGenerator:
    """Generates Schemathesis' cases for every operation, from the seed of the run."""
    return CaseGenerator(contract, pool, run_options(pytestconfig).seed, tag)


@pytest.fixture(scope="session")
def operation_runner(
    client: ApiClient,
    pool: IdPool,
    success_finder: SuccessFinder,
    field_trials: FieldTrials,
    contract: ApiContract,
    cases: CaseGenerator,
    rotation: Rotation,
) -> OperationRunner:
    """Tests one operation after the other."""
    return OperationRunner(
        client, pool, success_finder, field_trials, ActionEffects(contract, success_finder, client), cases, rotation
    )


@pytest.fixture(scope="session")
def profile(pytestconfig: pytest.Config) -> Profile:
    """How much of the suite the run includes."""
    return PROFILES[run_options(pytestconfig).profile]


@pytest.fixture(scope="session")
def rotation(profile: Profile, seed: int) -> Rotation:
    """What takes turns over the seeds."""
    return Rotation(seed, profile.seeds)


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """The seed of the run: what does not fit into one run is rotated by it."""
    seed: int = run_options(pytestconfig).seed
    return seed


@pytest.fixture
def listing(operation: Operation, pool: IdPool, client: ApiClient, record: Recorder) -> Listing:
    """The listing under test, skipped when the resource it belongs to does not exist."""
    path = pool.path(operation)
    if path is None:
        pytest.skip(pool.absence(operation))
    return Listing(operation, path, client, record)
