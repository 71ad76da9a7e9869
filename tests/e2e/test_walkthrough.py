"""The newcomer's walk works as it is written: every command, every line of output, every picture."""

import re
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ampeco_conformance.triage.known_issues import today
from tests.support.runs import conform

PROJECT = Path(__file__).resolve().parents[2]
WALK = (PROJECT / "docs/guide/walkthrough.md").read_text(encoding="utf-8")
LARGEST_PICTURE = 150_000


def steps() -> list[tuple[str, list[str]]]:
    """The commands, in their order, each with the lines of output that are shown."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", WALK, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line.removeprefix("$ "), []))
            else:
                found[-1][1].append(line)
    return found


def arguments_of(command: str, folder: Path) -> list[str]:
    """A command as it is written, but with reports and known issues in a folder of the test, and one worker."""
    written = re.sub(r"\d{4}-\d\d-\d\d", str(today() + timedelta(days=30)), command)
    program, *words = shlex.split(written)
    if program == ".venv/bin/pytest":
        return [sys.executable, "-m", "pytest", *words, "--reports", str(folder / "again")]
    own = {
        "run": ["--reports", str(folder / "reports"), "--no-html", "--workers", "1"],
        "report": ["--reports", str(folder / "reports")],
        "known": ["--reports", str(folder / "reports"), "--known-issues", str(folder / "known_issues.yaml")],
    }
    end = words.index("--") if "--" in words else len(words)
    words[end:end] = own.get(words[0], [])
    return ["./conform", *words]


def outcome_of(command: list[str]) -> tuple[int, str]:
    """The exit code and the output of a command."""
    if command[0] == "./conform":
        return conform(*command[1:])
    process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return process.returncode, process.stdout


def test_every_command_says_what_the_walk_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    monkeypatch.setenv("COLUMNS", "200")
    assert len(steps()) == 7
    for command, lines in steps():
        code, said = outcome_of(arguments_of(command, tmp_path))
        assert [line for line in lines if line not in said] == [], f"{command}\n{said}"
        assert code == ("violated" in " ".join(lines) or "failed" in " ".join(lines)), command
    page = (tmp_path / "reports/index.html").read_text()
    assert re.search(r'id="fixed".*?data\.id is missing', page, re.DOTALL)


@pytest.mark.parametrize(
    "document", ["README.md", *(str(file.relative_to(PROJECT)) for file in (PROJECT / "docs").rglob("*.md"))]
)
def test_pictures_are_there_and_small(document: str) -> None:
    file = PROJECT / document
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", file.read_text(encoding="utf-8")):
        assert (file.parent / picture).stat().st_size < LARGEST_PICTURE, picture
