"""Refuses arguments for pytest, also those in PYTEST_ADDOPTS, with which it would not run the suite."""

import argparse
import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from _pytest.config import get_config
from _pytest.mark.expression import Expression

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.project import PROJECT
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.plugin.option_table import options_of
from ampeco_conformance.plugin.option_values import Program

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

#: The plugins of a run that have options.
_WITH_OPTIONS = ("xdist", "allure_pytest", "ampeco_conformance.plugin.suite_options")


def refuse_arguments_that_run_nothing(arguments: Sequence[str]) -> None:
    """Raise ConfigurationError for the first of them."""
    if arguments and not arguments[0].startswith(("-", "@")):
        path = arguments[0].partition("::")[0]
        if not any((folder / path).exists() for folder in (Path.cwd(), PROJECT)):
            names = {option.run_name or option.name for option in options_of(Program.RUN)}
            meant = f"--{path}" if f"--{path}" in names else f"--tenant {path}"
            raise ConfigurationError(f"{path!r} is neither an option nor a file of tests; did you mean {meant}?")
    try:
        added = shlex.split(os.environ.get("PYTEST_ADDOPTS", ""))
    except ValueError as error:
        raise ConfigurationError(
            f"PYTEST_ADDOPTS cannot be split into arguments: {error}; correct or unset it"
        ) from None
    for origin, words in (("", arguments), ("PYTEST_ADDOPTS: ", added)):
        for word in _refused(words):
            raise ConfigurationError(
                f"{origin}with {word} pytest would not run the suite; leave it out, or run .venv/bin/pytest itself"
            )
        if words:
            _refuse_unknown(origin, words)


def _refuse_unknown(origin: str, words: Sequence[str]) -> None:
    """Raise ConfigurationError for an option that neither pytest nor a plugin has, or a bad value."""
    config = get_config()
    for plugin in _WITH_OPTIONS:
        config.pluginmanager.import_plugin(plugin, consider_entry_points=True)
    parser = config._parser
    try:
        config.pluginmanager.consider_preparse(words)
        given, unknown = parser.parse_known_and_unknown_args([*words])
        for expression in filter(None, (given.keyword, given.markexpr)):
            Expression.compile(expression)
    except (pytest.UsageError, SyntaxError) as error:
        raise ConfigurationError(
            f"{origin}pytest refuses the arguments: {str(error).rpartition('error: ')[2]}"
        ) from None
    finally:
        config._ensure_unconfigure()
    if unknown:
        names = (name for action in parser.optparser._actions for name in action.option_strings)
        hint = did_you_mean(unknown[0].partition("=")[0], names, ".venv/bin/pytest --help lists them")
        raise ConfigurationError(f"{origin}pytest has no option {unknown[0]}; {hint}")


def _refused(words: Sequence[str]) -> Iterator[str]:
    yield from (word for word in words if word.startswith("@"))
    found = vars(_parser().parse_known_args(list(words))[0])
    plugins = found.pop("-p")
    del found["harmless"]
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
        parser.add_argument(name, dest="harmless", action="store_true")
    return parser
