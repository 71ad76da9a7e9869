"""Runs of `./conform run` as a user makes them, and what they leave behind."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

import pytest

from ampeco_conformance.cli.main import main
from tests.support.ended_run import Run

PROJECT = Path(__file__).resolve().parents[2]
TOKEN = "c0ffee-secret-token"
COMMAND = [sys.executable, "-m", "ampeco_conformance.cli.main", "run", "--no-html"]


def environment() -> dict[str, str]:
    """The environment of a run, with the token of one-off targets."""
    return {**os.environ, "SUITE_TOKEN": TOKEN}


def conform(*arguments: str) -> tuple[int, str]:
    """Run a command in this process, which spares it the start of another; its exit code and what was said."""
    with tempfile.TemporaryFile("a+", encoding="utf-8") as file:
        with pytest.MonkeyPatch.context() as variables, _speaking_into(file):
            variables.setenv("SUITE_TOKEN", TOKEN)
            code = main(arguments)
        file.seek(0)
        return code, file.read()


def conform_run(reports: Path, *arguments: str) -> Run:
    """Run the suite without the HTML report and wait for its end."""
    code, said = conform("run", "--no-html", "--reports", str(reports), *arguments)
    return Run(code, said, reports, reports / "allure-results")


@contextmanager
def _speaking_into(file: TextIO) -> Iterator[None]:
    """Let this process and its children write what is for the terminal into a file."""
    kept = [(number, os.dup(number)) for number in (1, 2)]
    try:
        for number, _ in kept:
            os.dup2(file.fileno(), number)
        with redirect_stdout(file), redirect_stderr(file):
            yield
    finally:
        file.flush()
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)
