"""Fixtures of one emulator that behaves, for all tests of a folder: its `conftest.py` imports them."""

from collections.abc import Iterator

import pytest

from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN
from tests.support.scenario_runs import API_VERSION, TOKEN_VARIABLE


@pytest.fixture(scope="package")
def emulator() -> Iterator[str]:
    """The base URL of an emulator."""
    with running_emulator("ampeco", API_VERSION, DEFAULT_TOKEN) as base_url:
        yield base_url


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The emulator's token, where a run looks for it."""
    monkeypatch.setenv(TOKEN_VARIABLE, DEFAULT_TOKEN)
