"""Refuses arguments for pytest, also those in PYTEST_ADDOPTS, with which it would not run the suite."""

import argparse
import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import PROJECT

_FLAGS = (
    ("-h", "--help"),
    ("-V", "--version"),
    ("--co", "--collectonly", "--collect-only"),
    ("--setuponly", "--setup-only"),
    ("--setupplan", "--setup-plan"),
    ("--markers",),
    ("--funcargs", "--fixtures"),
    ("--fixtures-per-test",),
)
_WITH_VALUES = (
    ("--cache-show",),
    ("-c", "--inifile", "--config-file"),
    ("--rootdir",),
    ("--confcutdir",),
    ("-o", "--override-ini"),
)
#: The plugins without which nothing is recorded.
_OUR_PLUGINS = ("no:conform-", "no:ampeco_conformance")


def refuse_arguments_that_run_nothing(arguments: Sequence[str]) -> None:
    """Raise ConfigurationError for the first of them."""
    if arguments and not arguments[0].startswith(("-", "@")):
        path = arguments[0].partition("::")[0]
        if not any((folder / path).exists() for folder in (Path.cwd(), PROJECT)):
            raise ConfigurationError(
                f"{path!r} is neither an option nor a file of tests; did you mean --tenant {path}?"
            )
    for origin, words in (("", arguments), ("PYTEST_ADDOPTS: ", shlex.split(os.environ.get("PYTEST_ADDOPTS", "")))):
        for word in _refused(words):
            raise ConfigurationError(
                f"{origin}with {word} pytest would not run the suite; leave it out, or run .venv/bin/pytest itself"
            )


def _refused(words: Sequence[str]) -> Iterator[str]:
    yield from (word for word in words if word.startswith("@"))
    found = vars(_parser().parse_known_args(list(words))[0])
    plugins = found.pop("-p")
    yield from (name for name, value in found.items() if value)
    yield from (f"-p {name}" for name in plugins if name.startswith(_OUR_PLUGINS))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for names in _FLAGS:
        parser.add_argument(*names, dest=names[-1], action="store_true")
    for names in _WITH_VALUES:
        parser.add_argument(*names, dest=names[-1], nargs="?", const="given")
    parser.add_argument("-p", action="append", default=[], dest="-p")
    # Short options that may stand before one of the above, as in -vh.
    for name in ("-v", "-q", "-s", "-x", "-l"):
        parser.add_argument(name, dest=argparse.SUPPRESS, action="store_true")
    return parser
