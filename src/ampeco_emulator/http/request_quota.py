"""The rate limit and the daily quota of the emulated API."""

import time
from collections import Counter

from ampeco_emulator.settings import EmulatorSettings

_MINUTE, _DAY = 60, 86_400


class RequestQuota:
    """Counts the requests of each token in windows of a minute and of a day (UTC) of real time."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings
        self._windows = {_MINUTE: 0, _DAY: 0}
        self._counts: dict[int, Counter[str]] = {_MINUTE: Counter(), _DAY: Counter()}

    def count(self, token: str) -> tuple[dict[str, str], bool]:
        """Count a request: the headers to send, and whether it is within both limits. Without a limit: no headers.

        The headers are those of the limit that is exceeded, else of that of a minute. Only a 429 tells when the window
        ends.
        """
        limits = {_MINUTE: self._settings.rate_limit, _DAY: self._settings.daily_limit}
        shown: dict[str, str] = {}
        for window, limit in limits.items():
            if limit is None:
                continue
            headers, is_within = self._count(token, window, limit)
            if not is_within:
                return headers, False
            shown = shown or headers
        return shown, True

    def _count(self, token: str, window: int, limit: int) -> tuple[dict[str, str], bool]:
        now, counts = time.time(), self._counts[window]
        if int(now // window) != self._windows[window]:
            self._windows[window] = int(now // window)
            counts.clear()
        counts[token] += 1
        used = counts[token]
        reset = (self._windows[window] + 1) * window
        headers = {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(max(0, limit - used))}
        if used <= limit:
            return headers, True
        return headers | {"X-RateLimit-Reset": str(reset), "Retry-After": str(max(1, int(reset - now)))}, False
