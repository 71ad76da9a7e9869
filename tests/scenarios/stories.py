"""Runs stories of `scenarios/` in this process, against a server that is already there."""

import io
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
API_VERSION = "3.90.0"
TOKEN_VARIABLE = "CONFORM_TEST_TOKEN"


class Outcomes:
    """Collects what became of each item: its name, outcome and message."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.skipped: dict[str, str] = {}
        self.failed: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of an item: that of its call, or of a set-up that did not get so far."""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.failed[report.nodeid] = crash.message if crash else report.longreprtext
        elif report.skipped:
            self.skipped[report.nodeid] = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        elif report.when == "call":
            self.passed.append(report.nodeid)


def run_stories(selection: str, base_url: str, *, api_version: str = API_VERSION, safety: str = "full") -> Outcomes:
    """Run the stories of a file, or those with a word in their name (`test_receipt.py -k balance`)."""
    outcomes = Outcomes()
    path, _, words = selection.partition(" -k ")
    with (
        tempfile.TemporaryDirectory(prefix="stories-") as reports,
        redirect_stdout(io.StringIO()) as said,
        redirect_stderr(said),
    ):
        arguments = [
            str(ROOT / "scenarios" / path),
            *(["-k", words] if words else []),
            *("--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-p", "no:cacheprovider", "-q"),
            *("--base-url", base_url, "--token-env", TOKEN_VARIABLE, "--reports", reports),
            *("--api-version", api_version, "--safety", safety),
        ]
        pytest.main(arguments, plugins=[outcomes])
    assert outcomes.passed or outcomes.skipped or outcomes.failed, said.getvalue()
    return outcomes
