"""The result of one comparison, the input of every renderer and command."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ampeco_conformance.compatibility.changes import Change, ChangeGroup, group_changes
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.deadlines import NEVER, TimeLimit
from ampeco_conformance.compatibility.impact import Impact, ImpactLevel, impact_of
from ampeco_conformance.compatibility.operation_diff import ContractComparison, Memory
from ampeco_conformance.compatibility.policy import VendorPolicy
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.compatibility.suppressions import Suppression, divide
from ampeco_conformance.compatibility.usage import Usage
from ampeco_conformance.compatibility.verdicts import OperationVerdict, Place, verdicts
from ampeco_conformance.core.counting import counted


@dataclass(frozen=True, slots=True)
class ComparisonReport:
    """What differs between two contracts; `impacts` is parallel to `groups`, and empty without usage.

    `unknown` says what of the two versions is not known, `set_aside` what of their documents was not understood,
    `left_out` how many safe groups `without_safe` left out, `contained` where it is proven that what was valid is valid
    still, `unfinished` which operations there was no time for, `contracts` the old and the new one.
    """

    old: str
    new: str
    policy: str
    groups: tuple[ChangeGroup, ...]
    impacts: tuple[Impact, ...] = ()
    ignored: tuple[tuple[ChangeGroup, Suppression], ...] = ()
    unknown: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    left_out: int = 0
    contained: frozenset[Place] = frozenset()
    unfinished: tuple[str, ...] = ()
    contracts: tuple[ContractDocument, ...] = field(default=(), repr=False, compare=False)

    @property
    def counts(self) -> dict[ChangeSeverity, int]:
        """The number of groups of each severity."""
        counted = Counter(group.severity for group in self.groups)
        return {severity: counted[severity] for severity in ChangeSeverity}

    @property
    def changes(self) -> Iterator[Change]:
        """Every change at every place."""
        return (change for group in self.groups for change in group.changes)

    @property
    def summary(self) -> str:
        """One line: `3.66.0 -> 3.90.0: 0 breaking, 2 maybe, 35 safe changes`."""
        counts = self.counts
        text = f"{self.old} -> {self.new}: "
        if not self.groups and not self.left_out and not self.unfinished:
            text += "no changes"
        elif self.left_out:
            shown = (severity for severity in ChangeSeverity if severity is not ChangeSeverity.SAFE)
            text += ", ".join(f"{counts[severity]} {severity}" for severity in shown)
            text += f" changes; {self.left_out} safe not shown"
        else:
            text += ", ".join(f"{counts[severity]} {severity}" for severity in ChangeSeverity) + " changes"
        if self.ignored:
            text += f", {len(self.ignored)} ignored"
        if self.impacts:
            touching = sum(impact.level in (ImpactLevel.BREAKS, ImpactLevel.MAY_BREAK) for impact in self.impacts)
            unknown = sum(impact.level is ImpactLevel.UNKNOWN for impact in self.impacts)
            text += f"; {touching} of {counted(len(self.groups), 'change')} concern you"
            text += f"; of {unknown} it is not known" if unknown else ""
        if self.unfinished:
            text += f"; the time was over with {counted(len(self.unfinished), 'operation')} not compared"
        return "; ".join([text, *self.unknown])

    @property
    def verdicts(self) -> list[OperationVerdict]:
        """Yes, no or unknown, for the requests and the responses of each operation that differs."""
        return verdicts(self.changes, self.contained, self.unfinished)

    def of(self, severity: ChangeSeverity) -> tuple[ChangeGroup, ...]:
        """The groups of a severity."""
        return tuple(group for group in self.groups if group.severity is severity)

    def without_safe(self) -> "ComparisonReport":
        """The same without the safe groups."""
        kept = [index for index, group in enumerate(self.groups) if group.severity is not ChangeSeverity.SAFE]
        return replace(self.only(kept), left_out=len(self.groups) - len(kept))

    def only(self, kept: Sequence[int]) -> "ComparisonReport":
        """The same with the groups at these indexes."""
        return replace(
            self,
            groups=tuple(self.groups[index] for index in kept),
            impacts=tuple(self.impacts[index] for index in kept) if self.impacts else (),
        )


def compare(
    old: ContractDocument,
    new: ContractDocument,
    policy: VendorPolicy,
    *,
    usage: Usage | None = None,
    suppressions: Sequence[Suppression] = (),
    memory: Memory | None = None,
    deadline: TimeLimit = NEVER,
) -> ComparisonReport:
    """Compare two contracts. Raises ConfigurationError when one of them is broken (never "no changes").

    With the `memory` of other comparisons, what was proven there is not proven again.
    """
    if old.is_sketch or new.is_sketch:
        old, new = old.sketch(), new.sketch()
    comparison = ContractComparison(old, new, policy, memory, deadline)
    groups = group_changes(comparison.changes())
    kept, ignored = divide(groups, suppressions)
    impacts = tuple(impact_of(group, usage) for group in kept) if usage else ()
    unknown = dict.fromkeys(contract.unknown_fields for contract in (old, new))
    aside = tuple(dict.fromkeys(f"{contract.name}: {line}" for contract in (old, new) for line in contract.set_aside))
    return ComparisonReport(
        *(old.name, new.name, policy.name, kept, impacts, ignored, tuple(line for line in unknown if line), aside),
        contained=frozenset(comparison.contained),
        unfinished=tuple(comparison.unfinished),
        contracts=(old, new),
    )
