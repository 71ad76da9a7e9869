"""What becomes of the tests when the command that started them is killed."""

import subprocess
import sys
import time

import pytest

_CHILD = """
import signal, subprocess, sys, time
from types import SimpleNamespace
from ampeco_conformance.plugin import parent
parent.pytest_configure(SimpleNamespace())
# A worker, which holds the output open as long as it lives.
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
if "deaf" in sys.argv:
    # The other needs the time that tests have, where the machine is busy.
    parent._SECONDS_TO_END = 1.0
    signal.signal(signal.SIGINT, signal.SIG_IGN)
else:
    # A shell's job in the background ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    print("started", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    time.sleep(60)
"""
_PARENT = f"""
import os, subprocess, sys
command = [sys.executable, "-c", {_CHILD!r}, *sys.argv[1:]]
subprocess.Popen(command, env={{**os.environ, "CONFORM_PARENT": str(os.getpid())}}, process_group=0).wait()
"""


@pytest.mark.parametrize(("how", "said"), [("in order", "interrupted\n"), ("deaf", "")])
def test_a_killed_command_takes_its_tests_and_their_workers_with_it(how: str, said: str) -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT, how], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        parent.kill()
        killed = time.monotonic()
        # Ends when all processes that have inherited it are gone.
        assert parent.stdout.read() == said
    assert time.monotonic() - killed < 30
