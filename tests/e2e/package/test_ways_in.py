"""Every command of the pages about the ways in is one of ours, or of a tool that they name."""

from pathlib import Path

import pytest

from ampeco_emulator.__main__ import command
from tests.support.documented_commands import arguments, check, in_page
from tests.support.installed_package import PROJECT

PAGES = [PROJECT / "docs/guide" / name for name in ("install.md", "own-project.md", "proxy.md", "ci.md")]
#: What the pages call of others, with the words that must follow.
OTHERS = {
    "git": ("clone",),
    "cd": (),
    "pipx": ("install", "."),
    "uvx": ("--from", ".", "conform", "run"),
    "pip": ("install",),
    "python": ("-m", "build"),
    "pytest": (),
    "requirements/renew": (),
    "docker": (),
}


@pytest.mark.parametrize("line", [line for page in PAGES for line in in_page(page)])
def test_a_command_exists(line: str) -> None:
    program, *words = arguments(line.replace("<", "").replace(">", ""))
    if Path(program).name == "conform":
        check(words)
    elif program == "ampeco-emulator":
        command.make_context(program, words)
    else:
        assert tuple(words[: len(OTHERS[program])]) == OTHERS[program]
