"""Bad starts: one clear line, exit 2."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ampeco_emulator", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--api-version", "9.9.9"], "9.9.9"),
        (["--defect", "no-such-thing"], "no-such-thing"),
        (["--defect", "drop-field:GET /public-api/resources/user/v1.0:email"], "user/v1.0"),
        (["--seed", "enormous"], "enormous"),
        (["--clock", "yesterday"], "yesterday"),
        (["--port", "99999"], "99999"),
    ],
)
def test_a_bad_start_is_told_in_one_line(arguments: list[str], told: str) -> None:
    ended = run("--port", "0", *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run("--port", str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "--port" in ended.stderr


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 99}'])
def test_an_unreadable_state_file_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content)
    ended = run("--port", "0", "--state", str(path))
    assert ended.returncode == 2
    assert str(path) in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_defects_are_explained() -> None:
    ended = run("--list-defects")
    assert ended.returncode == 0
    assert len(ended.stdout.splitlines()) >= 60


def test_an_emulator_ends_with_a_run_that_is_killed() -> None:
    script = (
        "import os; from ampeco_conformance.emulator_client.process import running_emulator\n"
        "with running_emulator('ampeco', '3.90.0', 'token') as base_url: print(base_url, flush=True); os._exit(9)"
    )
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    host, _, port = killed.stdout.strip().removeprefix("http://").rpartition(":")
    for _ in range(200):
        with socket.socket() as connection:
            if connection.connect_ex((host, int(port))) != 0:
                return
        time.sleep(0.05)
    pytest.fail("the emulator still listens")
