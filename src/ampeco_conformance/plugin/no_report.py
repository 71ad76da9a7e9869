"""What stands in for the report when a user's own scenarios run without one."""

from collections.abc import Callable

import pytest

from ampeco_conformance.core.exchanges import Exchange


@pytest.fixture
def show_exchange() -> Callable[[Exchange], None]:
    """Attaches an exchange to nothing."""
    return lambda _exchange: None
