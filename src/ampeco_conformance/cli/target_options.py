"""The options by which every command names its target, and what they say together."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ampeco_conformance.apis import APIS, DEFAULT_API
from ampeco_conformance.cli.pytest_process import PROJECT
from ampeco_conformance.target.configuration import Target, resolve_target
from ampeco_conformance.target.safety import Safety

_DECLARATIONS = (
    click.option("--tenant", metavar="NAME", help="The tenant of that name in tenants.yaml."),
    click.option("--base-url", metavar="URL", help="The tenant at this address; needs --token-env."),
    click.option("--token-env", metavar="NAME", help="Environment variable that holds the token for --base-url."),
    click.option(
        "--safety", type=click.Choice([str(level) for level in Safety]), help="What may be written on the target."
    ),
    click.option("--yes-really", is_flag=True, help="With a tenant whose safety is full: write to everything."),
    click.option("--api", type=click.Choice(list(APIS)), help=f"Vendor API (default: {DEFAULT_API})."),
    click.option(
        "--tenants-file",
        type=click.Path(dir_okay=False, path_type=Path),
        default=PROJECT / "tenants.yaml",
        metavar="FILE",
        help="Default: tenants.yaml.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """What the user said of the target; the fields are the options."""

    tenant: str | None
    base_url: str | None
    token_env: str | None
    safety: str | None
    yes_really: bool
    api: str | None
    tenants_file: Path

    @property
    def names_a_target(self) -> bool:
        """Whether a target is named; without one it is the embedded emulator."""
        return self.tenant is not None or self.base_url is not None

    def resolve(self, api_version: str | None = None) -> Target:
        """The target they name. Raises ConfigurationError."""
        return resolve_target(
            tenant=self.tenant,
            base_url=self.base_url,
            token_env=self.token_env,
            api=self.api,
            api_version=api_version,
            safety=self.safety,
            yes_really=self.yes_really,
            tenants_file=self.tenants_file,
        )

    def arguments(self) -> list[str]:
        """The same options for a child process: pytest or `conform run`."""
        given = {
            "--tenant": self.tenant,
            "--tenants-file": None if self.tenant is None else self.tenants_file.resolve(),
            "--base-url": self.base_url,
            "--token-env": self.token_env,
            "--safety": self.safety,
        }
        flags = ["--yes-really"] if self.yes_really else []
        return flags + [word for name, value in given.items() if value is not None for word in (name, str(value))]


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Declare the options of a target; the command gets them as `target_options`."""
    names = [field.name for field in fields(TargetOptions)]

    @wraps(command)
    def with_options(**options: Any) -> Any:
        chosen = TargetOptions(**{name: options.pop(name) for name in names})
        return command(target_options=chosen, **options)

    for declare in reversed(_DECLARATIONS):
        with_options = declare(with_options)
    return with_options
