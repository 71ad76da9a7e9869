"""Fixtures of the scenarios, for those of this project and for those of its users.

A conftest makes them available below its folder: `from scenarios.fixtures import *`.
"""

from collections.abc import Callable, Iterator

import pytest

from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.urls import is_loopback
from ampeco_conformance.emulator_client.clock import RealClock, TargetClock
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import control_client
from ampeco_conformance.plugin.results import severity_of
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import Specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import SafetyPolicy
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.chargers import Chargers
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse, EvseFinder
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.reservations import Reservations
from scenarios.vocabulary.settings import Settings
from scenarios.vocabulary.subscriptions import Subscriptions
from scenarios.vocabulary.tags import Tags
from scenarios.vocabulary.tariffs import Tariffs
from scenarios.vocabulary.webhooks import ARRIVAL, ARRIVAL_HERE, Inbox, receiving


@pytest.fixture
def cleanup(client: ApiClient, specification: Specification) -> Iterator[Cleanup]:
    """Deletes what the scenario creates."""
    cleanup = Cleanup(client, specification)
    yield cleanup
    cleanup.now()


@pytest.fixture
def api(
    client: ApiClient,
    record: Recorder,
    specification: Specification,
    policy: SafetyPolicy,
    show_exchange: Callable[[Exchange], None],
    clock: TargetClock,
    request: pytest.FixtureRequest,
) -> ScenarioApi:
    """The API under contract."""
    return ScenarioApi(client, record, specification, policy, show_exchange, clock, severity_of(request.node))


@pytest.fixture
def drivers(api: ScenarioApi, target: Target, cleanup: Cleanup) -> Drivers:
    """Creates drivers."""
    return Drivers(api, target, cleanup)


@pytest.fixture
def driver(drivers: Drivers) -> Driver:
    """A driver who can pay."""
    return drivers.with_balance()


@pytest.fixture
def paid_evse(evse_finder: EvseFinder, tariffs: Tariffs, driver: Driver) -> Evse:
    """A free EVSE where this driver has to pay."""
    return evse_finder.free_evse(lambda evse: tariffs.has_price(evse, driver))


@pytest.fixture
def charging(api: ScenarioApi, clock: TargetClock, cleanup: Cleanup) -> Charging:
    """Starts, follows and stops sessions."""
    return Charging(api, clock, cleanup)


@pytest.fixture
def evse_finder(api: ScenarioApi, target: Target) -> EvseFinder:
    """Finds EVSEs."""
    return EvseFinder(api, target)


@pytest.fixture
def chargers(
    target: Target,
    evse_finder: EvseFinder,
    cleanup: Cleanup,  # noqa: ARG001 - what is cleaned up needs chargers that are as usual again
    target_probe: Probe,
) -> Iterator[Chargers]:
    """Makes chargers reject commands; restores them at the end."""
    with control_client(target) as client:
        chargers = Chargers(client, evse_finder, is_emulator=target_probe.is_emulator)
        yield chargers
        chargers.as_usual()


@pytest.fixture
def evse(evse_finder: EvseFinder) -> Evse:
    """A free EVSE."""
    return evse_finder.free_evse()


@pytest.fixture
def reservations(api: ScenarioApi, charging: Charging, cleanup: Cleanup) -> Reservations:
    """Creates and cancels reservations."""
    return Reservations(api, charging, cleanup)


@pytest.fixture
def tariffs(api: ScenarioApi, cleanup: Cleanup) -> Tariffs:
    """Finds and creates tariffs."""
    return Tariffs(api, cleanup)


@pytest.fixture
def operator_settings(api: ScenarioApi) -> Iterator[Settings]:
    """Changes settings of EVSEs for one scenario."""
    settings = Settings(api)
    yield settings
    settings.restore()


@pytest.fixture
def priced(charging: Charging, tariffs: Tariffs, operator_settings: Settings) -> PricedCharging:
    """Charges under tariffs of the scenario's own."""
    return PricedCharging(charging, tariffs, operator_settings)


@pytest.fixture
def tags(api: ScenarioApi, cleanup: Cleanup) -> Tags:
    """Creates id tags."""
    return Tags(api, cleanup)


@pytest.fixture
def inbox(target: Target, target_probe: Probe) -> Iterator[Inbox]:
    """A receiver that the target can reach: on loopback, or where the tenant's configuration says."""
    is_here = is_loopback(target.base_url or "")
    if not is_here and target.webhook_callback is None:
        pytest.skip("the target cannot reach this machine; give it an address under `webhook_callback`")
    longest = ARRIVAL if target_probe.is_emulator else ARRIVAL_HERE if is_here else target.patience
    port = None if target.webhook_callback is None else target.webhook_port
    with receiving(port, target.webhook_callback, min(longest, target.patience)) as inbox:
        yield inbox


@pytest.fixture
def subscriptions(
    api: ScenarioApi,
    record: Recorder,
    cleanup: Cleanup,
    client: ApiClient,
    target: Target,
    target_probe: Probe,
    inbox: Inbox,
) -> Subscriptions:
    """Subscriptions of the inbox."""
    return Subscriptions(api, record, cleanup, client, inbox, RealClock(target.patience, target_probe.clock_ahead))
