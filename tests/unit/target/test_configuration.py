"""Which target the options name, and what `tenants.yaml` may say."""

from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.specs import DEFAULT_VERSIONS
from ampeco_conformance.target.configuration import (
    ClientCredentials,
    LimitedAccess,
    Permission,
    Safety,
    Target,
    resolve_target,
)

PROJECT = Path(__file__).resolve().parents[3]
TOKEN = "b5a1c0de-0000-4000-8000-secret"
PARTNER_TOKEN = "b5a1c0de-0000-4000-8000-partner"


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGING_TOKEN", TOKEN)
    monkeypatch.setenv("PARTNER_TOKEN", PARTNER_TOKEN)
    monkeypatch.delenv("AMPECO_EMULATOR_TOKEN", raising=False)


def tenants_file(folder: Path, text: str) -> Path:
    path = folder / "tenants.yaml"
    path.write_text(text)
    return path


def staging(folder: Path, *settings: str) -> Path:
    """A file with one tenant `staging` that has these settings besides the required ones."""
    lines = ["base_url: https://staging.example.com", "token_env: STAGING_TOKEN", *settings]
    given = {line.partition(":")[0]: line for line in lines}
    return tenants_file(folder, "tenants:\n  staging:\n" + "".join(f"    {line}\n" for line in given.values()))


def test_without_options_the_embedded_emulator_is_the_target() -> None:
    target = resolve_target()
    assert target == Target(
        name="emulator",
        api="ampeco",
        api_version=DEFAULT_VERSIONS["ampeco"],
        base_url=None,
        token="emulator-token",
        safety=Safety.FULL,
        permissions=frozenset(Permission),
    )


def test_a_tenant_is_read_only_unless_its_settings_say_more(tmp_path: Path) -> None:
    target = resolve_target(tenant="staging", tenants_file=staging(tmp_path))
    assert target.safety is Safety.READ_ONLY
    assert target.timeout == 30
    assert target.requests_per_minute is None
    assert target.token == TOKEN
    assert TOKEN not in repr(target)


def test_all_settings_of_a_tenant(tmp_path: Path) -> None:
    path = staging(
        tmp_path,
        "api_version: 3.85.1",
        "safety: own-data",
        "production: false",
        "permissions: [money]",
        "requests_per_minute: 120",
        "daily_requests: 50000",
        "keep_free: 30%",
        "timeout: 2.5",
        "patience: 600",
        "webhook_callback: https://hooks.example.com/conform/",
        "webhook_port: 9000",
        "ids: {chargePoint: [17, abc]}",
        "test_equipment: {evse: [171]}",
        "features: [vouchers, languages]",
        "limited_token: {token_env: PARTNER_TOKEN, partnerId: 7}",
    )
    target = resolve_target(tenant="staging", tenants_file=path)
    assert target == Target(
        name="staging",
        api="ampeco",
        api_version="3.85.1",
        base_url="https://staging.example.com",
        token=TOKEN,
        safety=Safety.OWN_DATA,
        permissions=frozenset({Permission.MONEY}),
        requests_per_minute=120,
        daily_requests=50000,
        keep_free=30.0,
        timeout=2.5,
        patience=600,
        webhook_callback="https://hooks.example.com/conform",
        webhook_port=9000,
        ids={"chargePoint": (17, "abc")},
        test_equipment={"evse": (171,)},
        features=frozenset({"vouchers", "languages"}),
        limited=LimitedAccess(PARTNER_TOKEN, 7),
    )
    assert target.requests() == 10_000
    assert TOKEN not in repr(target)
    assert resolve_target(tenant="staging", api_version="3.90.0", tenants_file=path).api_version == "3.90.0"


def test_the_quota_of_a_day_is_what_others_and_earlier_runs_leave(tmp_path: Path) -> None:
    path = staging(tmp_path, "daily_requests: 10000", "keep_free: 20%")
    target = resolve_target(tenant="staging", tenants_file=path)
    assert [target.requests(9000, sent) for sent in (0, 7900, 8100)] == [8000, 100, 0]
    assert target.requests(50) == 50


def test_client_credentials_take_the_place_of_a_token(tmp_path: Path) -> None:
    path = tenants_file(
        tmp_path,
        "tenants:\n  staging:\n    base_url: https://staging.example.com\n"
        "    oauth: {client_id_env: STAGING_ID, client_secret_env: STAGING_TOKEN}\n",
    )
    with pytest.raises(ConfigurationError, match=r"STAGING_ID, which holds the client id of .* oauth, is not set"):
        resolve_target(tenant="staging", tenants_file=path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAGING_ID", "an-id")
        target = resolve_target(tenant="staging", tenants_file=path)
    assert target.oauth == ClientCredentials("an-id", TOKEN)
    assert (target.token, target.secrets) == ("", (TOKEN,))
    assert TOKEN not in repr(target) + target.quota


def test_a_limited_token_must_be_there(tmp_path: Path) -> None:
    path = staging(tmp_path, "limited_token: {token_env: NOT_SET_ANYWHERE, partnerId: 7}")
    with pytest.raises(ConfigurationError, match=r"NOT_SET_ANYWHERE, which holds .* limited_token, is not set"):
        resolve_target(tenant="staging", tenants_file=path)


def test_the_command_line_lowers_the_safety_of_a_tenant_but_does_not_raise_it(tmp_path: Path) -> None:
    path = staging(tmp_path, "safety: own-data", "production: false")
    assert resolve_target(tenant="staging", safety="read-only", tenants_file=path).safety is Safety.READ_ONLY
    with pytest.raises(ConfigurationError, match=r"--safety full: tenant 'staging' permits at most own-data"):
        resolve_target(tenant="staging", safety="full", tenants_file=path)


def test_full_needs_the_configuration_and_yes_really(tmp_path: Path) -> None:
    path = staging(tmp_path, "safety: full", "production: false")
    assert resolve_target(tenant="staging", tenants_file=path).safety is Safety.OWN_DATA
    assert resolve_target(tenant="staging", tenants_file=path, yes_really=True).safety is Safety.FULL
    with pytest.raises(ConfigurationError, match="--yes-really"):
        resolve_target(tenant="staging", safety="full", tenants_file=path)
    with pytest.raises(ConfigurationError, match="at most own-data"):
        resolve_target(
            tenant="staging",
            safety="full",
            yes_really=True,
            tenants_file=staging(tmp_path, "safety: own-data", "production: false"),
        )
    with pytest.raises(ConfigurationError, match=r"tenants\.yaml does not have is only read"):
        resolve_target(
            base_url="https://staging.example.com", token_env="STAGING_TOKEN", safety="full", yes_really=True
        )


def test_what_serves_on_this_machine_may_be_written_to() -> None:
    target = resolve_target(base_url="http://127.0.0.1:8080", token_env="STAGING_TOKEN", safety="full")
    assert target.safety is Safety.FULL
    assert target.permissions == frozenset(Permission)


def test_a_one_off_target_has_the_name_of_its_host() -> None:
    target = resolve_target(base_url="https://api.example.com:8443/proxy/public-api/", token_env="STAGING_TOKEN")
    assert target.name == "api.example.com:8443"
    assert target.base_url == "https://api.example.com:8443/proxy"
    assert target.safety is Safety.READ_ONLY


@pytest.mark.parametrize("safety", ["own-data", "full"])
@pytest.mark.parametrize("setting", ["", "production: true"])
@pytest.mark.parametrize("host", ["staging.example.com", "prd.example.com", "10.0.0.7", "127.0.0.1.example.com"])
def test_only_a_tenant_that_is_not_production_is_written_to(
    tmp_path: Path, host: str, setting: str, safety: str
) -> None:
    entry = [f"base_url: https://{host}", f"safety: {safety}", *filter(None, [setting])]
    path = staging(tmp_path, *entry)
    with pytest.raises(ConfigurationError, match="needs `production: false`"):
        resolve_target(tenant="staging", tenants_file=path, yes_really=True)
    assert resolve_target(tenant="staging", safety="read-only", tenants_file=path).safety is Safety.READ_ONLY
    permitted = staging(tmp_path, *entry[:2], "production: false")
    assert resolve_target(tenant="staging", tenants_file=permitted, yes_really=True).safety == safety
    with pytest.raises(ConfigurationError, match="is only read"):
        resolve_target(base_url=f"https://{host}", token_env="STAGING_TOKEN", safety=safety, yes_really=True)
    assert resolve_target(base_url=f"https://{host}", token_env="STAGING_TOKEN").safety is Safety.READ_ONLY


def test_a_tenant_on_loopback_needs_no_such_word(tmp_path: Path) -> None:
    path = staging(tmp_path, "base_url: http://127.0.0.1:8080", "safety: own-data")
    assert resolve_target(tenant="staging", tenants_file=path).safety is Safety.OWN_DATA
    assert resolve_target(base_url="http://localhost:8080", token_env="STAGING_TOKEN", safety="own-data")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tenant": "a", "base_url": "https://b"}, "either --tenant or --base-url"),
        ({"base_url": "https://b"}, "--base-url needs --token-env"),
        ({"token_env": "STAGING_TOKEN"}, "--token-env needs --base-url"),
        ({"base_url": "https://b", "token_env": "NOT_SET_ANYWHERE"}, "NOT_SET_ANYWHERE, .* is not set"),
        ({"api": "tesla"}, "unknown API 'tesla'; known are ampeco, spirii"),
        ({"safety": "reckless"}, "unknown safety level 'reckless'; known are read-only, own-data, full"),
        ({"base_url": "ftp://b", "token_env": "STAGING_TOKEN"}, "base URL 'ftp://b' must look like https://"),
        ({"base_url": "b.example.com", "token_env": "STAGING_TOKEN"}, "must look like https://"),
        ({"base_url": "https://{tenantUrl}", "token_env": "STAGING_TOKEN"}, "must look like https://"),
        ({"base_url": "https://b:port", "token_env": "STAGING_TOKEN"}, "base URL is invalid"),
        ({"base_url": "https://b?x=1", "token_env": "STAGING_TOKEN"}, "must not contain a query"),
    ],
)
def test_wrong_options_are_told_in_one_line(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        resolve_target(**options)
    assert caught.value.exit_code == ExitCode.CONFIGURATION
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["safty: full"], r"tenant 'staging': unknown key 'safty', did you mean 'safety'\?"),
        (["token: abc"], "unknown key 'token', did you mean 'token_env'"),
        (["safety: all"], "safety: unknown safety level 'all'"),
        (["api: spiri"], "api: unknown API 'spiri'"),
        (["features: [voucher]"], r"features: unknown feature 'voucher', did you mean 'vouchers'\?"),
        (["features: languages"], r"features: must be a list of names, such as \[languages, vouchers\]"),
        (["oauth: {client_id_env: A, client_secret_env: B}"], "give either `token_env` or `oauth`, not both"),
        (["oauth: {client_id_env: A}"], r"oauth: must name two variables, such as \{client_id_env: "),
        (["oauth: {client_id_env: A, client_secret_env: secret}"], "must be named in capitals"),
        (["limited_token: STAGING_TOKEN"], r"limited_token: must give a token and its partner, such as \{token_env: "),
        (["limited_token: {token_env: STAGING_TOKEN}"], "limited_token: must give a token and its partner"),
        (["limited_token: {token_env: secret, partnerId: 7}"], "must be named in capitals"),
        (["api_version: 3.9"], "api_version: 3.9 must be the whole version in quotes"),
        (["timeout: 0"], "timeout: must be a number of seconds above 0 and up to 1000000000, not 0"),
        (["timeout: .inf"], "timeout: must be a number of seconds"),
        (["timeout: soon"], "timeout: must be a number of seconds above 0 and up to 1000000000, not 'soon'"),
        (["requests_per_minute: 1.5"], "requests_per_minute: must be a whole number"),
        (["daily_requests: 0"], "daily_requests: must be a whole number"),
        (["keep_free: 100%"], "keep_free: must be a percentage below 100"),
        (["keep_free: 0.2"], "keep_free: must be a percentage with its sign, such as 20% or 0.2%"),
        ([f"keep_free: {'9' * 400}"], "keep_free: must be a percentage below 100.* not a number of so many digits"),
        ([f"timeout: {'9' * 400}"], "timeout: must be a number of seconds above 0"),
        (["patience: 1.0e+300"], "patience: must be a number of seconds above 0"),
        ([f"daily_requests: {'9' * 400}"], "daily_requests: must be a whole number from 1 to 1000000000"),
        ([f"daily_requests: {'9' * 5000}"], "a value cannot be read: "),
        (["not_enabled: [off]"], "not_enabled: must be a list of messages of four letters or more"),
        (
            ["limited_token: {token_env: STAGING_TOKEN, partnerId: 0}"],
            "limited_token: must give a token and its partner",
        ),
        (['base_url: "https://a\\u0007b"'], "must look like https://"),
        (["Safety: full"], r"unknown key 'Safety', did you mean 'safety'\?"),
        (["keep_free: much"], "keep_free: must be a percentage below 100"),
        (["requests_per_minute: true"], "requests_per_minute: must be a whole number"),
        (["ids: [1]"], "ids: must give lists of ids by path parameter"),
        (["ids: {evse: 7}"], r"ids: evse must be a list .* not 7"),
        (["permissions: money"], "permissions: must be a list out of money, devices, not 'money'"),
        (["permissions: [cash]"], "permissions: must be a list out of money, devices"),
        (["production: 1"], "production: must be true or false"),
        (["allow_production: true"], "`allow_production` is now `production: false`"),
        (
            ["test_equipment: {chargepoint: [1]}"],
            "test_equipment: .*unknown key 'chargepoint', did you mean 'chargePoint'",
        ),
        (["test_equipment: {user: 1}"], "test_equipment: user must be a list"),
        (["base_url: 7"], "base_url: must be text, not 7"),
        (["token_env: ''"], "token_env: must be text"),
        (["timeout: 1", "  indented: 1"], r"line 6, column \d+: "),
        (["timeout: 1\n    timeout: 2"], r"line 6, column 5: 'timeout' is given twice"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, settings: list[str], message: str) -> None:
    path = staging(tmp_path, *settings)
    with pytest.raises(ConfigurationError, match=message) as caught:
        resolve_target(tenant="staging", tenants_file=path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must start with `tenants:`"),
        ("tenants:\n", "`tenants` must list tenants by name"),
        ("tenant: {}\n", "unknown key 'tenant', did you mean 'tenants'"),
        ("tenants: {staging: }\n", "must be a list of settings"),
        ("tenants: {staging: {token_env: STAGING_TOKEN}}\n", "`base_url` is missing"),
        ("tenants: {staging: {base_url: https://a}}\n", "`token_env` is missing"),
        (
            "tenants: {stagin: {}, other: {}}\n",
            r"no tenant 'staging', did you mean 'stagin'\?; known are other, stagin",
        ),
        ("tenants: [\n", "line 2, column 1: "),
        ("tenants: \t@\n", "line 1, column "),
        (f"tenants: {'[' * 5000}", "is nested too deeply"),
    ],
)
def test_a_wrong_file_is_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        resolve_target(tenant="staging", tenants_file=tenants_file(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_the_token_of_the_tenant_is_no_limited_one(tmp_path: Path) -> None:
    path = staging(tmp_path, "limited_token: {token_env: STAGING_TOKEN, partnerId: 7}")
    with pytest.raises(ConfigurationError, match="limited_token: is the token of the tenant; give that of an admin"):
        resolve_target(tenant="staging", tenants_file=path)


def test_a_missing_file_is_told_with_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"does not exist; copy tenants\.example\.yaml"):
        resolve_target(tenant="staging", tenants_file=tmp_path / "tenants.yaml")


@pytest.mark.parametrize(
    ("value", "message"),
    [("", "is empty"), ("  ", "is empty"), ("abc\n", "has a space"), ("tökén", "header cannot carry")],
)
def test_a_token_that_cannot_be_sent_is_refused_unseen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str, message: str
) -> None:
    monkeypatch.setenv("STAGING_TOKEN", value)
    with pytest.raises(ConfigurationError, match=f"STAGING_TOKEN, .*'staging', .*{message}") as caught:
        resolve_target(tenant="staging", tenants_file=staging(tmp_path))
    assert not value.strip() or value not in str(caught.value)


def test_secrets_in_the_wrong_place_are_not_repeated(tmp_path: Path) -> None:
    for settings in ([f"token_env: {TOKEN}"], ["base_url: https://user:hunter2@staging.example.com"]):
        with pytest.raises(ConfigurationError) as caught:
            resolve_target(tenant="staging", tenants_file=staging(tmp_path, *settings))
        assert TOKEN not in str(caught.value)
        assert "hunter2" not in str(caught.value)


def test_the_example_file_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AMPECO_STAGING_TOKEN", "AMPECO_PRODUCTION_TOKEN", "SPIRII_SANDBOX_TOKEN"):
        monkeypatch.setenv(variable, TOKEN)
    example = PROJECT / "tenants.example.yaml"
    assert resolve_target(tenant="staging", tenants_file=example).safety is Safety.OWN_DATA
    assert resolve_target(tenant="production", tenants_file=example).safety is Safety.READ_ONLY
    assert resolve_target(tenant="spirii-sandbox", tenants_file=example).api == "spirii"
