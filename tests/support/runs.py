"""Runs of `./conform run` as a user makes them, and what they leave behind."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.ended_run import Run

PROJECT = Path(__file__).resolve().parents[2]
TOKEN = "c0ffee-secret-token"
COMMAND = [sys.executable, "-m", "ampeco_conformance.cli.main", "run", "--no-html"]


def environment() -> dict[str, str]:
    """The environment of a run, with the token of one-off targets."""
    return {**os.environ, "SUITE_TOKEN": TOKEN}


def conform_run(reports: Path, *arguments: str) -> Run:
    """Run the suite without the HTML report and wait for its end."""
    process = subprocess.run(
        [*COMMAND, "--reports", str(reports), *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(process.returncode, process.stdout + process.stderr, reports, reports / "allure-results")
