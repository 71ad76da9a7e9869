"""What the contract tests share: the resource pool and the examiner of operations, one per process."""

import pytest

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.generation.cases import CaseGenerator
from ampeco_conformance.generation.examination import ON_EMULATOR, ON_TENANT, Examiner
from ampeco_conformance.generation.reaching import Reacher
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.tenants.client import ApiClient
from ampeco_conformance.tenants.configuration import Target
from ampeco_conformance.tenants.pool import ResourcePool
from ampeco_conformance.tenants.probe import Probe
from ampeco_conformance.tenants.resources import ResourceMap
from ampeco_conformance.tenants.safety import Policy
from ampeco_conformance.tenants.sweeping import run_tag


@pytest.fixture(scope="session")
def pool(contract: Contract, client: ApiClient, policy: Policy, target: Target) -> ResourcePool:
    """The ids that exist on the target."""
    return ResourcePool(ResourceMap(contract), client, policy, target.ids)


@pytest.fixture(scope="session")
def reacher(pytestconfig: pytest.Config, contract: Contract, pool: ResourcePool, client: ApiClient) -> Reacher:
    """Sees operations succeed with plain valid requests; on a shared target what they create carries the run's name."""
    is_shared = configured_target(pytestconfig).base_url is not None
    return Reacher(contract, pool, client, prefix=run_tag(pytestconfig.option.run_id) if is_shared else "conform")


@pytest.fixture(scope="session")
def cases(pytestconfig: pytest.Config, contract: Contract, pool: ResourcePool) -> CaseGenerator:
    """Schemathesis' cases for every operation, by the seed of the run."""
    return CaseGenerator(contract.specification, pool, pytestconfig.option.seed)


@pytest.fixture(scope="session")
def examiner(
    client: ApiClient, pool: ResourcePool, reacher: Reacher, cases: CaseGenerator, target_probe: Probe
) -> Examiner:
    """Examines one operation after the other; a tenant is spared most of the effort an emulator gets."""
    return Examiner(client, pool, reacher, cases, ON_EMULATOR if target_probe.is_emulator else ON_TENANT)
