"""The command line as the user typed it."""

import shlex
from itertools import takewhile

import click

from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.target.connection import without_header_values

#: The key of the arguments in the data of a context.
TYPED = "ampeco_conformance.typed"


def times_typed(option: str) -> int:
    """How often an option was typed, before what goes to pytest."""
    context = click.get_current_context(silent=True)
    words = context.meta.get(TYPED, ()) if context else ()
    ours = takewhile(lambda word: word != "--", words)
    return sum(word.partition("=")[0] == option for word in ours)


def typed_command() -> str:
    """The command that is running, as a line for a shell without the values of headers.

    The name of the program alone when no arguments are known.
    """
    context = click.get_current_context(silent=True)
    return shlex.join([COMMAND, *without_header_values(context.meta.get(TYPED, ()) if context else ())])
