"""Runs pytest with the exit codes of every other command."""

import sys

import pytest

from ampeco_conformance.core.errors import ExitCode

_EXIT_CODES: dict[int, ExitCode] = {
    pytest.ExitCode.INTERRUPTED: ExitCode.INTERRUPTED,
    pytest.ExitCode.USAGE_ERROR: ExitCode.CONFIGURATION,
    pytest.ExitCode.NO_TESTS_COLLECTED: ExitCode.CONFIGURATION,
}

if __name__ == "__main__":
    status = pytest.console_main()
    sys.exit(_EXIT_CODES.get(status, status))
