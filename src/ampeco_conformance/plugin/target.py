"""The target under test as fixtures, and the check at session start that it can be used."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import ConformError
from ampeco_conformance.emulator_client.clock import EmulatorClock, RealClock, TargetClock
from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import control_client, guarded
from ampeco_conformance.http.journal import Journal, open_journal
from ampeco_conformance.http.ownership import run_tag
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.plugin.budget import budget_of, limits_of
from ampeco_conformance.plugin.har_export import exporter
from ampeco_conformance.plugin.masking import tenant_data
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.selection import configured_policy, configured_specification
from ampeco_conformance.probe.probe import Probe, probe
from ampeco_conformance.specs import Specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import SafetyPolicy

#: What a target that is not the embedded emulator says about itself.
PROBE = pytest.StashKey[Probe]()


def pytest_sessionstart(session: pytest.Session) -> None:
    """End the session with one line and the exit code if the target cannot be used."""
    option = run_options(session.config)
    is_worker = hasattr(session.config, "workerinput")
    if not is_worker and not session.config.option.collectonly and (option.tenant or option.base_url):
        limits_of(session.config)
        session.config.stash[PROBE] = _probed(session.config, configured_target(session.config))


def _probed(config: pytest.Config, target: Target) -> Probe:
    try:
        return probe(target, configured_specification(config))
    except ConformError as error:
        pytest.exit(str(error), returncode=error.exit_code)


@pytest.fixture(scope="session")
def specification(pytestconfig: pytest.Config) -> Specification:
    """The specification of the version under test."""
    return configured_specification(pytestconfig)


@pytest.fixture(scope="session")
def target(pytestconfig: pytest.Config) -> Iterator[Target]:
    """The target under test, with its address; starts the embedded emulator when no other target is named."""
    target = configured_target(pytestconfig)
    if target.base_url is not None:
        yield target
        return
    option = run_options(pytestconfig)
    with running_emulator(target.api, target.api_version, target.token, option.defect, option.variant) as base_url:
        yield dataclasses.replace(target, base_url=base_url)


@pytest.fixture(scope="session")
def policy(pytestconfig: pytest.Config) -> SafetyPolicy:
    """What may be sent to the target."""
    return configured_policy(pytestconfig)


@pytest.fixture(scope="session")
def target_probe(target: Target, specification: Specification) -> Probe:
    """What the target reports about itself: whether it is an emulator, and its application version."""
    return probe(target, specification)


@pytest.fixture(scope="session")
def clock(target: Target, target_probe: Probe) -> Iterator[TargetClock]:
    """The time of the target: virtual on an emulator, real elsewhere."""
    with clock_of(target, target_probe) as clock:
        yield clock


@contextmanager
def clock_of(target: Target, target_probe: Probe) -> Iterator[TargetClock]:
    """The time of a target whose address is known."""
    if not target_probe.is_emulator:
        yield RealClock(target.patience, target_probe.clock_ahead)
        return
    with control_client(target) as client:
        yield EmulatorClock(client)


@pytest.fixture(scope="session")
def guard(pytestconfig: pytest.Config, contract: ApiContract, policy: SafetyPolicy, target: Target) -> Guard:
    """Enforces the target's safety level; a shared target gets a journal too."""
    return guard_of(pytestconfig, target, contract, policy)


def guard_of(config: pytest.Config, target: Target, contract: ApiContract, policy: SafetyPolicy) -> Guard:
    """The guard of a target whose address is known."""
    is_shared = configured_target(config).base_url is not None
    if not is_shared:
        return Guard(policy, contract, own_hosts=target.own_hosts)
    tag = run_tag(run_options(config).run_id)
    return Guard(policy, contract, _journal(config, target), target.own_hosts, tag, target.test_equipment)


def _journal(config: pytest.Config, target: Target) -> Journal:
    worker = getattr(config, "workerinput", {}).get("workerid", "main")
    return open_journal(run_options(config).reports, target, run_options(config).run_id, worker)


@pytest.fixture(scope="session")
def client(pytestconfig: pytest.Config, contract: ApiContract, target: Target, guard: Guard) -> Iterator[ApiClient]:
    """The HTTP client of the session; deletes at its end everything that was created on a shared target."""
    with guarded(target, contract, guard, budget_of(pytestconfig)) as client:
        if (data := tenant_data(pytestconfig)) is not None:
            client.observe(data.observe)
        if (export := exporter(pytestconfig)) is not None:
            client.observe(export)
        yield client
