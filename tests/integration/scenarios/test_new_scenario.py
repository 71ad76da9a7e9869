"""The scaffold of a scenario touches three files with the catalogue, and its test fails until it is written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scenario_runs import ROOT

NAME = "taxes_are_listed"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the parts of the project that scenarios are made of."""
    for name in ("scenarios", "tools", "tests/support", "contract_tests", "docs/reference"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "strictness.yaml", "known_issues.yaml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and "reports" not in file.relative_to(folder).parts)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_a_new_scenario_fails_first_and_then_passes(copy: Path) -> None:
    before = contents(copy)
    made = python(copy, "tools.new_scenario", NAME, "--defect", "keep-removed")
    assert made.returncode == 0, made.stderr
    assert python(copy, "tools.catalogue").returncode == 0
    after = contents(copy)
    scenario = f"scenarios/test_{NAME}.py"
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {scenario, "tests/support/noticed.py", "docs/reference/catalogue.md"}
    assert f'"test_{NAME}.py": {{"keep-removed": "{NAME}"}}'.encode() in after["tests/support/noticed.py"]

    run = (scenario, "-q", "-p", "no:cacheprovider", "--reports", str(copy / "reports"))
    tested = python(copy, "pytest", *run)
    assert tested.returncode == 1, tested.stdout + tested.stderr
    assert "[taxes-are-listed]" in tested.stdout
    assert "write the steps and the rule of the scenario" in tested.stdout

    # What its author writes: the condition.
    file = copy / scenario
    file.write_text(file.read_text(encoding="utf-8").replace("status < 0", "status == 200"), encoding="utf-8")
    tested = python(copy, "pytest", *run)
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("tax", "--defect", "tax-off"), "there is already a scenario scenarios/test_tax.py; choose another name"),
        (("Tax", "--defect", "tax-off"), "Tax is not a name of a scenario; write words with underscores"),
        (("fee_is_kept", "--defect", "fee"), "unknown defect fee; ./conform emulator --list-defects lists them"),
    ],
    ids=["taken", "malformed", "unknown defect"],
)
def test_what_cannot_be_scaffolded_is_refused_in_one_line(arguments: tuple[str, ...], problem: str) -> None:
    refused = python(ROOT, "tools.new_scenario", *arguments)
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].partition("error: ")[2].startswith(problem)
