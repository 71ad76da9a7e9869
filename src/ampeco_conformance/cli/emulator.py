"""`./conform emulator`: the emulated API on its own, as the stand-in for a tenant."""

import os
import sys

import click


@click.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Serve the emulated API until interrupted; --help lists its options."""
    # The suite starts the emulator as a process and imports nothing of it.
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "ampeco_emulator", *arguments])
