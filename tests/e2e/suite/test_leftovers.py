"""What a run leaves on a tenant that others use too: nothing, whatever ended it."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.http.journal import FOLDER, read_journals
from tests.support.runs import COMMAND, PROJECT, TOKEN, environment

FROZEN = "2026-01-05T08:00:00Z"
SWEEP = [sys.executable, "-m", "ampeco_conformance.cli.main", "sweep"]
SLICE = ("--safety", "own-data", "--operation", "*/charge-points/*", "--operation", "*/locations/*")
# What a story has paid with the API does not remove again.
NO_STORIES = ("--", "--deselect=scenarios")


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """An emulator whose clock stands still, so that nothing changes by itself."""
    command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--token", TOKEN, "--clock", FROZEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        address = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
        yield address.rstrip("/")
        process.terminate()


def records(emulator: str) -> dict[str, Any]:
    """Everything the emulator keeps, without the counters that give new ids."""
    families = httpx.get(f"{emulator}/_emulator/state", trust_env=False).json()["families"]
    return {name: family["records"] for name, family in families.items() if family["records"]}


def target(emulator: str) -> list[str]:
    return ["--base-url", emulator, "--token-env", "SUITE_TOKEN"]


def wait_for_creations(process: subprocess.Popen[str], reports: Path) -> None:
    while process.poll() is None and sum(len(record.left) for record in read_journals(reports / FOLDER)) < 4:
        time.sleep(0.1)
    assert process.poll() is None


def sweep(reports: Path, emulator: str, *arguments: str) -> str:
    """Sweep, successfully; what it said."""
    command = [*SWEEP, "--reports", str(reports), *target(emulator), *arguments]
    swept = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert swept.returncode == ExitCode.CONFORM, swept.stdout + swept.stderr
    return swept.stdout


def test_an_interrupted_run_removes_what_it_made(emulator: str, tmp_path: Path) -> None:
    before = records(emulator)
    process = subprocess.Popen(
        [*COMMAND, "--reports", str(tmp_path), "--workers", "2", *SLICE, *target(emulator), *NO_STORIES],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_for_creations(process, tmp_path)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == ExitCode.INTERRUPTED, said
    assert "Left behind" not in said
    assert records(emulator) == before
    assert list(read_journals(tmp_path / FOLDER)) == []


def test_what_a_killed_run_left_is_swept(emulator: str, tmp_path: Path) -> None:
    before = records(emulator)
    command = [sys.executable, "-m", "pytest", "-q", "contract_tests", "--reports", str(tmp_path)]
    process = subprocess.Popen(
        [*command, *SLICE, *target(emulator), NO_STORIES[-1]],
        cwd=PROJECT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        text=True,
    )
    wait_for_creations(process, tmp_path)
    assert "still goes on" in sweep(tmp_path, emulator)
    process.kill()
    process.wait()
    assert records(emulator) != before
    sweep(tmp_path, emulator, "--older-than", "1d")
    assert records(emulator) != before
    sweep(tmp_path, emulator)
    assert records(emulator) == before
