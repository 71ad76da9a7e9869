"""Command-line options of the suite under pytest."""

import secrets
from pathlib import Path

import pytest

from ampeco_conformance.apis import APIS, DEFAULT_API
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.target.configuration import Safety, Target, resolve_target

_TARGET = pytest.StashKey[Target]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, in a group of their own."""
    group = parser.getgroup("conform", "AMPECO conformance")
    group.addoption("--tenant", metavar="NAME", help="tenant of tenants.yaml to test")
    group.addoption(
        "--tenants-file",
        type=Path,
        default=Path("tenants.yaml"),
        metavar="FILE",
        help="default: tenants.yaml",
    )
    group.addoption("--base-url", metavar="URL", help="one-off target; needs --token-env")
    group.addoption("--token-env", metavar="NAME", help="environment variable that holds the token for --base-url")
    group.addoption("--api", default=DEFAULT_API, choices=tuple(APIS), help=f"vendor API (default: {DEFAULT_API})")
    group.addoption("--api-version", metavar="VERSION", help="API version to test against")
    group.addoption("--safety", choices=[str(level) for level in Safety], help="what may be written on the target")
    group.addoption("--yes-really", action="store_true", help="with a tenant whose safety is full: write to everything")
    group.addoption(
        "--operation",
        action="append",
        default=[],
        metavar="PATTERN",
        help="only operations whose 'METHOD /path', operationId or tag matches; wildcards; repeatable",
    )
    group.addoption("--defect", metavar="NAME", help="let the embedded emulator misbehave in one named way")
    group.addoption("--reports", type=Path, default=Path("reports"), metavar="DIR", help="default: reports")
    group.addoption("--append", action="store_true", help="add to the run that the reports folder holds")
    group.addoption("--min-reached", type=float, metavar="PERCENT", help="exit 4 when fewer operations were reached")
    group.addoption("--run-id", metavar="ID", help="names the run in what it creates (default: a random one)")
    group.addoption("--seed", type=int, default=0, metavar="N", help="seed of the generated data (default: 0)")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Name the run, before the workers of a parallel one get the options."""
    config.option.run_id = config.option.run_id or secrets.token_hex(4)


def configured_target(config: pytest.Config) -> Target:
    """The target the options name; ends the session with exit 2 and one line when they are wrong."""
    if _TARGET not in config.stash:
        option = config.option
        try:
            config.stash[_TARGET] = resolve_target(
                tenant=option.tenant,
                base_url=option.base_url,
                token_env=option.token_env,
                api=option.api,
                api_version=option.api_version,
                safety=option.safety,
                yes_really=option.yes_really,
                tenants_file=option.tenants_file,
            )
        except ConfigurationError as error:
            pytest.exit(str(error), returncode=error.exit_code)
    return config.stash[_TARGET]
