"""What the contract tests share: the resource pool and the examiner of operations, one per process."""

import pytest

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.generation.cases import CaseGenerator
from ampeco_conformance.generation.examination import Effort, Examiner
from ampeco_conformance.generation.reaching import Reacher
from ampeco_conformance.tenants.client import ApiClient
from ampeco_conformance.tenants.configuration import Target
from ampeco_conformance.tenants.pool import ResourcePool
from ampeco_conformance.tenants.resources import ResourceMap


@pytest.fixture(scope="session")
def pool(contract: Contract, client: ApiClient, target: Target) -> ResourcePool:
    """The ids that exist on the target."""
    return ResourcePool(ResourceMap(contract), client, target.ids)


@pytest.fixture(scope="session")
def reacher(contract: Contract, pool: ResourcePool, client: ApiClient) -> Reacher:
    """Sees operations succeed with plain valid requests."""
    return Reacher(contract, pool, client, prefix="conform")


@pytest.fixture(scope="session")
def examiner(
    pytestconfig: pytest.Config, contract: Contract, client: ApiClient, pool: ResourcePool, reacher: Reacher
) -> Examiner:
    """Examines one operation after the other."""
    cases = CaseGenerator(contract.specification, pool, pytestconfig.option.seed)
    return Examiner(client, pool, reacher, cases, Effort())
