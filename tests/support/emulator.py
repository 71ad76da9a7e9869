"""A real emulator process in strict mode, and what tests ask of it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.support.loopback import NO_TLS

TOKEN = "a-test-token"
NOON = "2026-06-01T12:00:00Z"
PREFIX = "/public-api"


class RunningEmulator:
    """A running emulator, and what tests ask of it."""

    def __init__(self, process: "subprocess.Popen[str]", client: httpx.Client) -> None:
        self.process = process
        self.client = client

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(PREFIX + path, params=query)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.client.post(PREFIX + path, json=body) if body is not None else self.client.post(PREFIX + path)

    def create(self, path: str, body: dict[str, Any]) -> int:
        """Create a resource; its id."""
        answer = self.post(f"/resources/{path}", body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["data"]["id"])

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
def running(*arguments: str) -> Iterator[RunningEmulator]:
    command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--token", TOKEN, "--strict", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False, verify=NO_TLS) as client:
            try:
                yield RunningEmulator(process, client)
            finally:
                process.terminate()
