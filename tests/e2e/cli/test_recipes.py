"""The CI recipes are valid files of their systems, and every command in them is one of ours."""

import re
import shutil
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
#: What `conform init` writes, and the action itself.
PACKAGED = {
    ROOT / "src/ampeco_conformance/cli/user_project/github.yml": "vendor.github-workflows",
    ROOT / "src/ampeco_conformance/cli/user_project/gitlab.yml": "vendor.gitlab-ci",
    ROOT / "action.yml": "vendor.github-actions",
}
_COMMAND = re.compile(r"(?:^|[\s;])(?:\./)?conform ([^;&|>]+)")


def commands(path: Path) -> list[list[str]]:
    """The arguments of every call of ours in a file that is no comment."""
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    return [arguments(match[1].rstrip("\\ ")) for line in lines for match in _COMMAND.finditer(line)]


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


@pytest.mark.parametrize("schema", sorted({*RECIPES.values(), *PACKAGED.values()}))
def test_the_recipes_and_the_action_are_valid(schema: str) -> None:
    pytest.importorskip("check_jsonschema", reason="the linter comes with requirements/development.txt")
    files = [str(path) for path, of in {**RECIPES, **PACKAGED}.items() if of == schema]
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files]
    process = subprocess.run(check, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout


def test_actionlint_finds_nothing_in_the_workflows() -> None:
    linter = shutil.which("actionlint", path=Path(sys.executable).parent)
    if linter is None:
        pytest.skip("the linter comes with requirements/development.txt")
    files = [str(path) for path, of in {**RECIPES, **PACKAGED}.items() if of == "vendor.github-workflows"]
    process = subprocess.run(
        [linter, "-shellcheck=", "-pyflakes=", *files], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stdout


def test_the_dockerfile_has_no_lint() -> None:
    linter = shutil.which("hadolint", path=Path(sys.executable).parent)
    if linter is None:
        pytest.skip("the linter comes with requirements/development.txt")
    process = subprocess.run([linter, str(ROOT / "ci/Dockerfile")], capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize("path", [*RECIPES, *PACKAGED, ROOT / "ci" / "Dockerfile"], ids=lambda path: path.name)
def test_every_command_is_one_of_ours(path: Path) -> None:
    assert commands(path) or "uses: OWNER/REPOSITORY" in path.read_text()
    for words in commands(path):
        check(words)
