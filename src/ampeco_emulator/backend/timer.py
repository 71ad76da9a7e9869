"""The timer of a backend whose clock is the real time: what falls due happens without a request."""

import asyncio
import logging

from ampeco_emulator.backend.backend import Backend

_EVERY = 0.1
_LOG = logging.getLogger(__name__)


async def run_timer(backend: Backend) -> None:
    """Run the steps of the schedule as they fall due, until cancelled."""
    while True:
        await asyncio.sleep(_EVERY)
        try:
            backend.tick()
        except Exception:
            # As a request that fails: the next step runs all the same.
            _LOG.exception("a step of the schedule failed")
