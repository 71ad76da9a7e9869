"""What a check found: a violation on an operation, with all that a report needs to prove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ampeco_conformance.core.checks import Severity, Violation
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.fingerprints import fingerprint_of, json_type, without_indexes

#: What a repetition of a request must show for a finding to be reproduced: check, operation, place and status.
FindingIdentity = tuple[str, str, str, int | None]


class Standing(StrEnum):
    """What a finding counts for: only a violation fails the run."""

    VIOLATION = "violation"
    ADVISORY = "advisory"
    DRIFT = "drift"
    KNOWN = "known"


class Certainty(StrEnum):
    """The result of reproducing a finding."""

    DETERMINISTIC = "deterministic"
    """It came again at once."""
    FLAKY = "flaky"
    """It came again, but not every time."""
    STATE_DEPENDENT = "state-dependent"
    """The request changes the state it depends on, so the same response cannot be expected twice."""
    UNPROVEN = "unproven"
    """It did not come again, or could not be repeated without harm."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation on an operation ("METHOD /path") at a version, and the exchange that shows it.

    `setting` says which setting governs the check here; `issue` and `owner` name the ticket of a known issue and who
    is responsible for it.
    """

    violation: Violation
    operation: str
    api_version: str
    exchange: Exchange | None = None
    standing: Standing = Standing.VIOLATION
    certainty: Certainty = Certainty.UNPROVEN
    setting: str = ""
    issue: str | None = None
    owner: str | None = None

    @property
    def check(self) -> str:
        """The id of the check."""
        return self.violation.check.id

    @property
    def severity(self) -> Severity:
        """That of the check's declaration."""
        return self.violation.check.severity

    @property
    def message(self) -> str:
        """The fact in one line."""
        return self.violation.message

    @property
    def location(self) -> str:
        """The field, header or parameter; a JSON pointer where it has one."""
        return self.violation.location

    @property
    def kind(self) -> str:
        """What tells violations of one check at one location apart: its kind, and the JSON type of `actual`."""
        return _kind_of(self.violation)

    @property
    def cause(self) -> tuple[str, str]:
        """Location and kind of what is wrong in the nearest alternative; elsewhere those of the finding."""
        violation = self.violation.nearest or self.violation
        return violation.location, _kind_of(violation)

    @property
    def place(self) -> str:
        """The location with `*` for what differs between answers: the indexes of lists and the keys of maps."""
        return self.violation.place or without_indexes(self.location)

    @property
    def identity(self) -> FindingIdentity:
        """What is compared to reproduce it: nothing that the target may make up anew for every answer."""
        return self.check, self.operation, self.place, self.status

    @property
    def status(self) -> int | None:
        """The status of the response that shows it."""
        return self.exchange.response.status_code if self.exchange and self.exchange.response else None

    @property
    def expected(self) -> Any:
        """What the contract expects."""
        return self.violation.expected

    @property
    def actual(self) -> Any:
        """What the target did instead."""
        return self.violation.actual

    @property
    def source(self) -> str:
        """Where the rule is written: a JSON pointer into the specification, or a fact; may be empty."""
        return self.violation.source

    @property
    def headline(self) -> str:
        """The one line a machine can read: `[check] METHOD /path vX: what`."""
        return f"[{self.check}] {self.operation} v{self.api_version.removeprefix('v')}: {self.message}"

    @property
    def fingerprint(self) -> str:
        """The same for the same fault in every run, at every version and on every target."""
        response = self.exchange.response if self.exchange else None
        # An undocumented value is what a violation of an enum is about; elsewhere values vary.
        value = str(self.actual) if self.violation.kind == "enum" else ""
        return fingerprint_of((self.check, self.operation, self.place, self.kind, value), response)


def _kind_of(violation: Violation) -> str:
    return f"{violation.kind} {json_type(violation.actual)}".strip()


class ContractViolation(AssertionError):
    """Raised by a test whose checks found something; its text is the headlines, worst first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(finding.headline for finding in self.findings))
