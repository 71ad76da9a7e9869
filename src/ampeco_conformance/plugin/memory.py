"""Tunes garbage collection: a run keeps its specification, validators and items, millions of objects, to its end.

With Python's defaults the collector visits them again and again, for a quarter of the CPU time of a run.
"""

import gc

import pytest

#: New objects after which the youngest are visited; Python's default is 700.
_ALLOCATIONS = 20_000
_THRESHOLDS = pytest.StashKey[tuple[int, int, int]]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Collect less often while the specification is loaded and the items are made."""
    config.stash[_THRESHOLDS] = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Exempt everything that exists now from collection."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Restore the collector for the session that comes next in this process."""
    gc.unfreeze()
    gc.set_threshold(*config.stash[_THRESHOLDS])
