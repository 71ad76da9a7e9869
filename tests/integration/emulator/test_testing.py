"""The emulator in the tests of others."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ampeco_emulator.testing import Emulator

#: A process of the user starts the emulator.
STARTS_REAL_PROCESSES = True


def test_the_example_of_the_manual_passes(tmp_path: Path) -> None:
    manual = Path("docs/guide/emulator.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(import httpx\n.*?)```", manual, re.DOTALL)
    assert len(example) == 1
    (tmp_path / "test_example.py").write_text(example[0])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",
        "test_example.py",
    ]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout


def test_an_emulator_that_does_not_start_says_why() -> None:
    with pytest.raises(RuntimeError, match="yesterday"), Emulator(clock="yesterday"):
        pass
