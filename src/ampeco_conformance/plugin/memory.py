"""Exempts from garbage collection what a run keeps to its end: its specification, validators and items."""

import gc

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Release what an earlier session of this process has exempted."""
    gc.unfreeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Exempt everything that exists now from collection."""
    gc.freeze()
