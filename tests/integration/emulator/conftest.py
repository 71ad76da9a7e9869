"""A real emulator process in strict mode, with a clock that stands still until it is told to move."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

TOKEN = "a-test-token"
NOON = "2026-06-01T12:00:00Z"
PREFIX = "/public-api"


class Emulator:
    """A running emulator, and what tests ask of it."""

    def __init__(self, process: "subprocess.Popen[str]", client: httpx.Client) -> None:
        self.process = process
        self.client = client

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(PREFIX + path, params=query)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.client.post(PREFIX + path, json=body) if body is not None else self.client.post(PREFIX + path)

    def data(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return body.get("data", body)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.request(method, f"/_emulator{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("POST", "/clock", {"advance": seconds})

    def new_user(self, balance: float = 100.0, **fields: Any) -> int:
        number = len(self.data("/resources/users/v1.0", per_page=100))
        body = {"email": f"user-{number}-{id(fields)}@example.com", "password": "Secret-1-word", **fields}
        user = int(self.post("/resources/users/v1.0", body).json()["data"]["id"])
        if balance:
            self.post(f"/actions/users/v1.0/{user}/add-balance", {"amount": balance, "reason": "test"})
        return user


@contextmanager
def running(*arguments: str) -> Iterator[Emulator]:
    command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--token", TOKEN, "--strict", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client:
            try:
                yield Emulator(process, client)
            finally:
                process.terminate()


@pytest.fixture
def start() -> Iterator[Callable[..., Emulator]]:
    """Starts emulators, and ends them after the test."""
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(running(*arguments))


@pytest.fixture(scope="session")
def served() -> Iterator[Emulator]:
    with running("--clock", NOON) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    """An emulator as it was seeded."""
    served.control("POST", "/reset")
    served.control("PUT", "/defects", {"defect": None})
    return served


@pytest.fixture(scope="session")
def served_newest() -> Iterator[Emulator]:
    with running("--clock", NOON, "--api-version", "3.110.0") as emulator:
        yield emulator


@pytest.fixture
def newest(served_newest: Emulator) -> Emulator:
    """An emulator of the newest documented version, as it was seeded."""
    served_newest.control("POST", "/reset")
    return served_newest


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    return tmp_path / "state.json"
