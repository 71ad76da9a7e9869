"""The printed commands that show a failure again do so, run as they are printed, in any folder."""

import html
import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.ended_run import Run
from tests.support.loopback import NO_TLS
from tests.support.runs import TOKEN, conform, conform_run, environment

VERSION = "3.90.0"
TAXES = "/public-api/resources/taxes/v2.0"
USER_GROUPS = "/public-api/resources/user-groups/v1.0"


def failing_run(reports: Path, operation: str, *arguments: str, item: str = "test_operation") -> Run:
    """A run of one item, which fails."""
    run = conform_run(reports, "--operation", operation, "--workers=1", *arguments, "--", "-k", item)
    assert run.code == ExitCode.VIOLATION, run.said
    return run


def printed(run: Run) -> tuple[str, str]:
    """The commands that send the failed case again, and that run its item again, as the page shows them."""
    (item,) = (json.loads(line) for line in (run.reports / "items.jsonl").read_text().splitlines())
    causes: list[dict[str, Any]] = json.loads((run.reports / "verdict.json").read_text())["worst"]
    replay, rerun = causes[0]["replay"], item["rerun"]
    page = html.unescape((run.reports / "index.html").read_text())
    assert replay in page
    assert rerun in page
    assert replay in run.said
    return replay, rerun


def assert_both_show_it_again(run: Run, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The item fails again in a shell, the case is still there in this process: both in another folder."""
    replay, rerun = printed(run)
    ended = subprocess.run(rerun, shell=True, cwd=elsewhere, env=environment(), capture_output=True, text=True)
    assert "1 failed" in ended.stdout, ended.stdout + ended.stderr
    assert ended.returncode == ExitCode.VIOLATION
    monkeypatch.chdir(elsewhere)
    program, *arguments = shlex.split(replay)
    assert os.access(program, os.X_OK)
    code, said = conform(*arguments)
    assert (code, "STILL: " in said) == (ExitCode.VIOLATION, True), said


def test_on_the_embedded_emulator_with_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    defect = ("--defect", f"drop-field:GET {TAXES}/{{tax}}:name", "--seed", "3")
    run = failing_run(tmp_path / "first", f"GET {TAXES}/{{tax}}", *defect)
    assert_both_show_it_again(run, tmp_path, monkeypatch)


def test_on_a_tenant_of_another_file_that_permits_everything_with_a_limited_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault is a change that the limited token is allowed; the commands need --yes-really for it."""
    limited = "f00d-partner-token"
    monkeypatch.setenv("PARTNER_TOKEN", limited)
    with running_emulator("ampeco", VERSION, TOKEN, "others-user-groups-changed") as base_url:
        control = {"token": limited, "partnerId": 2}
        httpx.post(f"{base_url}/_emulator/tokens", json=control, verify=NO_TLS, trust_env=False).raise_for_status()
        tenants = tmp_path / "my tenants.yaml"
        tenant = {"base_url": base_url, "token_env": "SUITE_TOKEN", "api_version": VERSION, "safety": "full"} | {
            "limited_token": {"token_env": "PARTNER_TOKEN", "partnerId": 2}
        }
        tenants.write_text(json.dumps({"tenants": {"lab": tenant}}))
        named = ("--tenant", "lab", "--tenants-file", os.path.relpath(tenants), "--yes-really")
        run = failing_run(tmp_path / "first", f"*{USER_GROUPS}*", *named, item="test_partner_sees_only_its_own")
        assert_both_show_it_again(run, tmp_path, monkeypatch)
    page = html.unescape((run.reports / "index.html").read_text())
    assert f"{base_url}{USER_GROUPS}/" in page
    assert '"authorization: Bearer $LIMITED_TOKEN"' in page
    assert limited not in page


def test_on_a_base_url_in_a_strict_run_with_its_own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "strictness.yaml"
    file.write_text(json.dumps({"rules": [{"check": "*", "strictness": "tolerant", "reason": "only --strict fails"}]}))
    with running_emulator("ampeco", VERSION, TOKEN, f"drop-field:GET {TAXES}/{{tax}}:name") as base_url:
        named = ("--base-url", base_url, "--token-env", "SUITE_TOKEN", "--profile", "smoke")
        settings = ("--strictness", str(file), "--strict")
        run = failing_run(tmp_path / "first", f"GET {TAXES}/{{tax}}", *named, *settings)
        assert_both_show_it_again(run, tmp_path, monkeypatch)
