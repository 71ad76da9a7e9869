"""The pytest plugin behind `contract_tests` and `scenarios`.

Everything works under plain pytest too: `pytest contract_tests scenarios --tenant staging --api-version 3.85.1`.
Conftests import from here before pytest registers it: PYTEST_DONT_REWRITE.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The command line imports from here, and has no use for pytest.
    import pytest

_PARTS = (
    "ampeco_conformance.plugin.memory",
    "ampeco_conformance.plugin.parent",
    "ampeco_conformance.plugin.suite_options",
    "ampeco_conformance.plugin.options",
    "ampeco_conformance.plugin.target",
    "ampeco_conformance.plugin.selection",
    "ampeco_conformance.plugin.permission",
    "ampeco_conformance.plugin.dry_run",
    "ampeco_conformance.plugin.budget",
    "ampeco_conformance.plugin.sharding",
    "ampeco_conformance.plugin.har_export",
    "ampeco_conformance.plugin.recording",
    "ampeco_conformance.plugin.triage",
    "ampeco_conformance.plugin.results",
    "ampeco_conformance.plugin.verdict",
    "ampeco_conformance.plugin.events",
)


def pytest_addhooks(pluginmanager: "pytest.PytestPluginManager") -> None:
    """Register the parts; for each name in a list `pytest_plugins`, pytest would read about all installed packages."""
    for name in _PARTS:
        if not pluginmanager.has_plugin(name):
            pluginmanager.register(importlib.import_module(name), name)
