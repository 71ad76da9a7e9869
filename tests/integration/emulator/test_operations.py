"""What an operator of the emulator relies on: the state file, ctrl-C, the token of the control plane, limits."""

import functools
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ampeco_emulator.__main__ import main
from tests.support.emulator import PREFIX, RunningEmulator

#: What a killed and an interrupted process leave is looked at.
STARTS_REAL_PROCESSES = True
TAXES = "/resources/taxes/v2.0"


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Gives the line with which an emulator refuses to start."""

    def refused(*arguments: str) -> str:
        assert main(["--port", "0", *arguments]) == 2
        written = capsys.readouterr()
        assert (written.out, written.err.count("\n")) == ("", 1), written
        return written.err

    return refused


def test_the_state_survives_a_kill_and_the_control_plane_asks_for_its_token(
    start: Callable[..., RunningEmulator], state_file: Path, refusal: Callable[..., str]
) -> None:
    first = start("--state", str(state_file))
    tax = first.post(TAXES, {"name": "Kept", "percentage": 7}).json()["data"]["id"]
    deadline = time.monotonic() + 20
    while b'"Kept"' not in state_file.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert state_file.stat().st_mode & 0o077 == 0
    assert "another emulator" in refusal("--state", str(state_file))
    first.process.send_signal(signal.SIGKILL)
    first.process.wait(10)
    second = start("--state", str(state_file), "--control-token", "let-me-in")
    assert second.client.get("/_emulator/state").status_code == 401
    assert second.client.get("/_emulator/clock", headers={"Authorization": "Bearer let-me-in"}).status_code == 200
    assert second.data(f"{TAXES}/{tax}")["name"] == "Kept"
    # What no timer saved is saved at the end.
    second.post(TAXES, {"name": "Late", "percentage": 7})
    second.process.send_signal(signal.SIGTERM)
    second.process.wait(10)
    assert b'"Late"' in state_file.read_bytes()


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '{"format": 1',
        "",
        json.dumps({"format": 1, "apiVersion": "3.90.0", "clockOffset": 0, "schedule": [], "families": {}}),
        json.dumps(
            {
                "format": 1,
                "apiVersion": "3.90.0",
                "clockOffset": 0,
                "schedule": [],
                "families": {"users": {"lastId": 1, "records": [{"id": "x", "fields": [], "parents": 7, "state": {}}]}},
                "singles": {},
                "running": [],
            }
        ),
    ],
)
def test_an_odd_state_file_is_refused_with_one_line(
    state_file: Path, content: str, refusal: Callable[..., str]
) -> None:
    state_file.write_text(content)
    assert str(state_file) in refusal("--api-version", "3.90.0", "--state", str(state_file))
    assert state_file.read_text() == content


def test_a_state_file_that_cannot_be_written_is_refused_with_one_line(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    (tmp_path / "file").touch()
    assert "cannot write" in refusal("--state", str(tmp_path / "file" / "state.json"))


def test_the_emulator_ends_with_one_line_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--host", "0.0.0.0"]
    # A shell's job in the background ignores it, and so would what it starts.
    hear = functools.partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        # The control plane is open, and other machines can reach it.
        assert "--control-token" in process.stderr.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr.read() == "ampeco_emulator: stopped\n"


def test_a_large_body_is_refused(emulator: RunningEmulator) -> None:
    def parts() -> object:
        for _ in range(11):
            yield b" " * 1_000_000

    for content in (b" " * 11_000_000, parts()):
        answer = emulator.client.post(PREFIX + TAXES, content=content)  # type: ignore[arg-type]
        assert answer.status_code == 413
    assert emulator.get(TAXES).status_code == 200


def test_idle_connections_give_way(emulator: RunningEmulator) -> None:
    address = httpx.URL(str(emulator.client.base_url))
    idle = [socket.create_connection((address.host, address.port or 80)) for _ in range(520)]
    try:
        assert emulator.get(TAXES).status_code == 200
    finally:
        for connection in idle:
            connection.close()
