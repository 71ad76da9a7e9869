"""What a comparison says of the requests and of the responses of each operation: yes, no, or not known."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from ampeco_conformance.compatibility.changes import Change
from ampeco_conformance.compatibility.rules import ChangeSeverity


class Compatibility(StrEnum):
    """Whether what was valid still is."""

    BREAKING = "breaking"
    UNKNOWN = "unknown"
    COMPATIBLE = "compatible"


_BY_SEVERITY = {
    ChangeSeverity.BREAKING: Compatibility.BREAKING,
    ChangeSeverity.MAYBE: Compatibility.UNKNOWN,
    ChangeSeverity.SAFE: Compatibility.COMPATIBLE,
}


@dataclass(frozen=True, slots=True)
class OperationVerdict:
    """The verdict on the requests or the responses of an operation that changed.

    `proof` is `witness`, `containment` (what was valid is proven to be valid still) or `rules` (each change is one that
    breaks nothing, or that the policy allows); empty when the verdict is unknown. `reason` is the decisive change.
    """

    operation: str
    direction: str
    verdict: Compatibility
    proof: str
    reason: str


Place = tuple[str, str]
"""An operation and a direction."""


def verdicts(
    changes: Iterable[Change], contained: Collection[Place], unfinished: Iterable[str]
) -> list[OperationVerdict]:
    """The verdicts in the order of the changes, then those on what there was no time for.

    `contained` are the places where containment is proven.
    """
    worst: dict[Place, Change] = {}
    for change in changes:
        place = change.operation, change.definition.direction
        if change.operation and place[1] != "none":
            known = worst.setdefault(place, change)
            worst[place] = min(known, change, key=lambda one: one.severity.rank)
    made = [_verdict(place, change, place in contained) for place, change in worst.items()]
    late = "there was no time to compare it"
    for label in unfinished:
        made += [OperationVerdict(label, one, Compatibility.UNKNOWN, "", late) for one in ("request", "response")]
    return made


def _verdict(place: Place, change: Change, is_contained: bool) -> OperationVerdict:
    verdict = _BY_SEVERITY[change.severity]
    proofs = {Compatibility.BREAKING: "witness", Compatibility.UNKNOWN: ""}
    proof = proofs.get(verdict, "containment" if is_contained else "rules")
    where = f"{change.location}: " if change.location else ""
    return OperationVerdict(*place, verdict, proof, f"{where}{change.message}")


def verdict_counts(made: Iterable[OperationVerdict]) -> str:
    """`3 breaking (witness), 1 unknown, 8 compatible (7 proven)`."""
    counts = Counter((one.verdict, one.proof) for one in made)
    total = {verdict: sum(count for key, count in counts.items() if key[0] is verdict) for verdict in Compatibility}
    proven = counts[Compatibility.COMPATIBLE, "containment"]
    return (
        f"{total[Compatibility.BREAKING]} breaking (witness), {total[Compatibility.UNKNOWN]} unknown, "
        f"{total[Compatibility.COMPATIBLE]} compatible ({proven} proven by containment)"
    )
