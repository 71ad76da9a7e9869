"""`conform test` ends with the exit codes of every other command."""

import subprocess
import sys

from ampeco_conformance.cli import own_tests
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.project import PROJECT


def test_a_wrong_argument_is_a_wrong_configuration() -> None:
    command = [sys.executable, "-P", "-m", own_tests.__name__, "--nonsense"]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == ExitCode.CONFIGURATION
    assert "unrecognized arguments: --nonsense" in ended.stderr
