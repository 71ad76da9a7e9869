"""Resolves what is tested: the embedded emulator, a tenant of `tenants.yaml`, or a one-off base URL."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ampeco_conformance.apis import APIS, DEFAULT_API, checked_api
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.urls import is_loopback
from ampeco_conformance.specs import load_catalog, store_directory
from ampeco_conformance.target.connection import DIRECT, Connection
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN, TOKEN_VARIABLE
from ampeco_conformance.target.safety import Permission, Safety, parse_safety
from ampeco_conformance.target.tenants_file import (
    DEFAULT_KEEP_FREE,
    DEFAULT_PATIENCE,
    DEFAULT_TIMEOUT,
    DEFAULT_WEBHOOK_PORT,
    Ids,
    LimitedToken,
    OAuthVariables,
    checked_base_url,
    checked_variable_name,
    read_tenant,
)

__all__ = ["Permission", "Safety", "Target", "resolve_target"]

EMBEDDED_EMULATOR = "emulator"
#: How many requests a run sends to a tenant where nothing else is said: a tenth of the vendor's daily quota.
DEFAULT_REQUESTS = 10_000

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class LimitedAccess:
    """A token that is limited to what belongs to one partner."""

    token: str = field(repr=False)
    partner: int


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What a target gives access tokens for."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One API version of one vendor API at one address.

    `base_url` is None for the embedded emulator, which every worker starts for itself. `timeout` is in seconds per
    request, `requests_per_minute` None for no limit. Of its limits, and of `daily_requests`, `keep_free` per cent are
    left for others who use the token; None for the embedded emulator. `ids` are known ids by path parameter
    (`chargePoint`).
    `patience` is how many seconds a scenario waits for asynchronous results; `webhook_callback` is the address at which
    the target reaches port `webhook_port` of this machine, None for a target that delivers to loopback.
    Clients of `last_tested_version` must keep working. At own-data scenarios may charge at, reserve and refer to
    `test_equipment`. What belongs to `features` must be enabled; a refusal with
    one of the messages `not_enabled` says that a feature is not. `limited` is a second token, of one partner. With
    `oauth` the `token` is empty: the target gives tokens for these credentials (`http/access_tokens.py`). `connection`
    is how it is reached.
    """

    name: str
    api: str
    api_version: str
    base_url: str | None
    token: str = field(repr=False)
    safety: Safety
    permissions: frozenset[Permission] = frozenset()
    requests_per_minute: int | None = None
    daily_requests: int | None = None
    keep_free: float | None = None
    timeout: float = DEFAULT_TIMEOUT
    patience: float = DEFAULT_PATIENCE
    webhook_callback: str | None = None
    webhook_port: int = DEFAULT_WEBHOOK_PORT
    ids: Ids = field(default_factory=dict)
    last_tested_version: str | None = None
    test_equipment: Ids = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    not_enabled: tuple[str, ...] = ()
    limited: LimitedAccess | None = None
    oauth: ClientCredentials | None = None
    connection: Connection = DIRECT

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no report may show, beside the access tokens that the target gives."""
        own = self.token if self.oauth is None else self.oauth.secret
        limited = () if self.limited is None else (self.limited.token,)
        return (own, *limited, *(value for _, value in self.connection.headers))

    @property
    def quota(self) -> str:
        """What the limits of the target hold for, on this machine: an address and who sends."""
        return f"{self.base_url} {self.token if self.oauth is None else self.oauth.id}"

    def requests(self, wanted: int | None = None, sent_today: int = 0) -> int | None:
        """How many requests a run may send; None for any number.

        That is what the command line wants, else DEFAULT_REQUESTS, and no more than what others and the earlier runs of
        the day leave of the quota.
        """
        if self.base_url is None:
            return wanted
        wanted = wanted or DEFAULT_REQUESTS
        if self.daily_requests is None:
            return wanted
        return min(wanted, max(0, self.quota_of_runs(self.daily_requests) - sent_today))

    def quota_of_runs(self, daily_requests: int) -> int:
        """What others leave of a daily quota."""
        return int(daily_requests * (1 - (self.keep_free or 0) / 100))

    def for_scenarios(self, parameter: str) -> tuple[int | str, ...]:
        """The ids of charge points, EVSEs or users that scenarios use; none when they choose themselves."""
        return self.test_equipment.get(parameter) or self.ids.get(parameter, ())

    @property
    def own_hosts(self) -> frozenset[str]:
        """The hosts that the target may be told to call: the receiver of the run."""
        if self.webhook_callback is not None:
            return frozenset({urlsplit(self.webhook_callback).hostname or ""})
        return _LOOPBACK if self.base_url is None or is_loopback(self.base_url) else frozenset()


def resolve_target(
    *,
    tenant: str | None = None,
    base_url: str | None = None,
    token_env: str | None = None,
    api: str | None = None,
    api_version: str | None = None,
    safety: str | None = None,
    yes_really: bool = False,
    tenants_file: Path = Path("tenants.yaml"),
) -> Target:
    """The target that the options name; None means "not given". An option overrides the setting of the tenant.

    The exception is `safety`: for a tenant it can only lower what `tenants.yaml` permits, and `full` also needs
    `yes_really`; without it a tenant that permits `full` is tested as `own-data`. Raises ConfigurationError.
    """
    if tenant is not None and base_url is not None:
        raise ConfigurationError("give either --tenant or --base-url, not both")
    if token_env is not None and base_url is None:
        raise ConfigurationError("--token-env needs --base-url; the variable of a tenant is set in tenants.yaml")
    if api is not None:
        checked_api(api)
    level = None if safety is None else parse_safety(safety)
    if tenant is not None:
        return _tenant_target(tenant, tenants_file, api, api_version, level, yes_really)
    api = api or DEFAULT_API
    if base_url is not None:
        return _one_off_target(base_url, token_env, api, api_version, level)
    return Target(
        name=EMBEDDED_EMULATOR,
        api=api,
        api_version=api_version or APIS[api].default_version,
        base_url=None,
        token=os.environ.get(TOKEN_VARIABLE) or DEFAULT_TOKEN,
        safety=level or Safety.FULL,
        permissions=frozenset(Permission),
    )


def _tenant_target(
    name: str, tenants_file: Path, api: str | None, api_version: str | None, level: Safety | None, yes_really: bool
) -> Target:
    tenant = read_tenant(tenants_file, name)
    if api is not None and api != tenant.api:
        raise ConfigurationError(f"tenant {name!r} has the {tenant.api} API, not {api}")
    levels = list(Safety)
    if level is not None and levels.index(level) > levels.index(tenant.safety):
        raise ConfigurationError(
            f"--safety {level}: tenant {name!r} permits at most {tenant.safety}; to permit more, change {tenants_file}"
        )
    if tenant.last_tested_version is not None:
        load_catalog(store_directory()).find(tenant.api, tenant.last_tested_version)
    if level is Safety.FULL and not yes_really:
        raise ConfigurationError(
            f"--safety full: the run would write to everything on tenant {name!r}; add --yes-really to allow it"
        )
    level = level or (tenant.safety if yes_really else min(tenant.safety, Safety.OWN_DATA, key=levels.index))
    if level is not Safety.READ_ONLY and tenant.production is not False and not is_loopback(tenant.base_url):
        raise ConfigurationError(
            f"safety {level}: tenant {name!r} needs `production: false`: add this line below `{name}:` in "
            f"{tenants_file} if nobody's real data is on it, or test it with --safety read-only"
        )
    token = _token(tenant.token_env, f"tenant {name!r}") if tenant.token_env is not None else ""
    limited = None if tenant.limited_token is None else _limited_access(tenant.limited_token, name)
    if limited is not None and limited.token == token:
        raise ConfigurationError(
            f"tenant {name!r}: limited_token: is the token of the tenant; give that of an admin who is limited to "
            f"partner {limited.partner}"
        )
    return Target(
        name=name,
        api=tenant.api,
        api_version=api_version or tenant.api_version or APIS[tenant.api].default_version,
        base_url=tenant.base_url,
        token=token,
        safety=level,
        permissions=tenant.permissions,
        requests_per_minute=tenant.requests_per_minute,
        daily_requests=tenant.daily_requests,
        keep_free=tenant.keep_free,
        timeout=tenant.timeout,
        patience=tenant.patience,
        webhook_callback=tenant.webhook_callback,
        webhook_port=tenant.webhook_port,
        ids=tenant.ids,
        last_tested_version=tenant.last_tested_version,
        test_equipment=tenant.test_equipment,
        features=tenant.features,
        not_enabled=tenant.not_enabled,
        limited=limited,
        oauth=None if tenant.oauth is None else _client_credentials(tenant.oauth, name),
    )


def _limited_access(limited: LimitedToken, name: str) -> LimitedAccess:
    return LimitedAccess(_token(limited.token_env, f"tenant {name!r}: limited_token"), limited.partner)


def _client_credentials(variables: OAuthVariables, name: str) -> ClientCredentials:
    return ClientCredentials(
        _token(variables.client_id_env, f"tenant {name!r}: oauth", "client id"),
        _token(variables.client_secret_env, f"tenant {name!r}: oauth", "client secret"),
    )


def _one_off_target(
    base_url: str, token_env: str | None, api: str, api_version: str | None, level: Safety | None
) -> Target:
    if token_env is None:
        raise ConfigurationError("--base-url needs --token-env NAME, the environment variable that holds the token")
    url = checked_base_url(base_url)
    level = level or Safety.READ_ONLY
    if level is not Safety.READ_ONLY and not is_loopback(url):
        raise ConfigurationError(
            f"--safety {level}: an address that tenants.yaml does not have is only read; add a tenant with "
            "`production: false`"
        )
    return Target(
        name=urlsplit(url).netloc,
        api=api,
        api_version=api_version or APIS[api].default_version,
        base_url=url,
        token=_token(checked_variable_name(token_env), "--base-url"),
        safety=level,
        keep_free=DEFAULT_KEEP_FREE,
        # A server on this machine is a test server.
        permissions=frozenset(Permission) if level is Safety.FULL else frozenset(),
    )


def _token(variable: str, whose: str, kind: str = "token") -> str:
    token = os.environ.get(variable)
    holder = f"environment variable {variable}, which holds the {kind} of {whose},"
    if token is None:
        raise ConfigurationError(f"{holder} is not set")
    if not token.strip():
        raise ConfigurationError(f"{holder} is empty")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError(f"{holder} has a space, a line break or another character that a header cannot carry")
    return token
