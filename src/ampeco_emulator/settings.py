"""How the emulator behaves towards its callers; all of it can be changed while it runs."""

import time
from dataclasses import dataclass, field

from ampeco_emulator.faults import Defect

APP_VERSION = "emulator"
FULL, READ_ONLY = "full", "read-only"
ROLES = (FULL, READ_ONLY)
_WINDOW = 60


@dataclass(frozen=True)
class Access:
    """What a token may do: its role, and the partner or sub-operator it is limited to, if any."""

    role: str = FULL
    partner: int | None = None
    operator: int | None = None


@dataclass
class EmulatorSettings:
    """`tokens` maps a token to its access; `rate_limit` is in requests per minute and token.

    `latency`, and `retry_pause` before a failed delivery is tried again (doubled every time), are in seconds.
    """

    tokens: dict[str, Access] = field(repr=False)
    strict: bool = False
    defect: Defect | None = None
    latency: float = 0.0
    rate_limit: int | None = None
    app_version: str = APP_VERSION
    retry_pause: float = 0.5


class RateLimiter:
    """Counts the requests of each token in windows of a minute of real time."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, token: str) -> tuple[dict[str, str], bool]:
        """The headers to send, and whether the request may pass. Without a limit there are no headers."""
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
