"""Gives every item a recorder, and routes the exchanges of the session's client to it."""

from collections.abc import Iterator

import pytest

from ampeco_conformance.contract.features import TenantFeatures
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.coverage.recording import CoverageObserver
from ampeco_conformance.http.access_tokens import access_tokens
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.plugin.selection import configured_contract
from ampeco_conformance.recording.judge import Judge
from ampeco_conformance.recording.passing import PassingChecks
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.target.configuration import Target

RECORDER = pytest.StashKey[Recorder]()


class _ExchangeRouting:
    """Routes the exchanges of the session's client to the item that is running."""

    def __init__(self, client: ApiClient) -> None:
        self.recorder: Recorder | None = None
        client.observe(self)

    def __call__(self, exchange: Exchange) -> None:
        if self.recorder is not None:
            self.recorder.observe(exchange)


@pytest.fixture(scope="session")
def contract(pytestconfig: pytest.Config) -> ApiContract:
    """The contract of the version under test, compiled once per process."""
    return configured_contract(pytestconfig)


@pytest.fixture(scope="session")
def _exchange_routing(client: ApiClient) -> _ExchangeRouting:
    return _ExchangeRouting(client)


@pytest.fixture(scope="session")
def _passing_checks(contract: ApiContract, target: Target) -> PassingChecks:
    passing = PassingChecks(contract)
    access_tokens(target).tell(passing.learn)
    return passing


@pytest.fixture(scope="session")
def _coverage_observer(contract: ApiContract) -> CoverageObserver:
    return CoverageObserver(contract)


@pytest.fixture(scope="session")
def _features(target: Target) -> TenantFeatures:
    return TenantFeatures(target.api, target.features, target.not_enabled)


@pytest.fixture
def record(
    request: pytest.FixtureRequest,
    contract: ApiContract,
    judge: Judge,
    _passing_checks: PassingChecks,
    _coverage_observer: CoverageObserver,
    _features: TenantFeatures,
    _exchange_routing: _ExchangeRouting,
) -> Iterator[Recorder]:
    """The recorder of this item."""
    recorder = Recorder(contract, judge, _passing_checks, _coverage_observer, _features)
    request.node.stash[RECORDER] = recorder
    _exchange_routing.recorder = recorder
    yield recorder
    _exchange_routing.recorder = None
