"""The scaffold of a check writes two files, and its test fails until the condition is written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
CHECK = "etag_matches"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the parts of the project that checks are made of."""
    for name in ("src", "tools", "contract_tests", "tests/support", "tests/unit/checks", "specs"):
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("tests/unit/conftest.py", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def files(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def test_a_new_check_fails_first_and_then_passes(copy: Path) -> None:
    before = files(copy)
    made = python(copy, "tools.new_check", CHECK)
    assert made.returncode == 0, made.stderr
    check, test = f"src/ampeco_conformance/checks/{CHECK}.py", f"tests/unit/checks/test_{CHECK}.py"
    assert files(copy) - before == {check, test}

    tests = (test, "tests/unit/checks/test_registry.py")
    options = ("-q", "-p", "no:cacheprovider", "-k", CHECK)
    tested = python(copy, "pytest", *tests, *options)
    assert tested.returncode == 1, tested.stdout + tested.stderr
    assert "AssertionError: write the condition of the check" in tested.stdout
    assert f"test_a_contract_test_uses_every_declaration[{CHECK}]" in tested.stdout
    assert "2 failed, 2 passed" in tested.stdout

    # What its author writes: a response that breaks the promise, the condition, and a contract test that uses it.
    file = copy / check
    file.write_text(file.read_text(encoding="utf-8").replace("status < 0", "status == 418"), encoding="utf-8")
    file = copy / test
    file.write_text(file.read_text(encoding="utf-8").replace("200", "418", 1), encoding="utf-8")
    (copy / f"contract_tests/test_{CHECK}.py").write_text(f"def test_it(exchange):\n    {CHECK}_violations(exchange)\n")
    tested = python(copy, "pytest", *tests, *options)
    assert "4 passed" in tested.stdout, tested.stdout + tested.stderr


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("pagination_links", "there is already a check pagination_links; choose another id"),
        ("ETag", "ETag is not an id of a check; write words with underscores: etag_matches"),
    ],
)
def test_an_id_that_is_taken_or_malformed_is_refused_in_one_line(name: str, problem: str) -> None:
    refused = python(PROJECT, "tools.new_check", name)
    assert (refused.returncode, refused.stderr.splitlines()[-1].partition("error: ")[2]) == (2, problem)
