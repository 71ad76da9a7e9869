"""The plugin for tests of a user's own project, which the entry point of the package loads into pytest sessions there.

It adds the fixtures `api` and `emulator`, and the options of a run as `--conform-tenant`, `--conform-api-version` and
so on. A folder `conformance` gets the vocabulary of the scenarios once its conftest imports `scenarios.fixtures`; that
folder is also part of `conform run`. Whatever is expensive is imported when a test needs it.
"""

import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ampeco_conformance.core.errors import ConformError
from ampeco_conformance.core.project import OWN_SCENARIOS, PROJECT
from ampeco_conformance.plugin.option_table import options_of
from ampeco_conformance.plugin.option_values import Program
from ampeco_conformance.plugin.options import add_options, configured_target, run_options
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN

if TYPE_CHECKING:
    from ampeco_conformance.plugin.user_session import UserSession
    from scenarios.vocabulary.api import ScenarioApi

_SUITE = "ampeco_conformance.plugin"
#: The parts of the suite's plugin that scenarios need; the others write the reports of a run.
_FOR_SCENARIOS = ("target", "selection", "permission", "recording", "triage", "no_report")


@dataclass(frozen=True, slots=True)
class EmulatorAddress:
    """A running emulator: its address, without the path prefix of the API, and what authenticates a client."""

    api: str
    api_version: str
    base_url: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers of an authenticated request."""
        return {"authorization": f"Bearer {self.token}"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, under names that no other plugin has; make the vocabulary of the scenarios importable.

    pytest imports the conftests of files named on its command line before it configures plugins.
    """
    if str(PROJECT) not in sys.path:
        sys.path.append(str(PROJECT))
    group = parser.getgroup("conform", "AMPECO conformance")
    add_options(group, options_of(Program.PYTEST), prefix="--conform-")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Load the plugin's parts for a folder `conformance`."""
    if config.pluginmanager.has_plugin(_SUITE):
        return
    config.addinivalue_line("markers", "severity(level): how severe a broken rule of a scenario is, in Allure's terms")
    config.pluginmanager.import_plugin(f"{_SUITE}.options")
    for folder in (config.rootpath / OWN_SCENARIOS.name, config.invocation_params.dir / OWN_SCENARIOS.name):
        if (folder / "conftest.py").is_file():
            _load_for_scenarios(config, folder)
            return


def _load_for_scenarios(config: pytest.Config, folder: Path) -> None:
    from ampeco_conformance.plugin.selection import SCOPE

    config.stash[SCOPE] = folder
    for name in _FOR_SCENARIOS:
        config.pluginmanager.import_plugin(f"{_SUITE}.{name}")


@contextmanager
def _exit_in_one_line() -> Iterator[None]:
    """End the session with one line when an option is wrong or the target cannot be reached."""
    try:
        yield
    except ConformError as error:
        pytest.exit(str(error), returncode=error.exit_code)


@pytest.fixture(scope="session")
def _conform_emulator(pytestconfig: pytest.Config) -> Iterator[EmulatorAddress]:
    from ampeco_conformance.emulator_client.process import running_emulator
    from ampeco_conformance.plugin.selection import configured_specification

    configured_specification(pytestconfig)
    target, option = configured_target(pytestconfig), run_options(pytestconfig)
    token = DEFAULT_TOKEN if target.base_url is not None else target.token
    with (
        _exit_in_one_line(),
        running_emulator(target.api, target.api_version, token, option.defect, option.variant) as base_url,
    ):
        yield EmulatorAddress(target.api, target.api_version, base_url, token)


@pytest.fixture(scope="session")
def emulator(_conform_emulator: EmulatorAddress) -> EmulatorAddress:
    """An emulator for any client: `emulator.base_url`, `emulator.token`, `emulator.headers`."""
    return _conform_emulator


@pytest.fixture(scope="session")
def _conform_session(request: pytest.FixtureRequest) -> Iterator["UserSession"]:
    from ampeco_conformance.plugin.user_session import user_session

    config = request.config
    is_named = configured_target(config).base_url is not None
    embedded = None if is_named else request.getfixturevalue("_conform_emulator").base_url
    with _exit_in_one_line(), user_session(config, embedded) as session:
        yield session


@pytest.fixture
def api(request: pytest.FixtureRequest, _conform_session: "UserSession") -> Iterator["ScenarioApi"]:
    """The API under contract: of the tenant that the options name, else of the emulator."""
    with _conform_session.api(request.node) as api:
        yield api


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Skip a test with what the target does not let it do."""
    with ExitStack() as stack:
        if "_conform_session" in getattr(item, "fixturenames", ()):
            from ampeco_conformance.plugin.user_session import skipped_if_not_testable

            stack.enter_context(skipped_if_not_testable())
        yield
