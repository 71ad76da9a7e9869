"""A run that is interrupted again while it ends, after its start: tests/e2e/cli/test_run.py has interrupted starts."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode
from tests.support.runs import conform


@pytest.mark.parametrize("seconds", [0.05, 0.4])
def test_a_run_that_is_interrupted_twice_is_no_success(seconds: float, tmp_path: Path) -> None:
    arguments = ["--operation", "GET */utilities/*", "--workers", "2", "--no-html", "--reports", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "ampeco_conformance.cli.main", "run", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    items = tmp_path / "items.jsonl"
    while not (items.exists() and items.stat().st_size):
        assert process.poll() is None
        time.sleep(0.05)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(seconds)
    assert process.wait() == ExitCode.INTERRUPTED
    assert json.loads((tmp_path / "verdict.json").read_text())["decision"] == "unknown"
    code, said = conform("report", "--no-html", "--reports", str(tmp_path))
    assert code == ExitCode.INTERRUPTED, said
