"""`./conform emulator`: starts the emulator, which is a separate program and never imported."""

import os
import sys

import click


@click.command(
    name="emulator",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Serve the emulated API until interrupted; `--help` lists the options."""
    os.execv(sys.executable, [sys.executable, "-m", "ampeco_emulator", *arguments])
