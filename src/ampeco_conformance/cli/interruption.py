"""Interruptions of the command line: ctrl-C and SIGTERM, of which several soon after another are one."""

import signal
import time
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

#: Seconds within which signals are one interruption: an impatient ctrl-C, or a CI system that sends both.
_APART = 2.0


class Interruptions:
    """Tells a new interruption from the repetition of one, so that a run that is ending can end in order."""

    def __init__(self) -> None:
        self._latest = -_APART

    def is_new(self) -> bool:
        """Whether the signal that has just come is not part of an earlier interruption."""
        now = time.monotonic()
        is_new = now - self._latest > _APART
        self._latest = now
        return is_new


INTERRUPTIONS = Interruptions()


def interrupt_on_signals() -> None:
    """Raise KeyboardInterrupt in the main thread for every interruption from now on."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)


def hold_signals() -> None:
    """Let interruptions wait: a command that starts has not yet removed the pages of an earlier run."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


def release_signals() -> None:
    """Deliver the interruptions that wait."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def ignore_signals() -> None:
    """Let nothing change the exit code any more: Python would be ended by a signal that comes while it shuts down."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if INTERRUPTIONS.is_new():
        raise KeyboardInterrupt
