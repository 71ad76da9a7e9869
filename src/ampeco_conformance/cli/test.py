"""`./conform test`: the project's own tests."""

import os
import sys

import click

from ampeco_conformance.cli.pytest_process import PROJECT


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(pytest_arguments: tuple[str, ...]) -> None:
    """Run the project's own tests, all of them in parallel; or PYTEST_ARGUMENTS as given (`tests/specs -x`)."""
    os.chdir(PROJECT)
    arguments = pytest_arguments or ("--numprocesses", str(os.cpu_count() or 1), "--dist", "worksteal")
    os.execv(sys.executable, [sys.executable, "-P", "-m", "pytest", *arguments])
