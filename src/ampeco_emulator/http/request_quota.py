"""The rate limit of the emulated API."""

import time

from ampeco_emulator.settings import EmulatorSettings

_WINDOW = 60


class RequestQuota:
    """Counts the requests of each token in windows of a minute of real time."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, token: str) -> tuple[dict[str, str], bool]:
        """Count a request: the headers to send, and whether it is within the limit. Without a limit: no headers."""
        limit = self._settings.rate_limit
        if limit is None:
            return {}, True
        now = time.time()
        if int(now // _WINDOW) != self._window:
            self._window = int(now // _WINDOW)
            self._counts.clear()
        used = self._counts[token] = self._counts.get(token, 0) + 1
        reset = (self._window + 1) * _WINDOW
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - used)),
            "X-RateLimit-Reset": str(reset),
        }
        if used > limit:
            return headers | {"Retry-After": str(max(1, int(reset - now)))}, False
        return headers, True
