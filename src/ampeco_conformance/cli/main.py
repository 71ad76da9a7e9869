"""The command line: `./conform COMMAND`. Problems become one line on stderr and an exit code."""

import errno
import importlib
import os
import sys
from collections.abc import Sequence

import click

from ampeco_conformance import __version__
from ampeco_conformance.cli.examples import with_examples
from ampeco_conformance.cli.interruption import hold_signals, ignore_signals, interrupt_on_signals, release_signals
from ampeco_conformance.cli.typed import TYPED
from ampeco_conformance.core.errors import ConfigurationError, ConformError, ExitCode, refuse_empty
from ampeco_conformance.core.output import lasting_stream
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.core.visible_text import one_line

#: Command -> module and one-line help. A module is imported only when its command runs, to keep --help fast;
#: it defines the click command as `command`.
COMMANDS = {
    "run": ("ampeco_conformance.cli.run", "Test a tenant or the embedded emulator against an API version."),
    "report": ("ampeco_conformance.cli.report", "Generate the reports of a finished run."),
    "detect": ("ampeco_conformance.cli.detect", "Detect the API version of a target."),
    "sweep": ("ampeco_conformance.cli.sweep", "Delete data left by aborted runs."),
    "replay": ("ampeco_conformance.cli.replay", "Send a failing case again: STILL, FIXED or CANNOT."),
    "drift": (
        "ampeco_conformance.cli.drift",
        "List undocumented fields, headers and values; write an overlay for them.",
    ),
    "known": ("ampeco_conformance.cli.known", "List, add, remove or migrate known issues."),
    "emulator": ("ampeco_conformance.cli.emulator", "Start the emulator."),
    "specs": ("ampeco_conformance.cli.specs", "List, show, import and export specifications."),
    "diff": ("ampeco_conformance.cli.diff", "Show the differences between two API versions."),
    "breaking": ("ampeco_conformance.cli.breaking", "Show breaking changes between two API versions, with proof."),
    "changelog": ("ampeco_conformance.cli.changelog", "Write a changelog, version by version."),
    "deprecations": (
        "ampeco_conformance.cli.deprecations",
        "List what you use that is deprecated, until when, and what to use instead.",
    ),
    "watch": ("ampeco_conformance.cli.watch", "Report what is new in a vendor's document, if it concerns you."),
    "matrix": ("ampeco_conformance.cli.matrix", "Compare every API version with every other."),
    "upgrade-check": ("ampeco_conformance.cli.upgrade_check", "Decide whether clients keep working after an upgrade."),
    "client-check": ("ampeco_conformance.cli.client_check", "Judge a client by its traffic or its source code."),
    "proxy": ("ampeco_conformance.cli.proxy", "Judge and record the traffic between a client and its target."),
    "init": ("ampeco_conformance.cli.init", "Write the files with which your own repository starts."),
    "lint": ("ampeco_conformance.cli.lint", "Check tenants.yaml, strictness.yaml and known_issues.yaml."),
    "doctor": ("ampeco_conformance.cli.doctor", "Check this machine and a target; say how to fix problems."),
    "selftest": ("ampeco_conformance.cli.selftest", "Verify that the suite finds every defect of the emulator."),
    "test": ("ampeco_conformance.cli.test", "Run the project's own tests."),
}


#: Errors of a disk that takes no more.
_FULL = (errno.ENOSPC, errno.EDQUOT)
#: Errors of a name that this file system cannot have, or that leads in a circle.
_WRONG_NAMES = (errno.ENAMETOOLONG, errno.ELOOP, errno.EILSEQ)
_HELP = ["-h", "--help"]
#: Commands that write a verdict. They release the signals themselves, once that of an earlier run is gone.
_HOLDING_SIGNALS = ("run", "upgrade-check")


class _Commands(click.Group):
    """A group that imports a command only when it is called."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The command names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command with this name. Raises ConfigurationError, naming the nearest, when there is none."""
        if name not in COMMANDS:
            if context.resilient_parsing:
                return None
            hint = did_you_mean(name, COMMANDS, "conform --help lists them")
            raise ConfigurationError(f"there is no command {name!r}; {hint}")
        command = importlib.import_module(COMMANDS[name][0]).command
        if name not in _HOLDING_SIGNALS:
            release_signals()
        assert isinstance(command, click.Command)
        return with_examples(command, name)

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named, with the defaults of tenants.yaml for its options."""
        if not context.resilient_parsing:
            refuse_empty(arguments)
        context.meta[TYPED] = arguments
        name, command, rest = super().resolve_command(context, arguments)
        has_target = command is not None and any("--tenants-file" in param.opts for param in command.params)
        if name is not None and has_target and not {*_HELP} & {*rest}:
            # Imported here, because it reads the table of all options.
            from ampeco_conformance.cli.defaults import defaults_for

            context.default_map = {name: defaults_for(name, rest)}
        return name, command, rest

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, without importing them, and the exit codes."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), code.meaning.replace("`", "")) for code in ExitCode])


@click.group(cls=_Commands, context_settings={"help_option_names": _HELP})
@click.version_option(__version__, message="conform %(version)s")
def conform() -> None:
    """Test an AMPECO or Spirii tenant against the OpenAPI contract of its API version."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    try:
        status = conform.main(arguments, prog_name="conform", standalone_mode=False)
    except ConformError as error:
        return _fail(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return ExitCode.CONFIGURATION
    except click.ClickException as error:
        return _fail(_with_context(error), ExitCode.CONFIGURATION)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", ExitCode.INTERRUPTED)
    except Exception as error:
        if os.environ.get("CONFORM_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno in _FULL:
            what = error.filename or "the output"
            return _fail(f"{what} cannot be written: {error.strerror}; free some space", ExitCode.ENVIRONMENT)
        if isinstance(error, OSError) and error.errno in _WRONG_NAMES:
            return _fail(f"{error.filename} cannot be used: {error.strerror}", ExitCode.CONFIGURATION)
        what = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return _fail(f"this is a bug: {what} (CONFORM_DEBUG=1 shows where)", ExitCode.ENVIRONMENT)
    return status if isinstance(status, int) else ExitCode.CONFORM


def _with_context(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption) and context is not None and context.parent is None:
        message += f" Options follow their command: conform run {error.option_name}"
    return f"{message} (see {context.command_path} --help)" if context else message


def _fail(line: str, code: ExitCode) -> int:
    click.echo(f"conform: {one_line(line)}", err=True)
    return code


def run() -> None:
    """Be the command `conform`."""
    hold_signals()
    interrupt_on_signals()
    # None is a stream that the caller has closed.
    # The output of a command may be a document, which stays as it is on its way to a file.
    sys.stdout = sys.stdout and lasting_stream(sys.stdout, is_read=sys.stdout.isatty())
    sys.stderr = sys.stderr and lasting_stream(sys.stderr, is_read=True)
    status = main()
    ignore_signals()
    sys.exit(status)


if __name__ == "__main__":
    run()
