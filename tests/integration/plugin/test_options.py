"""Options that count on the command line only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PLUGINS = ["-p", "ampeco_conformance.plugin.suite_options", "-p", "ampeco_conformance.plugin.options"]
_PYTEST = [sys.executable, "-m", "pytest", "-q", *_PLUGINS]


@pytest.mark.parametrize(("arguments", "addopts", "code"), [([], "--yes-really", 4), (["--yes-really"], "", 0)])
def test_yes_really_counts_on_the_command_line_only(
    tmp_path: Path, arguments: list[str], addopts: str, code: int
) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass")
    environment = {**os.environ, "PYTEST_ADDOPTS": addopts, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = subprocess.run(
        [*_PYTEST, *arguments, "test_nothing.py"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == code, ended.stdout + ended.stderr
