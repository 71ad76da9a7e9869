"""What becomes of the tests when the command that started them is killed."""

import subprocess
import sys

_CHILD = """
import time
from types import SimpleNamespace
from ampeco_conformance.plugin.parent import pytest_configure
pytest_configure(SimpleNamespace())
try:
    print("started", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
_PARENT = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {_CHILD!r}], env={{**os.environ, "CONFORM_PARENT": str(os.getpid())}})
child.wait()
"""


def test_a_killed_command_interrupts_its_tests() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        parent.kill()
        # Ends when the child, which has inherited it, is gone.
        assert parent.stdout.read() == "interrupted\n"
