"""The options of the table as those of pytest, where it runs the suite: `--tenant staging`."""

import pytest

from ampeco_conformance.plugin.option_table import options_of
from ampeco_conformance.plugin.option_values import Program
from ampeco_conformance.plugin.options import add_options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in a group of their own."""
    add_options(parser.getgroup("conform", "AMPECO conformance"), options_of(Program.PYTEST))
