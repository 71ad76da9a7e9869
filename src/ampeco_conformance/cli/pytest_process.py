"""Runs pytest as a child process in the project's folder and passes interruptions on to it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from ampeco_conformance.cli.interruption import INTERRUPTIONS, SIGNALS
from ampeco_conformance.core.project import WORKSPACE, suite_environment
from ampeco_conformance.plugin.parent import PARENT, PROGRESS

#: Without garbage collection for warnings that only pytest's own output would show.
_PLUGINS = ("-p", "no:unraisableexception")


def run_quietly(
    arguments: Sequence[str], progress: str = PROGRESS, variables: Mapping[str, str] | None = None
) -> tuple[int, bool]:
    """Run pytest and show only its progress; returns its exit status, and whether it was interrupted.

    `progress` is the plugin that shows the progress on stderr and unblocks the signals, `variables` join the
    environment. ctrl-C or SIGTERM, or several of them soon after another, is forwarded as one SIGINT; the child then
    finishes its report before it exits.
    """
    interrupted = False

    def pass_on(_number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        if INTERRUPTIONS.is_new():
            process.send_signal(signal.SIGINT)

    # The child inherits the blocked signals and unblocks them when it can handle them (plugin/progress.py).
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pytest", *_PLUGINS, "-p", progress, *arguments],
            cwd=WORKSPACE,
            env={**os.environ, **suite_environment(), **(variables or {}), PARENT: str(os.getpid())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            # A process group of its own: ctrl-C reaches the child once, forwarded from here.
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
