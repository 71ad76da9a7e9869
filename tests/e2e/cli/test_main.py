"""The command line as a user meets it: help, mistakes, bugs."""

import os
import subprocess
import sys
from collections.abc import Callable

import click
import pytest

from ampeco_conformance import __version__
from ampeco_conformance.cli import main as cli
from ampeco_conformance.core.errors import ExitCode, TargetError


def conform(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ampeco_conformance.cli.main", *arguments], capture_output=True, text=True, check=False
    )


def test_version() -> None:
    result = conform("--version")
    assert (result.returncode, result.stdout) == (0, f"conform {__version__}\n")


def test_every_command_has_its_line_in_the_help_and_a_help_of_its_own() -> None:
    shown = conform("--help")
    assert shown.returncode == 0
    for name in cli.COMMANDS:
        assert f"  {name} " in shown.stdout
        command = cli.conform.get_command(click.Context(cli.conform), name)
        assert command is not None
        assert command.help


def test_shells_complete_commands() -> None:
    words = {"COMP_WORDS": "conform pro", "COMP_CWORD": "1", "_CONFORM_COMPLETE": "bash_complete"}
    command = [sys.executable, "-m", "ampeco_conformance.cli.main"]
    result = subprocess.run(command, env={**os.environ, **words}, capture_output=True, text=True, check=False)
    assert result.stdout.split() == ["plain,proxy"]


OF_RUNS = ("pytest", "schemathesis", "hypothesis", "httpx", "jinja2", "ampeco_conformance.triage")


@pytest.mark.parametrize(
    ("arguments", "needless"), [(["--help"], ("yaml", *OF_RUNS)), (["diff", "3.109.0", "3.110.0"], OF_RUNS)], ids=str
)
def test_a_command_is_quick_because_it_imports_what_it_needs(arguments: list[str], needless: tuple[str, ...]) -> None:
    script = (
        f"import sys; from ampeco_conformance.cli.main import main; main({arguments});"
        f"print(sorted(name for name in sys.modules if name.startswith({needless})))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def test_without_a_command_help_is_shown() -> None:
    result = conform()
    assert result.returncode == ExitCode.CONFIGURATION
    assert "Commands:" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["fly"], "conform: there is no command 'fly'; "),
        (["run", "--fly"], "conform: No such option '--fly'."),
        (["run", "--workers", "many"], "conform: Invalid value for '--workers': 'many' is not a whole number"),
        (["run", "--safety", "none"], "conform: Invalid value for '--safety': 'none' is not one of 'read-only'"),
    ],
)
def test_a_mistake_costs_one_line(arguments: list[str], line: str) -> None:
    result = conform(*arguments)
    assert result.returncode == ExitCode.CONFIGURATION
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize("group", ["known", "report", "specs"])
def test_the_help_of_a_group_says_in_full_what_each_command_does(
    group: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main([group, "--help"])
    said = capsys.readouterr().out
    assert "Commands:" in said
    assert "..." not in said.partition("Commands:")[2]


def _raise(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (TargetError("staging is down"), 3, "conform: staging is down\n"),
        (KeyboardInterrupt(), 130, "conform: interrupted\n"),
        (
            ZeroDivisionError("x\ny"),
            3,
            "conform: this is a bug: ZeroDivisionError: x y (CONFORM_DEBUG=1 shows where)\n",
        ),
    ],
)
def test_what_a_command_raises_becomes_one_line_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, line: str
) -> None:
    failing = click.Command("run", callback=_raise(error))
    monkeypatch.setattr(cli.conform, "get_command", lambda _context, _name: failing)
    monkeypatch.delenv("CONFORM_DEBUG", raising=False)
    assert cli.main(["run"]) == code
    assert capsys.readouterr().err.lstrip() == line


def test_a_bug_shows_its_traceback_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = click.Command("run", callback=_raise(ZeroDivisionError()))
    monkeypatch.setattr(cli.conform, "get_command", lambda _context, _name: failing)
    monkeypatch.setenv("CONFORM_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["run"])


_FULL = "the output cannot be written: No space left on device"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("specs list | head -1", 0, ""),
        (
            "specs list > /dev/full",
            3,
            "conform: the output cannot be written: No space left on device; free some space",
        ),
        ("known list 2>&1 >&-", 0, ""),
    ],
)
def test_output_that_nobody_takes(line: str, code: int, said: str) -> None:
    command, _, rest = line.partition(" ")
    script = f"set -o pipefail; {sys.executable} -m ampeco_conformance.cli.main {command} {rest}"
    ended = subprocess.run(["bash", "-c", script], stderr=subprocess.PIPE, text=True)
    assert (ended.returncode, ended.stderr.strip()) == (code, said)
