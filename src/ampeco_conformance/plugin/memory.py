"""Tunes garbage collection: a run keeps its specification, validators and items, millions of objects, to its end.

With Python's defaults the collector visits them again and again, for a quarter of the CPU time of a run.
"""

import gc

import pytest

#: New objects after which the youngest are visited; Python's default is 700.
_ALLOCATIONS = 20_000


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Collect less often, and release what an earlier session of this process has exempted."""
    gc.unfreeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Exempt everything that exists now from collection."""
    gc.collect()
    gc.freeze()
