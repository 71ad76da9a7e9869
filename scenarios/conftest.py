"""What the scenarios share: the fixtures, and which of them run, in which order."""

from pathlib import Path

import pytest

from ampeco_conformance.apis import owner_of_scenario
from ampeco_conformance.plugin.options import configured_target
from scenarios.fixtures import *  # noqa: F403

pytest_plugins = ["ampeco_conformance.plugin"]

SCENARIOS = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the scenarios of other vendor APIs."""
    if not collection_path.name.startswith("test_"):
        return None
    owner = owner_of_scenario(collection_path.relative_to(SCENARIOS.parent))
    return None if owner.name == configured_target(config).api else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run scenarios first: contract tests fill an emulator with data that is unfit for charging."""
    items.sort(key=lambda item: SCENARIOS not in item.path.parents)
