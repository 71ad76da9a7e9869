"""Errors when Allure or Node.js cannot be installed."""

import sys
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.reporting.writers.allure_html import CONFIGURATION
from ampeco_conformance.reporting.writers.allure_install import allure_command


def test_without_the_npm_registry_one_line_says_so_and_nothing_counts_as_installed(
    installed_allure: None,  # noqa: ARG001
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    said: list[str] = []
    for _ in range(2):
        with pytest.raises(
            TargetError, match=r"^cannot install Allure 3 from the npm registry: .*127\.0\.0\.1:9"
        ) as failure:
            allure_command(CONFIGURATION, said.append)
        assert "\n" not in str(failure.value)
    assert said == ["installing Allure 3 from npm (once) ..."] * 2


def test_an_installed_allure_is_not_installed_again(installed_allure: None) -> None:  # noqa: ARG001
    said: list[str] = []
    node, script = allure_command(CONFIGURATION, said.append)
    assert said == []
    assert Path(node).is_file()
    assert Path(script).is_file()


def test_npm_gets_no_token_and_runs_no_scripts_of_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, script in {
        "node": "echo v22.0.0",
        "npm": f'echo "$@" > {tmp_path}/called; env >> {tmp_path}/called',
    }.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("AMPECO_STAGING_TOKEN", "canary-7f3a")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    allure_command(CONFIGURATION, lambda _: None)
    called = (tmp_path / "called").read_text()
    assert "--ignore-scripts" in called.partition("\n")[0]
    assert "npm_config_fetch_retries=0" in called
    assert "canary" not in called
