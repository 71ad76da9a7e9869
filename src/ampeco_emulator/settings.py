"""The settings of the emulator; all of them can be changed while it runs."""

from dataclasses import dataclass, field
from math import inf

APP_VERSION = "emulator"
FULL, READ_ONLY, NO_ACCESS = "full", "read-only", "no-access"
ROLES = (FULL, READ_ONLY, NO_ACCESS)


@dataclass(frozen=True)
class Access:
    """What a token permits: its role, and the partner or sub-operator it is limited to, if any.

    It is accepted until `expires_at`, in seconds since 1970 of the real time.
    """

    role: str = FULL
    partner: int | None = None
    operator: int | None = None
    expires_at: float = inf


@dataclass
class EmulatorSettings:
    """The settings: `tokens` maps a token to its access; `rate_limit` is in requests per minute and token,
    `daily_limit` in requests per day and token.

    `latency` and `retry_pause` are in seconds; a failed webhook delivery is retried after `retry_pause`, which doubles
    with every attempt. Webhooks go to loopback only, unless `deliver_anywhere`. Without a `control_token` the control
    plane needs none. `features_off` are not enabled. The `oauth_client`, an id and a secret, is given tokens that are
    accepted for `token_lifetime` seconds; without one that feature is not enabled.
    """

    tokens: dict[str, Access] = field(repr=False)
    strict: bool = False
    latency: float = 0.0
    rate_limit: int | None = None
    app_version: str = APP_VERSION
    daily_limit: int | None = None
    features_off: frozenset[str] = frozenset()
    retry_pause: float = 0.5
    deliver_anywhere: bool = False
    control_token: str | None = field(default=None, repr=False)
    oauth_client: tuple[str, str] | None = field(default=None, repr=False)
    token_lifetime: float = 3600.0
