"""Events for other tools: `--json-events FILE` gets a JSON object in a line whenever something happens.

`{"event": "collected", "total": 1470}`, then for each item that ends
`{"event": "item", "node_id": ..., "status": ..., "seconds": ..., "findings": ..., "worker": ...}`, and at last
`{"event": "end", "exit_code": 0}`. FILE may be a pipe; each line is written at once.
"""

import json
from typing import Any, TextIO

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.plugin.results import result_of


class Events:
    """Writes the events of a run, where the run is controlled."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """How many items there are; a parallel run's controller collects none."""
        if session.items:
            self._write(event="collected", total=len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """How many items there are, once."""
        if node.gateway.id == "gw0":
            self._write(event="collected", total=len(ids))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """An item has ended."""
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
        """The stream is done with."""
        self._stream.close()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Any:
        """The run has ended; the verdict has set the exit code by then."""
        result = yield
        self._write(event="end", exit_code=int(session.exitstatus))
        return result

    def _write(self, **event: Any) -> None:
        self._stream.write(json.dumps(event) + "\n")
        self._stream.flush()


def pytest_configure(config: pytest.Config) -> None:
    """Open the file, when one is given. Ends the session with exit 2 and one line when it cannot be opened."""
    path = config.option.json_events
    if path is None or hasattr(config, "workerinput"):
        return
    try:
        stream = path.open("a" if config.option.append else "w", encoding="utf-8")
    except OSError as error:
        pytest.exit(f"--json-events {path} cannot be written: {error.strerror}", returncode=ExitCode.CONFIGURATION)
    config.pluginmanager.register(Events(stream))
