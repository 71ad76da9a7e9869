"""Events for other tools: `--json-events FILE` writes one line of JSON per event.

`{"event": "collected", "total": 1470}`, then for each item that ends
`{"event": "item", "node_id": ..., "status": ..., "seconds": ..., "findings": ..., "worker": ...}`, and finally
`{"event": "end", "exit_code": 0}`. FILE may be a pipe; each line is flushed at once.
"""

import json
from typing import Any, TextIO

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.plugin.options import run_options
from ampeco_conformance.plugin.results import result_of


class Events:
    """Writes the events of a run, in the controlling process."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write the number of items; the controller of a parallel run collects none."""
        if session.items:
            self._write(event="collected", total=len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """Write the number of items, once."""
        if node.gateway.id == "gw0":
            self._write(event="collected", total=len(ids))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write that an item has ended."""
        result = result_of(report)
        if result is not None:
            self._write(
                event="item",
                node_id=report.nodeid,
                status=result.status,
                seconds=round(result.seconds, 3),
                findings=len(result.findings),
                worker=getattr(report, "worker_id", None),
            )

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Close the stream."""
        self._stream.close()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        """Write that the run has ended, after the verdict has set the exit code."""
        result = yield
        self._write(event="end", exit_code=int(session.exitstatus))
        return result

    def _write(self, **event: Any) -> None:
        self._stream.write(json.dumps(event) + "\n")
        self._stream.flush()


def pytest_configure(config: pytest.Config) -> None:
    """Open the file, if one is given. Ends the session with exit 2 and one line when it cannot be opened."""
    path = run_options(config).json_events
    if path is None or hasattr(config, "workerinput"):
        return
    try:
        stream = path.open("a" if run_options(config).append else "w", encoding="utf-8")
    except OSError as error:
        pytest.exit(f"--json-events {path} cannot be written: {error.strerror}", returncode=ExitCode.CONFIGURATION)
    config.pluginmanager.register(Events(stream))
