"""The commit of a checkout, none where there is none, and how an item is run."""

import subprocess
from pathlib import Path

import pytest

from ampeco_conformance.core import project
from ampeco_conformance.core.project import commit


def test_the_commit_of_a_checkout_is_known(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e@example.com", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "first")
    assert commit(tmp_path) == git("rev-parse", "HEAD")


def test_there_is_none_outside_a_checkout_or_before_the_first_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == ""
    (tmp_path / ".git").mkdir()
    assert commit(tmp_path) == ""


def test_an_item_of_a_users_own_scenarios_is_run_with_the_suites_plugin_from_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_own.py").touch()
    monkeypatch.setattr(project, "OWN_SCENARIOS", tmp_path)
    own = ["--confcutdir", str(tmp_path), "-p", "ampeco_conformance.plugin", f"{tmp_path}/test_own.py::test_a[v1]"]
    # The folder that pytest takes for the root decides what the node id begins with.
    for node_id in ("test_own.py::test_a[v1]", f"{tmp_path.name}/test_own.py::test_a[v1]"):
        assert project.item_arguments(node_id)[-5:] == own
    suites = f"{project.PROJECT}/contract_tests/test_reads.py::test_a[GET /a/b]"
    assert project.item_arguments("contract_tests/test_reads.py::test_a[GET /a/b]")[-1] == suites
