"""The options of the table under pytest, and the target that they name.

Conftests import from here before pytest registers it: PYTEST_DONT_REWRITE.
"""

import argparse
import secrets
from argparse import Namespace
from collections.abc import Callable, Iterable

import pytest

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.plugin.option_arguments import given_headers
from ampeco_conformance.plugin.option_values import Option
from ampeco_conformance.plugin.target_options import TargetOptions
from ampeco_conformance.target.configuration import Target

_TARGET = pytest.StashKey[Target]()
_OPTIONS = pytest.StashKey[Namespace]()
#: What the names of the values begin with, among those of all plugins.
_DESTINATION = "conform_"
_YES_REALLY = ("--yes-really", "--conform-yes-really")


def add_options(group: pytest.OptionGroup, options: Iterable[Option], prefix: str = "--") -> None:
    """Add options to a group of pytest's; no other plugin has the names of their values."""
    for option in options:
        name, destination = f"{prefix}{option.name.removeprefix('--')}", f"{_DESTINATION}{option.key}"
        help_text = option.full_help.replace("%", "%%")
        if option.is_flag:
            group.addoption(name, action="store_true", dest=destination, help=help_text)
            continue
        group.addoption(
            name,
            type=_converter(option.value_of),
            choices=option.choices or None,
            action="append" if option.is_repeatable else "store",
            dest=destination,
            default=[] if option.is_repeatable else option.default,
            metavar=option.metavar,
            help=help_text,
        )


def run_options(config: pytest.Config) -> Namespace:
    """The values of the options, by the keys of the table; a session may change them."""
    if _OPTIONS not in config.stash:
        config.stash[_OPTIONS] = options = options_among(config.option)
        options.header = [*given_headers(options.header)]
    return config.stash[_OPTIONS]


def options_among(parsed: Namespace) -> Namespace:
    """Our options among all that pytest has parsed."""
    ours = {name: value for name, value in vars(parsed).items() if name.startswith(_DESTINATION)}
    return Namespace(**{name.removeprefix(_DESTINATION): value for name, value in ours.items()})


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
    option = config.option
    option.conform_run_id = option.conform_run_id or secrets.token_hex(4)
    option.conform_run_group = option.conform_run_group or option.conform_run_id
    is_worker = hasattr(config, "workerinput")
    if option.conform_yes_really and not is_worker and not {*config.invocation_params.args} & {*_YES_REALLY}:
        raise pytest.UsageError("--yes-really counts on the command line only, not in PYTEST_ADDOPTS or a file")


def configured_target(config: pytest.Config) -> Target:
    """The target that the options name; ends the session with exit 2 and one line when they are wrong."""
    if _TARGET not in config.stash:
        try:
            config.stash[_TARGET] = TargetOptions.of(run_options(config)).resolve(run_options(config).api_version)
        except ConfigurationError as error:
            pytest.exit(str(error), returncode=error.exit_code)
    return config.stash[_TARGET]
