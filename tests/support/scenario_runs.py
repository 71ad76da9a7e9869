"""Runs stories of `scenarios/` in this process, against a server that is already there."""

import io
import json
import tempfile
from collections.abc import Mapping
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


def run_scenarios(
    selection: str,
    base_url: str,
    *,
    api: str = "ampeco",
    api_version: str = API_VERSION,
    safety: str = "full",
    tenant: Mapping[str, object] | None = None,
) -> Outcomes:
    """Run the stories of a file, or those with a word in their name (`test_receipt.py -k balance`).

    The target is a one-off address, or a tenant there with these settings besides.
    """
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
            *("--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-q"),
            # Dear, and of no use within a session that has them already: collected garbage, annotated tracebacks.
            *("-p", "no:cacheprovider", "-p", "no:unraisableexception", "--tb=native"),
            *("--reports", reports, "--api", api, "--api-version", api_version, "--safety", safety),
        ]
        if tenant is None:
            arguments += ["--base-url", base_url, "--token-env", TOKEN_VARIABLE]
        else:
            settings = {"base_url": base_url, "token_env": TOKEN_VARIABLE, "safety": safety, **tenant}
            tenants_file = Path(reports) / "tenants.yaml"
            tenants_file.write_text(json.dumps({"tenants": {"staging": settings}}))
            arguments += ["--tenant", "staging", "--tenants-file", str(tenants_file), "--yes-really"]
        pytest.main(arguments, plugins=[outcomes])
    assert outcomes.passed or outcomes.skipped or outcomes.failed, said.getvalue()
    return outcomes
