"""The scaffold of a comparison rule touches two files, and the rule that it adds works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
COPIED = ("src", "tools", "tests/support", "tests/unit/compatibility", "tests/data/peer_rules.yaml", "pyproject.toml")
IDENTIFIER = "operation-summary-changed"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the parts of the project that rules are made of."""
    for name in (*COPIED, "docs/reference", "policies", "specs/catalog.yaml"):
        source, goal = PROJECT / name, tmp_path / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, goal, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, goal)
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_new_rule_touches_two_files_and_passes_the_tests_of_rules(copy: Path) -> None:
    before = contents(copy)
    made = python(copy, "tools.new_comparison_rule", IDENTIFIER)
    assert made.returncode == 0, made.stderr
    after = contents(copy)
    assert {name for name in after if after[name] != before.get(name)} == {
        "docs/reference/compatibility-rules.md",
        "src/ampeco_conformance/compatibility/rules/metadata.py",
    }
    tests = [f"tests/unit/compatibility/test_{name}.py" for name in ("rules", "documentation")]
    chosen = ("-k", f"{IDENTIFIER} or page", "-q", "-p", "no:cacheprovider")
    tested = python(copy, "pytest", *tests, *chosen)
    assert "3 passed" in tested.stdout, tested.stdout + tested.stderr
    again = python(copy, "tools.new_comparison_rule", IDENTIFIER)
    assert (again.returncode, again.stderr.splitlines()[-1].partition("error: ")[2]) == (
        2,
        f"there is already a rule {IDENTIFIER}; choose another id",
    )
