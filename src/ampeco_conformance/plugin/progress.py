"""The progress of `./conform run` on stderr: live lines on a terminal, elsewhere a plain line every ten seconds.

Loaded with `-p ampeco_conformance.plugin.progress` when pytest's own output is discarded.
"""

import os
import signal
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TextIO

import pytest
from rich.console import Console
from rich.live import Live
from rich.text import Text

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.output import lasting_stream
from ampeco_conformance.plugin.results import result_of

_REWRITES_PER_SECOND = 2
_SECONDS_BETWEEN_LINES = 10.0
#: An estimate is shown after this many seconds, and when this share of the items is done.
_STEADY_AFTER, _STEADY_SHARE = 20.0, 0.1


@dataclass(slots=True)
class _Count:
    """The items that one worker, or all of them, completed."""

    done: int = 0
    failed: set[str] = field(default_factory=set)


class Progress:
    """Counts completed items; a separate thread shows the counts, also during a long item."""

    def __init__(self, stream: TextIO, verbosity: int = 0, *, is_dry: bool = False) -> None:
        self._console = Console(file=stream, soft_wrap=True, highlight=False)
        self._verbosity = verbosity
        self._is_dry = is_dry
        self._started = time.monotonic()
        self._total = 0
        self._all = _Count()
        self._workers: defaultdict[str, _Count] = defaultdict(_Count)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._show_until_ended, daemon=True)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Start to show progress. From here on interruptions are handled, so pending ones are delivered."""
        if self._verbosity >= 0:
            self._thread.start()
        unblock_signals()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Store the number of items."""
        self._total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Store the number of items, reported by a worker."""
        self._total = len(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the item, for the whole run and for the worker."""
        worker = getattr(report, "worker_id", None)
        if self._verbosity > 0 and (result := result_of(report)) is not None:
            self._say(f"{result.status:>7}  {result.name}")
        for count in (self._all, *([self._workers[worker]] if worker else [])):
            if report.failed:
                count.failed.add(report.nodeid)
            if report.when == "teardown":
                count.done += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Show what could not be collected."""
        if report.failed:
            self._say(f"cannot collect {report.nodeid}:\n{report.longreprtext}")

    def pytest_internalerror(self, excrepr: object) -> None:
        """Show an error in pytest or a plugin."""
        self._say(str(excrepr))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Show why the run ends early."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            self._say(f"conform: {excinfo.value.msg}")
        else:
            self._say("interrupted; generating the report of what was run")

    def pytest_sessionfinish(self) -> None:
        """Show the final counts."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _show_until_ended(self) -> None:
        if self._console.is_terminal:
            live = Live(console=self._console, get_renderable=self._lines, refresh_per_second=_REWRITES_PER_SECOND)
            with live:
                self._ended.wait()
            return
        self._console.print(self._line())
        while not self._ended.wait(_SECONDS_BETWEEN_LINES):
            self._console.print(self._line())
        self._console.print(self._line())

    def _lines(self) -> Text:
        seconds = time.monotonic() - self._started
        workers = [
            f"  {name}: {counted(count.done, 'item')}, {count.done / seconds:.1f}/s, {len(count.failed)} failed"
            for name, count in sorted(self._workers.items())
        ]
        return Text("\n".join([self._line(), *workers]))

    def _line(self) -> str:
        seconds = time.monotonic() - self._started
        done = self._all.done
        if not self._total:
            return f"collecting, {seconds:.0f} s"
        if self._is_dry:
            return f"{counted(self._total, 'item')}, working out what each would send, {seconds:.0f} s"
        line = f"{done} of {counted(self._total, 'item')}, {len(self._all.failed)} failed, {seconds:.0f} s"
        # Before that, an estimate is off by several times: the first items also pay for what all share.
        if seconds < _STEADY_AFTER or not _STEADY_SHARE <= done / self._total < 1:
            return line
        return f"{line}, {done / seconds:.1f}/s, about {seconds / done * (self._total - done):.0f} s left"

    def _say(self, text: str) -> None:
        self._console.print(Text(text))


def unblock_signals() -> None:
    """Deliver ctrl-C from now on; the parent process has blocked the signals so far."""
    # A shell makes background commands ignore ctrl-C; here it comes from the parent process.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))


def pytest_configure(config: pytest.Config) -> None:
    """Show progress in the controlling process, not in the workers of a parallel run."""
    if not hasattr(config, "workerinput"):
        # A separate descriptor: while items run, pytest captures the standard one.
        copy = os.fdopen(os.dup(sys.stderr.fileno()), "w")
        # A dry run only collects (plugin/dry_run.py).
        progress = Progress(lasting_stream(copy), config.option.verbose, is_dry=config.option.collectonly)
        config.pluginmanager.register(progress)
