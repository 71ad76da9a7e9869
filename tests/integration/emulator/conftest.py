"""Emulators for tests: real processes in strict mode with a fixed clock, reset before every test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.emulator import NOON, RunningEmulator, running
from tests.support.webhooks import Receiver, receiving


@pytest.fixture
def start() -> Iterator[Callable[..., RunningEmulator]]:
    """Starts emulators, and ends them after the test."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(running(*arguments))


@pytest.fixture(scope="session")
def served() -> Iterator[RunningEmulator]:
    with running("--clock", NOON) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: RunningEmulator) -> RunningEmulator:
    """An emulator as it was seeded."""
    served.control("POST", "/reset")
    served.control("PUT", "/defects", {"defect": None})
    return served


@pytest.fixture(scope="session")
def served_newest() -> Iterator[RunningEmulator]:
    with running("--clock", NOON, "--api-version", "3.110.0") as emulator:
        yield emulator


@pytest.fixture
def newest(served_newest: RunningEmulator) -> RunningEmulator:
    """An emulator of the newest documented version, as it was seeded."""
    served_newest.control("POST", "/reset")
    return served_newest


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
