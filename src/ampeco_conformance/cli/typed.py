"""The command line as the user typed it."""

import shlex

import click

from ampeco_conformance.core.project import COMMAND

#: The key of the arguments in the data of a context.
TYPED = "ampeco_conformance.typed"


def typed_command() -> str:
    """The command that is running, as a line for a shell; the name of the program alone when no arguments are known."""
    context = click.get_current_context(silent=True)
    return shlex.join([COMMAND, *(context.meta.get(TYPED, ()) if context else ())])
