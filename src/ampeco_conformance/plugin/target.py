"""The target under test as fixtures, and the check before anything is sent that it can be used."""

import dataclasses
from collections.abc import Iterator

import pytest

from ampeco_conformance.errors import ConformError
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.selection import configured_contract, configured_policy, configured_specification
from ampeco_conformance.specs import Specification
from ampeco_conformance.tenants.client import ApiClient
from ampeco_conformance.tenants.configuration import Safety, Target
from ampeco_conformance.tenants.emulator import running_emulator
from ampeco_conformance.tenants.guard import Guard
from ampeco_conformance.tenants.probe import Probe, probe
from ampeco_conformance.tenants.safety import Policy


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse a target that cannot be used before anything is collected, with one line and the exit code."""
    option = session.config.option
    is_worker = hasattr(session.config, "workerinput")
    if not is_worker and (option.tenant or option.base_url):
        _probed(session.config, configured_target(session.config))


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
    """The target under test, with an address: the embedded emulator is started when no other is named."""
    target = configured_target(pytestconfig)
    if target.base_url is not None:
        yield target
        return
    with running_emulator(target.api, target.api_version, target.token, pytestconfig.option.defect) as base_url:
        yield dataclasses.replace(target, base_url=base_url)


@pytest.fixture(scope="session")
def policy(pytestconfig: pytest.Config) -> Policy:
    """What may be sent to the target."""
    return configured_policy(pytestconfig)


@pytest.fixture(scope="session")
def target_probe(target: Target, specification: Specification) -> Probe:
    """What the target told of itself: is it an emulator, which application version?"""
    return probe(target, specification)


def _guard(config: pytest.Config, target: Target) -> Guard | None:
    """Nothing needs to be guarded on an emulator that is thrown away at the end."""
    if configured_target(config).base_url is None and target.safety is Safety.FULL:
        return None
    return Guard(configured_policy(config), configured_contract(config))


@pytest.fixture(scope="session")
def client(pytestconfig: pytest.Config, target: Target) -> Iterator[ApiClient]:
    """The HTTP client of the session, which keeps the target's safety level.

    The quota belongs to the token, so parallel workers share it out.
    """
    assert target.base_url is not None
    workers = int(getattr(pytestconfig, "workerinput", {}).get("workercount", 1))
    pace = target.requests_per_minute
    with ApiClient(
        target.base_url,
        target.token,
        timeout=target.timeout,
        requests_per_minute=None if pace is None else max(1, pace // workers),
        gate=_guard(pytestconfig, target),
    ) as client:
        yield client
