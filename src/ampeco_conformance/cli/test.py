"""`./conform test`: runs the project's own tests."""

import os
import sys

import click

from ampeco_conformance.cli import own_tests
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import IS_PACKAGE, PROJECT


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(pytest_arguments: tuple[str, ...]) -> None:
    """Run the project's own tests: all of them in parallel, or what PYTEST_ARGUMENTS select (`tests/unit/specs -x`)."""
    if IS_PACKAGE:
        raise ConfigurationError("an installed package has no tests of its own; clone the repository to run them")
    os.chdir(PROJECT)
    # A file stays in one worker, since its tests share runs and emulators (tests/conftest.py); long files come first.
    parallel = ("--numprocesses", str(os.cpu_count() or 1), "--dist", "loadfile", "--no-loadscope-reorder")
    arguments = pytest_arguments or parallel
    os.execv(sys.executable, [sys.executable, "-P", "-m", own_tests.__name__, *arguments])
