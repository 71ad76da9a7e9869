"""Stops the tests when the command that started them is gone: nobody else would end them."""

import os
import signal
import threading
import time

import pytest

PARENT = "CONFORM_PARENT"
"""Environment variable with the process id of the command that waits for this session."""
#: The plugin that shows the progress of a session for the command that waits for it.
PROGRESS = "ampeco_conformance.plugin.progress"

_SECONDS = 0.5
#: How long the tests may take to end in order. What they leave is in the journal.
_SECONDS_TO_END = 6.0


def pytest_configure(config: pytest.Config) -> None:
    """Watch the parent; workers end with the process that controls them."""
    parent = os.environ.get(PARENT)
    if parent is not None and not hasattr(config, "workerinput"):
        threading.Thread(target=_stop_without, args=(int(parent),), daemon=True).start()


def _stop_without(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_SECONDS)
    # As ctrl-C: what was created is deleted and what was found is written.
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_SECONDS_TO_END)
    # Workers included: the command has started a process group.
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
