"""An emulator for tests: a context manager, and the pytest fixture `emulator`.

A test module or conftest.py of yours says `pytest_plugins = ["ampeco_emulator.testing"]`, or a test `with Emulator()`.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Self

import httpx
import pytest

_TOKEN = "emulator-token"
_START = "2026-01-01T12:00:00Z"
# Seconds for which `webhooks` waits for the first attempts at most; each receiver has five.
_ATTEMPTED_WITHIN = 30.0


class Emulator:
    """An emulator on a free port of loopback, in a process of its own, for as long as the context lasts.

    Without a `clock` it lives in real time; with one, such as "2026-01-01T12:00:00Z", time is advanced by `advance`.
    `seed` is small, large, or the path of a JSON file. `webhooks` are the latest deliveries.
    """

    def __init__(self, version: str | None = None, seed: str = "small", clock: str | None = None) -> None:
        self.token = _TOKEN
        self.url = ""
        self._options = {"--api-version": version, "--seed": seed, "--clock": clock}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Start the emulator. Raises RuntimeError, with its message, when it does not start."""
        options = [part for name, value in self._options.items() if value is not None for part in (name, value)]
        command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--token", self.token, "--until-stdin-ends"]
        # A pipe that nobody reads would stop the emulator once it is full.
        errors = self._stack.enter_context(tempfile.TemporaryFile("w+"))
        process = subprocess.Popen(
            [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        self._stack.enter_context(process)
        self._stack.callback(process.terminate)
        assert process.stdout is not None
        first_line = process.stdout.readline()
        if not first_line:
            errors.seek(0)
            said = errors.read().strip()
            self._stack.close()
            raise RuntimeError(said)
        self.url = first_line.split()[-1]
        self._client = self._stack.enter_context(httpx.Client(base_url=self.url, timeout=30, trust_env=False))
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the emulator."""
        self._stack.close()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to the control plane, such as `control("GET", "/state")`.

        Raises httpx.HTTPStatusError, with the message of the emulator, when it is refused.
        """
        answer = self._client.request(method, f"/_emulator{path}", json=body)
        if answer.is_error:
            said = f"{method} {path}: {answer.status_code} {answer.text}"
            raise httpx.HTTPStatusError(said, request=answer.request, response=answer)
        return answer.json()

    def reset(self) -> None:
        """Return to the seeded state."""
        self.control("POST", "/reset")

    def advance(self, **duration: float) -> None:
        """Advance the clock, such as `advance(hours=1)`: the units are those of timedelta."""
        self.control("POST", "/clock", {"advance": timedelta(**duration).total_seconds()})

    def tap(self, id_tag: str, evse: int = 1) -> dict[str, Any]:
        """Tap an id tag at an EVSE: a session begins or ends, or the tag is rejected."""
        outcome: dict[str, Any] = self.control("POST", f"/evses/{evse}/tap", {"idTag": id_tag})
        return outcome

    def plug(self, evse: int = 1) -> None:
        """Plug a car in."""
        self.control("POST", f"/evses/{evse}/plug")

    def unplug(self, evse: int = 1) -> None:
        """Unplug the car, which ends the session."""
        self.control("POST", f"/evses/{evse}/unplug")

    @property
    def webhooks(self) -> list[dict[str, Any]]:
        """The latest deliveries, once each was attempted: event, payload, subscription, status, attempts."""
        deadline = time.monotonic() + _ATTEMPTED_WITHIN
        while True:
            deliveries: list[dict[str, Any]] = self.control("GET", "/deliveries")["data"]
            are_attempted = all(delivery["status"] != "pending" or delivery["attempts"] > 1 for delivery in deliveries)
            if are_attempted or time.monotonic() > deadline:
                return deliveries
            time.sleep(0.02)


@pytest.fixture(scope="session")
def emulator_process() -> Iterator[Emulator]:
    """One emulator for all tests, with a clock that the tests advance."""
    with Emulator(clock=_START) as emulator:
        yield emulator


@pytest.fixture
def emulator(emulator_process: Emulator) -> Emulator:
    """The emulator as it was seeded."""
    emulator_process.reset()
    return emulator_process
