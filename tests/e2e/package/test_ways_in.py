"""Every command of the README and the guide is one of ours, or of a tool that they name."""

from itertools import dropwhile
from pathlib import Path

import pytest

from ampeco_emulator.__main__ import command
from tests.support.documented_commands import arguments, check, in_page
from tests.support.installed_package import PROJECT

GUIDE = sorted((PROJECT / "docs/guide").glob("*.md"))
#: The walkthrough is run as it is written, by tests/e2e/test_walkthrough.py.
PAGES = [PROJECT / "README.md", *(page for page in GUIDE if page.name != "walkthrough.md")]
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
    "export": (),
}


@pytest.mark.parametrize("line", [line for page in PAGES for line in in_page(page)])
def test_a_command_exists(line: str) -> None:
    words = arguments(line.replace("<", "").replace(">", ""))
    # What stands before the program are variables.
    program, *words = dropwhile(lambda word: "=" in word, words)
    program = program if program in OTHERS else Path(program).name
    if program == "conform":
        check(words)
    elif program == "ampeco-emulator":
        command.make_context(program, words)
    else:
        assert tuple(words[: len(OTHERS[program])]) == OTHERS[program]
