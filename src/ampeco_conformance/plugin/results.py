"""From pytest's outcomes to the run's results: one row per item, the run summary, the exit code."""


import pytest

from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.selection import operation_of
from ampeco_conformance.tenants.safety import refusal

ROW = "conform"
_GIVEN_UP_AFTER = 5

_started = pytest.StashKey[float]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, before anything is sent, what the target's safety level does not permit."""
    operation = operation_of(item)
    if operation is not None:
        reason = refusal(operation, configured_target(item.config).safety)
        if reason is not None:
            pytest.skip(reason)
