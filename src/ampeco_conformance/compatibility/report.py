"""The outcome of one comparison, as every renderer and command takes it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ampeco_conformance.compatibility.changes import Change, Finding, group
from ampeco_conformance.compatibility.contracts import Contract
from ampeco_conformance.compatibility.impact import Concern, Relevance, concern_of
from ampeco_conformance.compatibility.operation_diff import ContractComparison, Memory
from ampeco_conformance.compatibility.policy import Policy
from ampeco_conformance.compatibility.rules import Severity
from ampeco_conformance.compatibility.suppressions import Exemption, divide
from ampeco_conformance.compatibility.usage import Usage


@dataclass(frozen=True, slots=True)
class Report:
    """What differs between two contracts; `concerns` is parallel to `findings`, and empty without usage."""

    old: str
    new: str
    policy: str
    findings: tuple[Finding, ...]
    concerns: tuple[Concern, ...] = ()
    ignored: tuple[tuple[Finding, Exemption], ...] = ()

    @property
    def counts(self) -> dict[Severity, int]:
        """The number of findings of each severity."""
        counted = Counter(finding.severity for finding in self.findings)
        return {severity: counted[severity] for severity in Severity}

    @property
    def changes(self) -> Iterator[Change]:
        """Every change at every place."""
        return (change for finding in self.findings for change in finding.changes)

    @property
    def summary(self) -> str:
        """One line: `3.66.0 -> 3.90.0: 0 breaking, 2 maybe, 35 safe changes`."""
        counts = self.counts
        text = f"{self.old} -> {self.new}: "
        if not self.findings:
            text += "no changes"
        else:
            text += ", ".join(f"{counts[severity]} {severity}" for severity in Severity) + " changes"
        if self.ignored:
            text += f", {len(self.ignored)} ignored"
        if self.concerns:
            touching = sum(concern.relevance in (Relevance.BREAKS, Relevance.MAY_BREAK) for concern in self.concerns)
            unknown = sum(concern.relevance is Relevance.UNKNOWN for concern in self.concerns)
            text += f"; {touching} of {len(self.findings)} changes concern you"
            text += f", of {unknown} it is unknown" if unknown else ""
        return text

    def only(self, severities: Sequence[Severity]) -> "Report":
        """The same with the findings of these severities only."""
        kept = [index for index, finding in enumerate(self.findings) if finding.severity in severities]
        concerns = tuple(self.concerns[index] for index in kept) if self.concerns else ()
        return Report(
            self.old, self.new, self.policy, tuple(self.findings[index] for index in kept), concerns, self.ignored
        )


def compare(
    old: Contract,
    new: Contract,
    policy: Policy,
    *,
    usage: Usage | None = None,
    exemptions: Sequence[Exemption] = (),
    memory: Memory | None = None,
) -> Report:
    """Compare two contracts. Raises ConfigurationError when one of them is broken; it never says "no changes" then."""
    findings = group(ContractComparison(old, new, policy, memory).changes())
    kept, ignored = divide(findings, exemptions)
    concerns = tuple(concern_of(finding, usage) for finding in kept) if usage else ()
    return Report(old.name, new.name, policy.name, kept, concerns, ignored)
