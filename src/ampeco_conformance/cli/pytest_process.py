"""pytest as a child process of a command: in the project's folder, told of ctrl-C once, waited for."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from types import FrameType

from ampeco_conformance.core.project import PROJECT

SIGNALS = (signal.SIGINT, signal.SIGTERM)


PROGRESS = "ampeco_conformance.plugin.progress"


def run_quietly(arguments: Sequence[str], progress: str = PROGRESS) -> tuple[int, bool]:
    """Run pytest to its end, showing nothing but its progress; its exit status, and whether it was interrupted.

    `progress` is the plugin that shows the progress on stderr and lets the signals in.
    ctrl-C or SIGTERM is passed on as one SIGINT, and pytest is waited for while it ends in order.
    """
    interrupted = False

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        process.send_signal(signal.SIGINT)

    # The child inherits the blocked signals and lets them in when it can handle them (plugin/progress.py).
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pytest", "-p", progress, *arguments],
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # A group of its own: ctrl-C reaches it once, from here, whoever sent it.
            process_group=0,
        )
        previous = {number: signal.signal(number, pass_on) for number in SIGNALS}
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    try:
        return process.wait(), interrupted
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
