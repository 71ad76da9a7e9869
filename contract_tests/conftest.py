"""What the contract tests share: the resource pool and the examiner of operations, one per process."""

from collections.abc import Iterator

import pytest

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.generation.cases import CaseGenerator
from ampeco_conformance.generation.examination import ON_EMULATOR, ON_TENANT, Examiner
from ampeco_conformance.generation.reaching import Reacher
from ampeco_conformance.tenants.client import ApiClient
from ampeco_conformance.tenants.configuration import Target
from ampeco_conformance.tenants.pool import ResourcePool
from ampeco_conformance.tenants.probe import Probe
from ampeco_conformance.tenants.resources import ResourceMap
from ampeco_conformance.tenants.safety import Policy


@pytest.fixture(scope="session")
def pool(
    pytestconfig: pytest.Config,
    contract: Contract,
    client: ApiClient,
    policy: Policy,
    target: Target,
    target_probe: Probe,
) -> Iterator[ResourcePool]:
    """The ids that exist on the target. What the run created there is removed at its end, or listed as left behind."""
    pool = ResourcePool(ResourceMap(contract), client, policy, target.ids)
    yield pool
    if not target_probe.is_emulator and (left := pool.remove_created()):
        with (pytestconfig.option.reports / "left-behind.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{path}\n" for path in left)


@pytest.fixture(scope="session")
def reacher(contract: Contract, pool: ResourcePool, client: ApiClient) -> Reacher:
    """Sees operations succeed with plain valid requests."""
    return Reacher(contract, pool, client, prefix="conform")


@pytest.fixture(scope="session")
def examiner(
    pytestconfig: pytest.Config,
    contract: Contract,
    client: ApiClient,
    pool: ResourcePool,
    reacher: Reacher,
    target_probe: Probe,
) -> Examiner:
    """Examines one operation after the other; a tenant is spared most of the effort an emulator gets."""
    cases = CaseGenerator(contract.specification, pool, pytestconfig.option.seed)
    return Examiner(client, pool, reacher, cases, ON_EMULATOR if target_probe.is_emulator else ON_TENANT)
