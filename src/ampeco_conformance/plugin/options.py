"""The options of the table under pytest, and the target that they name.

Conftests import from here before pytest registers it: PYTEST_DONT_REWRITE.
"""

import argparse
import secrets
from collections.abc import Callable, Iterable

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.plugin.option_table import options_of
from ampeco_conformance.plugin.option_values import Option, Program
from ampeco_conformance.plugin.target_options import TargetOptions
from ampeco_conformance.target.configuration import Target

_TARGET = pytest.StashKey[Target]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in a group of their own."""
    add_options(parser.getgroup("conform", "AMPECO conformance"), options_of(Program.PYTEST))


def add_options(group: pytest.OptionGroup, options: Iterable[Option]) -> None:
    """Add options to a group of pytest's."""
    for option in options:
        help_text = option.full_help.replace("%", "%%")
        if option.is_flag:
            group.addoption(option.name, action="store_true", help=help_text)
            continue
        group.addoption(
            option.name,
            type=_converter(option.parse),
            choices=option.choices or None,
            action="append" if option.is_repeatable else "store",
            default=[] if option.is_repeatable else option.default,
            metavar=option.metavar,
            help=help_text,
        )


def _converter(parse: Callable[[str], object]) -> Callable[[str], object]:
    def convert(text: str) -> object:
        try:
            return parse(text)
        except ConfigurationError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Name the run, before the workers of a parallel run get the options; refuse --yes-really from elsewhere."""
    config.option.run_id = config.option.run_id or secrets.token_hex(4)
    config.option.run_group = config.option.run_group or config.option.run_id
    is_worker = hasattr(config, "workerinput")
    if config.option.yes_really and not is_worker and "--yes-really" not in config.invocation_params.args:
        raise pytest.UsageError("--yes-really counts on the command line only, not in PYTEST_ADDOPTS or a file")


def configured_target(config: pytest.Config) -> Target:
    """The target that the options name; ends the session with exit 2 and one line when they are wrong."""
    if _TARGET not in config.stash:
        try:
            config.stash[_TARGET] = TargetOptions.of(config.option).resolve(config.option.api_version)
        except ConfigurationError as error:
            pytest.exit(str(error), returncode=error.exit_code)
    return config.stash[_TARGET]
