"""Exempts from garbage collection what a run keeps to its end: its specification, validators and items."""

import gc

import pytest
from _pytest.unraisableexception import gc_collect_iterations_key


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Release what an earlier session of this process has exempted; collect nothing for warnings at the very end."""
    gc.unfreeze()
    config.stash[gc_collect_iterations_key] = 0


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Exempt everything that exists now from collection."""
    gc.freeze()
