"""The API under contract for tests of a user's own project, made of parts that no fixture there can replace."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import NotTestable
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.emulator_client.clock import TargetClock
from ampeco_conformance.http.access_tokens import access_tokens
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import guarded
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.results import severity_of
from ampeco_conformance.plugin.selection import configured_contract, configured_policy
from ampeco_conformance.plugin.target import clock_of, guard_of
from ampeco_conformance.plugin.triage import judge_of, load_rules
from ampeco_conformance.probe.probe import probe
from ampeco_conformance.recording.judge import Judge
from ampeco_conformance.recording.passing import PassingChecks
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.target.safety import NotPermitted, SafetyPolicy
from scenarios.vocabulary.api import ScenarioApi


@dataclass(slots=True)
class UserSession:
    """What the tests of one process share: a client of the target, and what judges its responses."""

    contract: ApiContract
    policy: SafetyPolicy
    client: ApiClient
    clock: TargetClock
    judge: Judge
    passing: PassingChecks
    recorder: Recorder | None = None

    def observe(self, exchange: Exchange) -> None:
        """Hand an exchange to the recorder of the test that is running."""
        if self.recorder is not None:
            self.recorder.observe(exchange)

    @contextmanager
    def api(self, item: pytest.Item) -> Iterator[ScenarioApi]:
        """The API for one test; a response that breaks the contract fails it."""
        self.recorder = Recorder(self.contract, self.judge, self.passing)
        judged = (self.client, self.recorder, self.contract.specification, self.policy)
        try:
            yield ScenarioApi(*judged, _show_nowhere, self.clock, severity_of(item))
            self.recorder.expect_nothing_in_passing()
        finally:
            self.recorder = None


@contextmanager
def user_session(config: pytest.Config, base_url: str | None) -> Iterator[UserSession]:
    """A session with the configured target, which is at `base_url` when no address is configured."""
    target, contract, policy = configured_target(config), configured_contract(config), configured_policy(config)
    target = replace(target, base_url=target.base_url or base_url)
    load_rules(config)
    found, guard = probe(target, contract.specification), guard_of(config, target, contract, policy)
    with guarded(target, contract, guard) as client, clock_of(target, found) as clock:
        judge = judge_of(config, client, contract, found)
        passing = PassingChecks(contract)
        access_tokens(target).tell(passing.learn)
        session = UserSession(contract, policy, client, clock, judge, passing)
        client.observe(session.observe)
        yield session


@contextmanager
def skipped_if_not_testable() -> Iterator[None]:
    """Skip a test when the target's safety level forbids a request, or a feature is switched off there."""
    try:
        yield
    except (NotPermitted, NotTestable) as reason:
        pytest.skip(str(reason))


def _show_nowhere(_exchange: Exchange) -> None:
    """No report is written."""
