"""The printed command that runs a failing item again fails again, run as it is printed."""

import html
import json
import os
import subprocess
from pathlib import Path

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.ended_run import Run
from tests.support.runs import PROJECT, TOKEN, conform_run, environment

VERSION = "3.90.0"
TAXES = "/public-api/resources/taxes/v2.0"
BOOKING_REQUESTS = "/public-api/resources/booking-requests/v1.0"


def failing_run(reports: Path, operation: str, *arguments: str) -> Run:
    """A run of one item, which fails."""
    run = conform_run(reports, "--operation", operation, "--workers=1", *arguments, "--", "-k", "test_operation")
    assert run.code == ExitCode.VIOLATION, run.said
    return run


def commands(run: Run) -> list[str]:
    """The rerun commands of the failed items, which the page shows too."""
    items = [json.loads(line) for line in (run.reports / "items.jsonl").read_text().splitlines()]
    found = [item["rerun"] for item in items if item["status"] == "failed"]
    assert found
    page = html.unescape((run.reports / "index.html").read_text())
    assert all(command in page for command in found)
    return found


def run_as_printed(command: str, reports: Path) -> int:
    """The exit code of a command given to a shell in the project's folder; its reports go to another place."""
    variables = {**environment(), "PYTEST_ADDOPTS": f"--reports={reports}"}
    ended = subprocess.run(command, shell=True, cwd=PROJECT, env=variables, capture_output=True, text=True, check=False)
    assert "1 failed" in ended.stdout, ended.stdout + ended.stderr
    return ended.returncode


def test_on_the_embedded_emulator_with_a_defect(tmp_path: Path) -> None:
    run = failing_run(tmp_path / "first", f"GET {TAXES}/{{tax}}", "--defect", f"drop-field:GET {TAXES}/{{tax}}:name")
    (command,) = commands(run)
    assert run_as_printed(command, tmp_path / "again") == ExitCode.VIOLATION


def test_on_a_tenant_of_another_file_that_permits_everything(tmp_path: Path) -> None:
    # Without --yes-really the item is skipped: what this operation creates cannot be removed.
    with running_emulator("ampeco", VERSION, TOKEN, "created-as-ok") as base_url:
        tenants = tmp_path / "my tenants.yaml"
        tenant = {"base_url": base_url, "token_env": "SUITE_TOKEN", "api_version": VERSION, "safety": "full"}
        tenants.write_text(json.dumps({"tenants": {"lab": tenant}}))
        named = ("--tenant", "lab", "--tenants-file", os.path.relpath(tenants), "--yes-really")
        (command,) = commands(failing_run(tmp_path / "first", f"POST {BOOKING_REQUESTS}", *named))
        assert run_as_printed(command, tmp_path / "again") == ExitCode.VIOLATION


def test_on_a_base_url_in_a_strict_run_with_its_own_settings(tmp_path: Path) -> None:
    file = tmp_path / "strictness.yaml"
    file.write_text(json.dumps({"rules": [{"check": "*", "strictness": "tolerant", "reason": "only --strict fails"}]}))
    with running_emulator("ampeco", VERSION, TOKEN, f"drop-field:GET {TAXES}/{{tax}}:name") as base_url:
        named = ("--base-url", base_url, "--token-env", "SUITE_TOKEN", "--profile", "smoke")
        settings = ("--strictness", str(file), "--strict")
        (command,) = commands(failing_run(tmp_path / "first", f"GET {TAXES}/{{tax}}", *named, *settings))
        assert run_as_printed(command, tmp_path / "again") == ExitCode.VIOLATION
