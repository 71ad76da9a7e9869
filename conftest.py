"""For all tests: one clear line for a call of pytest that mixes the suite with the project's own tests.

The suite's plugin is loaded by `contract_tests/conftest.py` and `scenarios/conftest.py`, when these folders are named.
The project's own tests run without it, so that one of their files runs in about a second.
"""

import pytest

_SUITE = ("contract_tests", "scenarios")


def pytest_configure(config: pytest.Config) -> None:
    """End the session with exit 2 when the suite would be collected without its plugin."""
    if config.pluginmanager.has_plugin("ampeco_conformance.plugin"):
        return
    named = [(config.invocation_params.dir / argument.partition("::")[0]).resolve() for argument in config.args]
    folders = [config.rootpath / name for name in _SUITE]
    if any(folder.is_relative_to(path) for path in named for folder in folders):
        pytest.exit("name the folders to run: pytest contract_tests scenarios, or pytest tests", returncode=2)
