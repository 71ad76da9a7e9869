"""Tunes garbage collection: a run keeps its specification, validators and items, millions of objects, to its end.

With Python's defaults the collector visits them again and again, for a quarter of the CPU time of a run.
`./conform run` loads this with `-p`, before the suite is imported, which creates most objects of a short run.
"""

import gc

import pytest

#: New objects after which the youngest are visited; Python's default is 700.
_ALLOCATIONS = 20_000

gc.set_threshold(_ALLOCATIONS, 20, 20)


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    """Release what an earlier session of this process has exempted."""
    gc.unfreeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Exempt everything that exists now from collection."""
    gc.freeze()
