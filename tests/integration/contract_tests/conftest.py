"""An emulator, and the contract tests in this process to run against it."""

from collections.abc import Callable, Iterator

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import load_specification
from tests.support.aspect_bench import AspectBench, aspect_bench
from tests.support.emulator import NOON, RunningEmulator, running


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker that the plugin of a run declares: the files of the contract tests are imported here."""
    config.addinivalue_line("markers", "operations: the operations that a contract test is applied to")


@pytest.fixture(scope="session")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


@pytest.fixture(scope="session")
def served() -> Iterator[RunningEmulator]:
    with running("--clock", NOON) as emulator:
        emulator.control("PATCH", "/settings", {"strict": False})
        yield emulator


@pytest.fixture
def bench(served: RunningEmulator, contract: ApiContract) -> Iterator[AspectBench]:
    """A bench at the emulator as it was seeded."""
    served.control("POST", "/reset")
    with aspect_bench(str(served.client.base_url), contract) as bench:
        yield bench
    served.control("PUT", "/defects", {"defect": None})


@pytest.fixture
def with_defect(served: RunningEmulator) -> Callable[[str], None]:
    """Switches a defect of the emulator on."""
    return lambda name: served.control("PUT", "/defects", {"defect": name})
