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
        code = _called(arguments, file, file)
        file.seek(0)
        return code, file.read()


def conform_apart(*arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; its exit code, and what it wrote to stdout and to stderr."""
    with tempfile.TemporaryFile("a+", encoding="utf-8") as out, tempfile.TemporaryFile("a+", encoding="utf-8") as err:
        code = _called(arguments, out, err)
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def _called(arguments: tuple[str, ...], out: TextIO, err: TextIO) -> int:
    with pytest.MonkeyPatch.context() as variables, _speaking_into(out, err):
        variables.setenv("SUITE_TOKEN", TOKEN)
        return main(arguments)


def conform_run(reports: Path, *arguments: str) -> Run:
    """Run the suite without the HTML report and wait for its end."""
    code, said = conform("run", "--no-html", "--reports", str(reports), *arguments)
    return Run(code, said, reports, reports / "allure-results")


@contextmanager
def _speaking_into(out: TextIO, err: TextIO) -> Iterator[None]:
    """Let this process and its children write what is for the terminal into files."""
    kept = [(number, os.dup(number)) for number in (1, 2)]
    try:
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        with redirect_stdout(out), redirect_stderr(err):
            yield
    finally:
        out.flush()
        err.flush()
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)
