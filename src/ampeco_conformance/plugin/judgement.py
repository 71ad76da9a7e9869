"""What the findings of an item come to: each is judged before it counts, and an item fails only by violations."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.errors import ConfigurationError
from ampeco_conformance.findings import ContractViolation
from ampeco_conformance.judgement.judging import Judge
from ampeco_conformance.judgement.proof import Prover
from ampeco_conformance.judgement.strictness import STRICTNESS_FILE, Settings, load_settings
from ampeco_conformance.plugin.recording import RECORDER
from ampeco_conformance.plugin.selection import operation_of
from ampeco_conformance.tenants.client import ApiClient
from ampeco_conformance.tenants.probe import Probe

_SETTINGS = pytest.StashKey[Settings]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in the group of the suite."""
    group = parser.getgroup("conform", "AMPECO conformance")
    group.addoption("--strictness", type=Path, metavar="FILE", help=f"default: {STRICTNESS_FILE}, if there is one")
    group.addoption("--strict-verdict", action="store_true", help="drift fails the run (`--strict` of ./conform run)")


def configured_settings(config: pytest.Config) -> Settings:
    """What governs the checks of this run; ends the session with exit 2 and one line when the file is wrong."""
    if _SETTINGS not in config.stash:
        default = config.rootpath / STRICTNESS_FILE
        file = config.option.strictness or (default if default.exists() else None)
        try:
            config.stash[_SETTINGS] = load_settings(file, strict=config.option.strict_verdict)
        except ConfigurationError as error:
            pytest.exit(str(error), returncode=error.exit_code)
    return config.stash[_SETTINGS]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse a broken file before anything is tested."""
    configured_settings(session.config)


@pytest.fixture(scope="session")
def judge(pytestconfig: pytest.Config, client: ApiClient, contract: Contract, target_probe: Probe) -> Judge:
    """Judges the findings of this process."""
    prover = Prover(client, contract, is_emulator=target_probe.is_emulator)
    return Judge(configured_settings(pytestconfig), prover)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """A fixture that finds what is no violation cannot go on: the item is skipped."""
    with _judging(item, can_go_on=False):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """A contract test has done all it can when it tells its findings; a story stops at the first one."""
    with _judging(item, can_go_on=operation_of(item) is not None):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """What cleaning up finds is judged like everything else."""
    with _judging(item, can_go_on=True):
        yield


@contextmanager
def _judging(item: pytest.Item, *, can_go_on: bool) -> Generator[None, None, None]:
    try:
        yield
    except ContractViolation as raised:
        recorder = item.stash.get(RECORDER, None)
        if recorder is None:
            raise
        violations = recorder.violations(raised.findings)
        if violations:
            raise ContractViolation(violations).with_traceback(raised.__traceback__) from None
        if not can_go_on:
            pytest.skip(f"not told to its end, because {raised.findings[0].headline}")
