"""Reads `tenants.yaml` strictly: an unknown key or value is an error that suggests the nearest known one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ampeco_conformance.apis import APIS, DEFAULT_API, checked_api, describe
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.suggestions import nearest
from ampeco_conformance.target.safety import Permission, Safety, parse_safety

DEFAULT_TIMEOUT = 30.0
DEFAULT_PATIENCE = 300.0
#: Per cent of every limit that is left for others.
DEFAULT_KEEP_FREE = 20.0
DEFAULT_WEBHOOK_PORT = 8899

#: The largest number of requests, of seconds, and of a partner.
_MOST = 1_000_000_000
_LONGEST = 10**30
_EQUIPMENT = {"chargePoint", "evse", "user"}

#: Capitals only: a token that was pasted in place of the variable's name must not be printed.
_VARIABLE_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
#: Tenant names become part of test ids, file names and report identities.
_TENANT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

Ids = Mapping[str, tuple[int | str, ...]]


@dataclass(frozen=True, slots=True)
class LimitedToken:
    """The variable of a token whose admin is limited to one partner, and the id of that partner."""

    token_env: str
    partner: int


@dataclass(frozen=True, slots=True)
class OAuthVariables:
    """The variables of the id and the secret of an OAuth client."""

    client_id_env: str
    client_secret_env: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One entry of `tenants.yaml`; the fields are its keys. `base_url` is required, and `token_env` or `oauth`."""

    base_url: str
    token_env: str | None = None
    oauth: OAuthVariables | None = None
    api: str = DEFAULT_API
    api_version: str | None = None
    last_tested_version: str | None = None
    safety: Safety = Safety.READ_ONLY
    permissions: frozenset[Permission] = frozenset()
    requests_per_minute: int | None = None
    daily_requests: int | None = None
    keep_free: float = DEFAULT_KEEP_FREE
    timeout: float = DEFAULT_TIMEOUT
    patience: float = DEFAULT_PATIENCE
    webhook_callback: str | None = None
    webhook_port: int = DEFAULT_WEBHOOK_PORT
    ids: Ids = field(default_factory=dict)
    production: bool | None = None
    test_equipment: Ids = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    not_enabled: tuple[str, ...] = ()
    limited_token: LimitedToken | None = None


def read_tenants(path: Path) -> list[Tenant]:
    """All tenants. Raises ConfigurationError for the first thing wrong with the file."""
    return [_named(path, str(name), entry) for name, entry in _entries(path).items()]


def read_tenant(path: Path, name: str) -> Tenant:
    """The tenant of that name. Raises ConfigurationError for the first thing wrong with the file or the tenant."""
    tenants = _entries(path)
    if name not in tenants:
        known = ", ".join(sorted(map(str, tenants)))
        raise ConfigurationError(f"{path} has no tenant {name!r}{_nearest(name, tenants)}; known are {known}")
    return _named(path, name, tenants[name])


def read_defaults(path: Path) -> Mapping[str, Any]:
    """What `defaults` holds; nothing without it. Raises ConfigurationError when it is no mapping."""
    defaults = _load(path).get("defaults") or {}
    if not isinstance(defaults, dict) or not all(isinstance(key, str) for key in defaults):
        raise ConfigurationError(f"{path}: `defaults` must give values of options, such as `profile: smoke`")
    return defaults


def settings_of(path: Path, name: str) -> set[str]:
    """The settings that the tenant of that name has, right or wrong; none when there is no such tenant."""
    tenants = _load(path).get("tenants")
    entry = tenants.get(name) if isinstance(tenants, dict) else None
    return set(map(str, entry)) if isinstance(entry, dict) else set()


def _entries(path: Path) -> dict[Any, Any]:
    document = _load(path)
    _refuse_unknown_keys(document, {"tenants", "defaults"}, str(path))
    tenants = document.get("tenants")
    if not isinstance(tenants, dict) or not tenants:
        raise ConfigurationError(f"{path}: `tenants` must list tenants by name; tenants.example.yaml shows how")
    return tenants


def _named(path: Path, name: str, entry: Any) -> Tenant:
    where = f"{path}: tenant {name!r}"
    if not _TENANT_NAME.fullmatch(name):
        raise ConfigurationError(f"{where}: a name is made of letters, digits, '.', '_' and '-'")
    return _tenant(entry, where)


def checked_base_url(text: str) -> str:
    """The URL that operation paths are appended to: no trailing slash and no prefix that every path of an API has.

    Raises ConfigurationError for anything but http(s)://host[:port][/prefix]; credentials are never repeated.
    """
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError(f"the base URL is invalid: {error}") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            "the base URL must not contain a user name or password; put the token into an environment variable"
        )
    if parts.query or parts.fragment:
        raise ConfigurationError("the base URL must not contain a query or fragment")
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s\x00-\x20\x7f{}<>]", text.strip()):
        raise ConfigurationError(f"base URL {text!r} must look like https://tenant.example.com")
    path = parts.path.rstrip("/")
    for api in APIS.values():
        path = path.removesuffix(api.path_prefix).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def checked_variable_name(text: str) -> str:
    """The name of a token's environment variable. Raises ConfigurationError, without repeating the text."""
    if not _VARIABLE_NAME.fullmatch(text):
        raise ConfigurationError(
            "the token's variable must be named in capitals, such as AMPECO_TOKEN (the name, not the token itself)"
        )
    return text


def _tenant(entry: Any, where: str) -> Tenant:
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{where}: must be a list of settings such as `base_url: https://...`")
    if "allow_production" in entry:
        raise ConfigurationError(
            f"{where}: `allow_production` is now `production: false`, which every tenant needs that is written to"
        )
    _refuse_unknown_keys(entry, set(_READERS), where)
    settings: dict[str, Any] = {}
    for key, value in entry.items():
        try:
            settings[key] = _READERS[key](value)
        except ConfigurationError as error:
            raise ConfigurationError(f"{where}: {key}: {error}") from None
    if "base_url" not in settings:
        raise ConfigurationError(f"{where}: `base_url` is missing")
    if "token_env" not in settings and "oauth" not in settings:
        raise ConfigurationError(f"{where}: `token_env` is missing, or `oauth` in its place")
    tenant = Tenant(**settings)
    if tenant.token_env is not None and tenant.oauth is not None:
        raise ConfigurationError(f"{where}: give either `token_env` or `oauth`, not both")
    if tenant.oauth is not None and describe(tenant.api).token_path is None:
        raise ConfigurationError(f"{where}: oauth: the {tenant.api} API gives no tokens; use `token_env`")
    known = describe(tenant.api).fields.features
    for feature in sorted(tenant.features - known.keys()):
        raise ConfigurationError(
            f"{where}: features: unknown feature {feature!r}{_nearest(feature, known)}; known are "
            f"{', '.join(sorted(known)) or 'none'}"
        )
    return tenant


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError(f"must be text, not {value!r}")
    return value.strip()


def _shown(value: Any) -> str:
    """A value in a message; Python refuses to write integers of thousands of digits."""
    is_long = isinstance(value, int) and abs(value) > _LONGEST
    return "a number of so many digits" if is_long else repr(value)


def _version(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ConfigurationError(f"{value} must be the whole version in quotes, such as '3.90.0'")
    return _text(value)


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST:
        raise ConfigurationError(f"must be a whole number from 1 to {_MOST}, not {_shown(value)}")
    return value


def _percentage(value: Any) -> float:
    """A percentage, as a number or with its sign."""
    number = value.removesuffix("%") if isinstance(value, str) else value
    try:
        percent = -1.0 if isinstance(number, bool) else float(number)
    except (TypeError, ValueError, OverflowError):
        percent = -1.0
    if not 0 <= percent < 100:
        raise ConfigurationError(f"must be a percentage below 100, such as 20%, not {_shown(value)}")
    if 0 < percent < 1 and number == value:
        raise ConfigurationError(f"must be a percentage with its sign, such as {100 * percent:g}% or {percent:g}%")
    return percent


def _port(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65535:
        raise ConfigurationError(f"must be a port from 1 to 65535, not {value!r}")
    return value


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= _MOST:
        raise ConfigurationError(f"must be a number of seconds above 0 and up to {_MOST}, not {_shown(value)}")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"must be true or false, not {value!r}")
    return value


def _permissions(value: Any) -> frozenset[Permission]:
    if not isinstance(value, list) or not all(item in list(Permission) for item in value):
        raise ConfigurationError(f"must be a list out of {', '.join(Permission)}, not {value!r}")
    return frozenset(Permission(item) for item in value)


def _features(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigurationError(f"must be a list of names, such as [languages, vouchers], not {value!r}")
    return frozenset(value)


def _phrases(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and len(item.strip()) > 3 for item in value):
        raise ConfigurationError(
            f"must be a list of messages of four letters or more, such as [Module inactive], not {_shown(value)}"
        )
    return tuple(item.strip() for item in value)


def _oauth(value: Any) -> OAuthVariables:
    if not isinstance(value, dict) or value.keys() != {"client_id_env", "client_secret_env"}:
        raise ConfigurationError(
            "must name two variables, such as "
            "{client_id_env: AMPECO_CLIENT_ID, client_secret_env: AMPECO_CLIENT_SECRET}"
        )
    return OAuthVariables(**{name: checked_variable_name(_text(variable)) for name, variable in value.items()})


def _limited_token(value: Any) -> LimitedToken:
    partner = value.get("partnerId") if isinstance(value, dict) and value.keys() == {"token_env", "partnerId"} else None
    if type(partner) is not int or not 1 <= partner <= _MOST:
        raise ConfigurationError(
            "must give a token and its partner, such as {token_env: AMPECO_PARTNER_TOKEN, partnerId: 7}"
        )
    return LimitedToken(checked_variable_name(_text(value["token_env"])), partner)


def _ids(value: Any) -> Ids:
    if not isinstance(value, dict):
        raise ConfigurationError("must give lists of ids by path parameter, such as `chargePoint: [17, 18]`")
    return {_text(parameter): _id_list(parameter, ids) for parameter, ids in value.items()}


def _test_equipment(value: Any) -> Ids:
    equipment = _ids(value)
    _refuse_unknown_keys(equipment, _EQUIPMENT, "test_equipment")
    return equipment


def _id_list(parameter: str, ids: Any) -> tuple[int | str, ...]:
    if not isinstance(ids, list) or not all(type(id_) in (int, str) for id_ in ids):
        raise ConfigurationError(f"{parameter} must be a list of numbers or texts, such as [17, 18], not {ids!r}")
    return tuple(ids)


_READERS: dict[str, Callable[[Any], Any]] = {
    "base_url": lambda value: checked_base_url(_text(value)),
    "token_env": lambda value: checked_variable_name(_text(value)),
    "oauth": _oauth,
    "api": lambda value: checked_api(_text(value)),
    "api_version": _version,
    "last_tested_version": _version,
    "safety": lambda value: parse_safety(_text(value)),
    "permissions": _permissions,
    "requests_per_minute": _count,
    "daily_requests": _count,
    "keep_free": _percentage,
    "timeout": _seconds,
    "patience": _seconds,
    "webhook_callback": lambda value: checked_base_url(_text(value)),
    "webhook_port": _port,
    "ids": _ids,
    "production": _flag,
    "test_equipment": _test_equipment,
    "features": _features,
    "not_enabled": _phrases,
    "limited_token": _limited_token,
}


class _StrictLoader(yaml.SafeLoader):
    """Refuses duplicate keys, which YAML accepts silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem=f"{key.value!r} is given twice", problem_mark=key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _load(path: Path) -> dict[Any, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)
    except FileNotFoundError:
        raise ConfigurationError(
            f"{path} does not exist; copy tenants.example.yaml to it and add your tenants"
        ) from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not text in UTF-8; save it as such") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        position = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise ConfigurationError(f"{path}{position}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise ConfigurationError(f"{path}: is nested too deeply; tenants.example.yaml shows how") from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: a value cannot be read: {error}") from None
    if not isinstance(document, dict):
        raise ConfigurationError(f"{path}: must start with `tenants:`; tenants.example.yaml shows how")
    return document


def _refuse_unknown_keys(mapping: Mapping[Any, Any], known: set[str], where: str) -> None:
    for key in mapping:
        if key not in known:
            raise ConfigurationError(
                f"{where}: unknown key {key!r}{_nearest(str(key), known)}; known are {', '.join(sorted(known))}"
            )


def _nearest(name: str, known: Mapping[Any, Any] | set[str]) -> str:
    near = nearest(name, map(str, known))
    return f", did you mean {near!r}?" if near else ""
