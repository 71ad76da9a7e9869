"""The progress of `./conform run` on stderr: one line that is rewritten on a terminal, a line now and then elsewhere.

Loaded with `-p ampeco_conformance.plugin.progress` when pytest's own output goes nowhere.
"""

import os
import signal
import sys
import threading
import time
from typing import TextIO

import pytest

_SECONDS_BETWEEN_REWRITES = 0.5
_SECONDS_BETWEEN_LINES = 10.0


class Progress:
    """Counts items as they end; a thread of its own shows the counts, also while a long item is running."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._rewrites = stream.isatty()
        self._started = time.monotonic()
        self._total = 0
        self._done = 0
        self._failed: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._show_until_ended, daemon=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Begin to show. From here on an interruption ends in order, so those that waited are let in."""
        self._thread.start()
        # A shell that starts a command in the background lets it ignore ctrl-C; ours comes from the parent process.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn how many items there are."""
        self._total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Learn how many items there are, from a worker."""
        self._total = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count."""
        if report.failed:
            self._failed.add(report.nodeid)
        if report.when == "teardown":
            self._done += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell what could not even be collected."""
        if report.failed:
            self._say(f"cannot collect {report.nodeid}:\n{report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """Tell what broke in pytest or a plugin."""
        self._say(str(excrepr))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Tell why the run ends early."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            self._say(f"conform: {excinfo.value.msg}")
        else:
            self._say("interrupted; making the report of what was run")

    def pytest_sessionfinish(self) -> None:
        """Show the last state."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _show_until_ended(self) -> None:
        interval = _SECONDS_BETWEEN_REWRITES if self._rewrites else _SECONDS_BETWEEN_LINES
        self._show()
        while not self._ended.wait(interval):
            self._show()
        self._show()
        if self._rewrites:
            self._write("\n")

    def _show(self) -> None:
        elapsed = f"{time.monotonic() - self._started:.0f} s"
        if self._total:
            line = f"{self._done} of {self._total} items, {len(self._failed)} failed, {elapsed}"
        else:
            line = f"collecting, {elapsed}"
        self._write(f"\r\033[K{line}" if self._rewrites else f"{line}\n")

    def _say(self, text: str) -> None:
        self._write(f"\r\033[K{text}\n" if self._rewrites else f"{text}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def pytest_configure(config: pytest.Config) -> None:
    """Show progress where the items are counted: not in the workers of a parallel run."""
    if not hasattr(config, "workerinput"):
        # A descriptor of its own: while items run, pytest captures what goes to the usual one.
        stream = os.fdopen(os.dup(sys.stderr.fileno()), "w")
        config.pluginmanager.register(Progress(stream))
