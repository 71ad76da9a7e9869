"""What a check found: one violation of the contract, with all that a report needs to prove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ampeco_conformance.exchanges import Exchange


class Severity(StrEnum):
    """How much a violation hurts; the names are Allure's."""

    BLOCKER = "blocker"
    CRITICAL = "critical"
    NORMAL = "normal"
    MINOR = "minor"
    TRIVIAL = "trivial"


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation: `check` is the stable rule id, `operation` is "METHOD /path".

    `location` names the field, header or parameter (a JSON pointer where it has one);
    `source` is where the rule is written (a JSON pointer into the specification, or a fact).
    """

    check: str
    operation: str
    api_version: str
    message: str
    location: str = ""
    expected: Any = None
    actual: Any = None
    severity: Severity = Severity.NORMAL
    source: str = ""
    exchange: Exchange | None = None

    @property
    def headline(self) -> str:
        """The one line a machine can read: `[check] METHOD /path vX: what`."""
        return f"[{self.check}] {self.operation} v{self.api_version.removeprefix('v')}: {self.message}"


class ContractViolation(AssertionError):
    """Raised by a test whose checks found something; its text is the headlines, worst first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.headline for finding in self.findings))
