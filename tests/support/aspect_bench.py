"""The contract tests in this process, one item at a time, against a server of the test's own."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

from ampeco_conformance.contract.path_templates import fill
from ampeco_conformance.contract.resource_map import ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.core.rotation import Rotation
from ampeco_conformance.emulator_client.control import new_token
from ampeco_conformance.exercise.happy_path import SuccessFinder
from ampeco_conformance.exercise.listing import Listing
from ampeco_conformance.exercise.partner_tokens import PartnerTokens
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.probe.probe import Probe
from ampeco_conformance.recording.passing import PassingChecks
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.target.configuration import LimitedAccess, Permission, Safety, Target
from ampeco_conformance.target.safety import SafetyPolicy
from tests.support.emulator import TOKEN
from tests.support.scripted_target import judge_of


class AspectBench:
    """Runs items of the contract tests; what a run would share between items lasts as long as the bench."""

    def __init__(
        self,
        contract: ApiContract,
        client: ApiClient,
        policy: SafetyPolicy,
        *,
        is_emulator: bool,
        limited: LimitedAccess | None = None,
        app_version: str | None = None,
    ) -> None:
        self._contract = contract
        self._client = client
        self._record: Recorder | None = None
        self._is_emulator = is_emulator
        self._passing = PassingChecks(contract, TOKEN)
        client.observe(self._observe)
        pool = IdPool(ResourceMap(contract), client, policy, {})
        self._pool = pool
        self._fixtures: dict[str, Callable[[], Any]] = {
            "client": lambda: client,
            "listing": self._listing,
            "contract": lambda: contract,
            "policy": lambda: policy,
            "pool": lambda: pool,
            "record": lambda: self._record,
            "seed": lambda: 0,
            "rotation": lambda: Rotation(0, 1),
            "success_finder": lambda: finder,
            "target": lambda: Target("bench", "ampeco", "3.90.0", client.base_url, TOKEN, policy.safety),
            "target_probe": lambda: Probe(is_emulator, app_version),
            "partners": lambda: PartnerTokens(client, limited),
            "a_partner": lambda: PartnerTokens(client, limited).any(),
            "reader": lambda: new_token(client, role="read-only"),
            "outsider": lambda: new_token(client, role="no-access"),
        }
        finder = SuccessFinder(contract, pool, client, prefix="conform")

    def findings(self, test: str, label: str) -> list[Finding]:
        """The violations that `test_errors::test_unknown_id` finds in an operation, reproduced as in a run.

        Skips the caller where the item skips.
        """
        module, _, function = test.partition("::")
        item = getattr(import_module(f"contract_tests.{module}"), function)
        self._operation = operation = self._contract.specification.operation(label)
        judge = judge_of(self._client, self._contract, is_emulator=self._is_emulator)
        self._record = record = Recorder(self._contract, judge, self._passing)
        names = [name for name in inspect.signature(item).parameters if name != "operation"]
        try:
            item(operation=operation, **{name: self._fixtures[name]() for name in names})
            record.expect_nothing_in_passing()
        except ContractViolation as raised:
            return record.violations(raised.findings)
        except TargetError:
            try:
                record.expect_nothing_in_passing()
            except ContractViolation as raised:
                return record.violations(raised.findings)
            raise
        return []

    @property
    def notes(self) -> list[str]:
        """What the last item noted."""
        return self._record.notes if self._record is not None else []

    def checks(self, test: str, label: str) -> list[str]:
        """The ids of the checks whose violations the item finds, each once."""
        return sorted({finding.check for finding in self.findings(test, label)})

    def _listing(self) -> Listing:
        assert self._record is not None
        values = next(self._pool.path_parameters(self._operation, limit=1))
        return Listing(self._operation, fill(self._operation.path, values), self._client, self._record)

    def _observe(self, exchange: Exchange) -> None:
        if self._record is not None:
            self._record.observe(exchange)


@contextmanager
def aspect_bench(
    base_url: str,
    contract: ApiContract,
    safety: Safety = Safety.FULL,
    *,
    is_emulator: bool = True,
    limited: LimitedAccess | None = None,
    app_version: str | None = None,
) -> Iterator[AspectBench]:
    """A bench at a server."""
    policy = SafetyPolicy(safety, Permission, contract.specification.operations)
    with ApiClient(base_url, TOKEN, timeout=10, gate=Guard(policy, contract)) as client:
        yield AspectBench(contract, client, policy, is_emulator=is_emulator, limited=limited, app_version=app_version)


def skipped(item: Callable[[], object]) -> str:
    """Why an item skips; empty when it does not."""
    try:
        item()
    except pytest.skip.Exception as reason:
        return str(reason)
    return ""
