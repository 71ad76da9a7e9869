"""The CI recipes are valid files of their systems, and every command in them is one of ours."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documented_commands import arguments, check

ROOT = Path(__file__).resolve().parents[3]
RECIPES = {
    **dict.fromkeys(sorted((ROOT / "ci" / "github").glob("*.yml")), "vendor.github-workflows"),
    **dict.fromkeys(sorted((ROOT / "ci" / "gitlab").glob("*.yml")), "vendor.gitlab-ci"),
}
_COMMAND = re.compile(r"\./conform (.*)")


def commands(path: Path) -> list[list[str]]:
    """The arguments of every call of ours in a file that is no comment."""
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    found = (match for line in lines if (match := _COMMAND.search(line)))
    return [arguments(match[1]) for match in found]


def test_there_are_recipes_for_all_three_occasions() -> None:
    said = {name: " ".join(path.read_text() for path in RECIPES if name in str(path)) for name in ("github", "gitlab")}
    for text in said.values():
        assert all(word in text for word in ("--shard", "--profile smoke", "upgrade-check", "report merge"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_what_a_recipe_may_create_on_a_tenant_is_swept_and_its_journal_is_kept(path: Path) -> None:
    tested = {word for line in commands(path) if line[0] != "sweep" and "--tenant" in line for word in line}
    tenants = tested & {"staging", "preview"}
    swept = [line for line in commands(path) if line[0] == "sweep"]
    assert {line[line.index("--tenant") + 1] for line in swept} == tenants
    text = path.read_text()
    for line in swept:
        assert f"{line[line.index('--reports') + 1].partition('/')[0]}/" in text.partition("artifact")[2]
        assert "after_script" in text or re.search(r"if: always\(\)\n +run: \./conform sweep", text)


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_recipe_is_valid(path: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="the linter comes with requirements/development.txt")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", RECIPES[path], str(path)]
    process = subprocess.run(check, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize("path", [*RECIPES, ROOT / "ci" / "Dockerfile"], ids=lambda path: path.name)
def test_every_command_is_one_of_ours(path: Path) -> None:
    assert commands(path)
    for words in commands(path):
        check(words)
