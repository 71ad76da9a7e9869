"""`conform proxy` as a user starts and stops it."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ampeco_conformance.core.counting import counted
from tests.support.runs import conform

COMMAND = [sys.executable, "-m", "ampeco_conformance.cli.main", "proxy", "--api", "spirii", "--port", "0"]
HEADER = ["--header", "X-Gateway-Key: gateway-canary"]


@pytest.mark.parametrize(("path", "code"), [("/v1/charge-records", 0), ("/v1/charge-records?limt=3", 1)])
def test_ctrl_c_ends_it_with_a_summary_and_the_verdict(tmp_path: Path, path: str, code: int) -> None:
    with subprocess.Popen(
        [*COMMAND, *HEADER, "--reports", str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address is not None
        answer = httpx.get(address[0] + path, headers={"authorization": "Bearer emulator-token"}, trust_env=False)
        assert answer.status_code < 500
        process.send_signal(signal.SIGINT)
        said = process.stdout.read()
    assert process.returncode == code, said
    assert f"1 request: {counted(code, 'fault')} of the client, 0 faults of the target" in said
    assert "gateway-canary" not in (tmp_path / "index.html").read_text()


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = conform("proxy", "--api", "spirii", "--port", port, "--reports", str(tmp_path))
    assert code == 2
    assert "choose another --port" in said


def test_a_safety_level_that_would_limit_nothing_is_refused(tmp_path: Path) -> None:
    code, said = conform("proxy", "--api", "spirii", "--safety", "read-only", "--reports", str(tmp_path))
    assert (code, len(said.splitlines())) == (2, 1)
    assert "--safety does not limit a proxy" in said
