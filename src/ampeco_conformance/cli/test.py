"""`./conform test`: the project's own tests."""

import os
import sys

import click

from ampeco_conformance.cli.pytest_process import PROJECT


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(pytest_arguments: tuple[str, ...]) -> None:
    """Run the project's own tests; PYTEST_ARGUMENTS are passed on (`./conform test tests/specs -x`)."""
    os.chdir(PROJECT)
    os.execv(sys.executable, [sys.executable, "-P", "-m", "pytest", *pytest_arguments])
