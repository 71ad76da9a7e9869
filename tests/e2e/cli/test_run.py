"""`./conform run` before it sends the first request of a test."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator
from tests.support.loopback import Received, Sent, sent_json, serving
from tests.support.runs import conform_apart

TOKEN = "b5a1c0de-secret"


def refused(code: ExitCode, *arguments: str) -> str:
    """The one line of a run that ends before it begins."""
    with tempfile.TemporaryDirectory() as reports, pytest.MonkeyPatch.context() as variables:
        variables.setenv("SOME_TOKEN", "0ther-secret")
        ended_with, out, err = conform_apart("run", "--reports", reports, *arguments)
    lines = [line for line in err.splitlines() if not line.startswith("Asking ")]
    assert ended_with == code, err
    assert len(lines) == 1, err
    assert out == ""
    assert "secret" not in err
    return lines[0]


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running_emulator("ampeco", "3.66.0", TOKEN) as base_url:
        yield base_url


def test_a_target_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        line = refused(ExitCode.ENVIRONMENT, "--base-url", base_url, "--token-env", "SOME_TOKEN")
    assert line == f"conform: {base_url} cannot be reached: nothing listens there (connection refused)"


def test_a_wrong_token(emulator: str) -> None:
    line = refused(ExitCode.ENVIRONMENT, "--base-url", emulator, "--token-env", "SOME_TOKEN", "--api-version", "3.66.0")
    assert line == f"conform: {emulator} refuses the token (401)"


def test_a_tenant_whose_token_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "tenants.yaml"
    path.write_text("tenants: {staging: {base_url: https://staging.example.com, token_env: NOT_SET_ANYWHERE}}")
    line = refused(ExitCode.CONFIGURATION, "--tenant", "staging", "--tenants-file", str(path))
    assert "NOT_SET_ANYWHERE" in line


def test_a_version_that_does_not_exist() -> None:
    assert "3.64.0" in refused(ExitCode.CONFIGURATION, "--api-version", "3.64.0")


def test_an_empty_selection_is_not_a_success() -> None:
    line = refused(ExitCode.CONFIGURATION, "--operation", "no-such-operation")
    assert line.startswith("conform: no operation of ampeco 3.90.0 matches no-such-operation; ")


def test_a_defect_is_for_the_embedded_emulator(emulator: str) -> None:
    line = refused(ExitCode.CONFIGURATION, "--base-url", emulator, "--token-env", "SOME_TOKEN", "--defect", "anything")
    assert "--defect is for the embedded emulator" in line


def test_a_small_run_from_command_to_verdict(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "allure-results").mkdir()
    (tmp_path / "allure-results/of-an-earlier-run-result.json").touch()
    arguments = ["--operation", "GET */taxes/v2.0", "--no-html", "--reports", str(tmp_path)]
    command = [sys.executable, "-m", "ampeco_conformance.cli.main", "run", *arguments, "--", "-k", "test_operation"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == ExitCode.CONFORM, result.stderr
    began, ended = result.stdout.splitlines()
    assert began == "Testing ampeco 3.90.0, 1 operation, on the embedded emulator, 1 worker"
    assert ended == f"Report: {tmp_path}/index.html"
    assert "1 of 1 item, 0 failed" in result.stderr
    assert json.loads((tmp_path / "run.json").read_text())["verdict"] == ExitCode.CONFORM
    assert len(list((tmp_path / "allure-results").glob("*-result.json"))) == 1


def test_a_report_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, err = conform_apart("run", "--operation", "GET */taxes/v2.0", "--reports", str(tmp_path / "file/reports"))
    assert code == ExitCode.CONFIGURATION
    assert err.startswith(f"conform: --reports {tmp_path}/file/reports cannot be written: ")


@pytest.mark.parametrize(
    "signals", [(signal.SIGINT, signal.SIGINT), (signal.SIGTERM,), (signal.SIGINT, signal.SIGTERM)]
)
def test_a_run_that_is_interrupted_before_its_first_item_has_no_verdict(
    signals: tuple[signal.Signals, ...], tmp_path: Path
) -> None:
    """The folder has the page of an earlier run, which says go; the signals come while the target is checked."""
    (tmp_path / "verdict.json").write_text('{"decision": "go"}')
    processes: list[subprocess.Popen[bytes]] = []

    def answer(_received: Received) -> Sent:
        for number in signals:
            processes[0].send_signal(number)
        return sent_json({})

    with serving(answer) as base_url:
        command = [sys.executable, "-m", "ampeco_conformance.cli.main", "run", "--reports", str(tmp_path)]
        processes.append(
            subprocess.Popen(
                [*command, "--base-url", base_url, "--token-env", "SOME_TOKEN"],
                env={**os.environ, "SOME_TOKEN": TOKEN},
                stderr=subprocess.DEVNULL,
            )
        )
        assert processes[0].wait() == ExitCode.INTERRUPTED
    assert json.loads((tmp_path / "verdict.json").read_text())["decision"] == "unknown"
    assert "it was interrupted" in (tmp_path / "verdict.md").read_text()


def test_a_run_that_is_interrupted_in_its_first_second_has_no_verdict(tmp_path: Path) -> None:
    """The signal waits, here from the very beginning, until the page of the earlier run is gone."""
    (tmp_path / "verdict.json").write_text('{"decision": "go"}')
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "ampeco_conformance.cli.main", "run", "--reports", str(tmp_path)],
            stderr=subprocess.DEVNULL,
        )
        process.send_signal(signal.SIGINT)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    assert process.wait() == ExitCode.INTERRUPTED
    assert json.loads((tmp_path / "verdict.json").read_text())["decision"] == "unknown"
