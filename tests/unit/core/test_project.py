"""The commit of a checkout, and none where there is none."""

import subprocess
from pathlib import Path

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
