"""The options that name a target, and the target they name."""

from argparse import Namespace
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from ampeco_conformance.plugin.option_arguments import arguments, given_headers, public, secret_environment
from ampeco_conformance.plugin.option_table import TARGET
from ampeco_conformance.target.configuration import Target, resolve_target
from ampeco_conformance.target.connection import connection_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOptions:
    """The values of the options that name a target."""

    tenant: str | None
    tenants_file: Path
    base_url: str | None
    token_env: str | None
    api: str | None
    safety: str | None
    yes_really: bool
    timeout: float | None = None
    requests_per_minute: int | None = None
    header: tuple[str, ...] = ()
    proxy: str | None = None
    ca_bundle: Path | None = None

    @classmethod
    def of(cls, options: Namespace) -> "TargetOptions":
        """The part of parsed options that is about the target."""
        values = {field.name: getattr(options, field.name) for field in fields(cls)}
        return cls(**{**values, "header": given_headers(options.header)})

    @property
    def names_a_target(self) -> bool:
        """Whether a target is named; without one it is the embedded emulator."""
        return self.tenant is not None or self.base_url is not None

    def resolve(self, api_version: str | None = None) -> Target:
        """The target that the options name. Raises ConfigurationError."""
        target = resolve_target(
            tenant=self.tenant,
            base_url=self.base_url,
            token_env=self.token_env,
            api=self.api,
            api_version=api_version,
            safety=self.safety,
            yes_really=self.yes_really,
            tenants_file=self.tenants_file,
        )
        return replace(
            target,
            timeout=self.timeout or target.timeout,
            requests_per_minute=self.requests_per_minute or target.requests_per_minute,
            connection=connection_of(self.proxy, self.ca_bundle, self.header),
        )

    def arguments(self) -> list[str]:
        """The same options for a child process: pytest or `./conform run`."""
        return arguments(public(TARGET), Namespace(**asdict(self)))

    def environment(self) -> dict[str, str]:
        """What a child process gets in its environment instead."""
        return secret_environment(Namespace(**asdict(self)))
