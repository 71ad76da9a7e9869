"""The commands in recipes and documents: every one must be one of ours, with options that exist."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ampeco_conformance.cli.main import conform

# What CI systems put in: a number does where any text is taken.
_FILLED = re.compile(r"\$\{\{[^}]*\}\}|\$\w+")
_BLOCK = re.compile(r"^```(?:console|sh|bash)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def in_page(page: Path) -> Iterator[str]:
    """The command lines in the console blocks of a Markdown page, without comments."""
    for block in _BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            yield from (part.strip() for part in line.partition(" #")[0].split("&&"))


def arguments(line: str) -> list[str]:
    """The words of a command line, with variables filled in."""
    return shlex.split(_FILLED.sub("1", line).partition("&&")[0])


def check(words: Sequence[str]) -> None:
    """Fail for a command that `conform` does not have, or options that the command does not have."""
    command: click.Command = conform
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            break
        command, rest = found, rest[1:]
    assert command is not conform, f"there is no command {' '.join(words)}"
    command.make_context("conform", rest)
