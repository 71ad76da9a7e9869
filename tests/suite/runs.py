"""Runs of `./conform run` as a user makes them, and what they leave behind."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
TOKEN = "c0ffee-secret-token"
COMMAND = [sys.executable, "-m", "ampeco_conformance.cli.main", "run", "--no-html"]


@dataclass(frozen=True)
class Run:
    """A run that has ended: its exit code, what it said, and its reports."""

    code: int
    said: str
    reports: Path

    @property
    def summary(self) -> dict[str, Any]:
        """run.json."""
        content: dict[str, Any] = json.loads((self.reports / "run.json").read_text())
        return content

    @property
    def results(self) -> list[dict[str, Any]]:
        """The Allure results."""
        return [json.loads(file.read_text()) for file in (self.reports / "allure-results").glob("*-result.json")]


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
    return Run(process.returncode, process.stdout + process.stderr, reports)
