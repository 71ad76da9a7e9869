"""What a run leaves on a tenant that others use too: nothing, whatever ended it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.http.journal import read_journals
from tests.support.ended_run import Run
from tests.support.loopback import NO_TLS
from tests.support.runs import COMMAND, PROJECT, TOKEN, environment

FROZEN = "2026-01-05T08:00:00Z"
#: What is said of a creation that was under way when its process ended: nothing of it may have been made.
UNDER_WAY = "is not known: it got no response)"
SWEEP = [sys.executable, "-m", "ampeco_conformance.cli.main", "sweep", "--safety", "own-data"]
SLICE = ("--safety", "own-data", "--operation", "*/charge-points/*", "--operation", "*/locations/*")
# What a scenario has paid with the API does not remove again.
NO_STORIES = ("--", "--deselect=scenarios")


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """An emulator without running sessions, whose clock a run moves by seconds only: nothing changes by itself."""
    command = [sys.executable, "-m", "ampeco_emulator", "--port", "0", "--token", TOKEN, "--clock", FROZEN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        address = next(word for word in words if word.startswith("http://")).rstrip("/")
        end_sessions(address)
        yield address
        process.terminate()


def end_sessions(emulator: str) -> None:
    """End every session, and let it be billed."""
    token = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=emulator, headers=token, trust_env=False, verify=NO_TLS) as client:
        for status in ("pending", "active"):
            running = client.get("/public-api/resources/sessions/v1.0", params={"filter[status]": status}).json()[
                "data"
            ]
            for session in running:
                stop = f"/public-api/actions/charge-point/v1.0/{session['chargePointId']}/stop/{session['id']}"
                client.post(stop, json={"force": True}).raise_for_status()
        client.post("/_emulator/clock", json={"advance": 3600}).raise_for_status()


def records(emulator: str) -> dict[str, Any]:
    """Everything the emulator keeps, without the counters that give new ids."""
    families = httpx.get(f"{emulator}/_emulator/state", trust_env=False, verify=NO_TLS).json()["families"]
    return {
        f"{name} {record['id']} {record['parents']}": record["fields"]
        for name, family in families.items()
        for record in family["records"]
    }


def target(emulator: str) -> list[str]:
    return ["--base-url", emulator, "--token-env", "SUITE_TOKEN"]


def created(reports: Path) -> int:
    """How many resources a run has created and not removed yet."""
    return sum(len(journal.left) for journal in read_journals(reports))


def wait_for(process: subprocess.Popen[str], is_reached: Callable[[], bool]) -> None:
    """Wait until a run has come to a point; it must not have ended."""
    while process.poll() is None and not is_reached():
        time.sleep(0.1)
    assert process.poll() is None


def sweep(reports: Path, emulator: str, *arguments: str) -> str:
    """Sweep; what it said. Only a creation that was under way when the run ended may be named as unknown (exit 3)."""
    command = [*SWEEP, "--reports", str(reports), *target(emulator), *arguments]
    swept = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    named = [line for line in swept.stdout.splitlines() if line.lstrip().startswith("/")]
    assert all(line.endswith(UNDER_WAY) for line in named), swept.stdout
    assert swept.returncode == (ExitCode.ENVIRONMENT if named else ExitCode.CONFORM), swept.stdout + swept.stderr
    return swept.stdout


@dataclass(frozen=True)
class Interrupted:
    """A run that was interrupted, and what the emulator kept before and after it."""

    run: Run
    before: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def interrupted(emulator: str, tmp_path_factory: pytest.TempPathFactory) -> Interrupted:
    """A run in two workers, interrupted when it had created resources and written results."""
    reports = tmp_path_factory.mktemp("interrupted")
    results = reports / "allure-results"
    before = records(emulator)
    process = subprocess.Popen(
        [*COMMAND, "--reports", str(reports), "--workers", "2", *SLICE, *target(emulator), *NO_STORIES],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wait_for(process, lambda: created(reports) >= 4 and len(list(results.glob("*-result.json"))) >= 5)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=300)
    return Interrupted(Run(process.returncode, said, reports, results), before, records(emulator))


def test_an_interrupted_run_removes_what_it_made(interrupted: Interrupted) -> None:
    assert interrupted.run.code == ExitCode.INTERRUPTED, interrupted.run.said
    left = [line for line in interrupted.run.said.splitlines() if line.startswith("Left behind")]
    assert all(line.endswith(UNDER_WAY) for line in left), left
    assert interrupted.after == interrupted.before
    assert list(read_journals(interrupted.run.reports)) == []


def test_an_interrupted_run_leaves_the_results_of_what_was_run(interrupted: Interrupted) -> None:
    assert interrupted.run.code == ExitCode.INTERRUPTED, interrupted.run.said
    assert interrupted.run.summary["interrupted"]
    assert sum(interrupted.run.summary["items"].values()) > 0
    assert "operations succeeded at least once" in interrupted.run.said


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
    wait_for(process, lambda: created(tmp_path) >= 4)
    assert "is still in progress; skipped" in sweep(tmp_path, emulator)
    process.kill()
    process.wait()
    assert records(emulator) != before
    sweep(tmp_path, emulator, "--older-than", "1d")
    assert records(emulator) != before
    sweep(tmp_path, emulator)
    assert records(emulator) == before
