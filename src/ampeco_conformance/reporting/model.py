"""The identity of an item before it runs, and its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass

from ampeco_conformance.apis import describe
from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.findings import Finding


@dataclass(frozen=True, slots=True)
class ItemIdentity:
    """One item: an operation under an aspect, or a scenario; at one API version of one target.

    `node_id` contains all of these and nothing that changes from run to run; pytest keeps it unique. `name` is the
    operation's label or the scenario's title, `rerun` the command that runs the item again, `target_options` name
    the target.
    """

    node_id: str
    rerun: str
    layer: str
    aspect: str
    name: str
    operation: str | None
    tag: str
    api: str
    api_version: str
    target: str
    severity: Severity
    doc: str
    target_options: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """The API version with its `v`."""
        return self.api_version if self.api_version.startswith("v") else f"v{self.api_version}"

    @property
    def title(self) -> str:
        """The API's title and version."""
        return f"{describe(self.api).title} {self.version}"


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """How an item ended; times in seconds since the epoch."""

    status: str
    findings: tuple[Finding, ...]
    message: str
    trace: str
    started_at: float
    stopped_at: float
    notes: tuple[str, ...]
    statistics: Mapping[str, object]
