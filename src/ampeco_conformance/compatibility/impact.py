"""Sorts findings by what a caller uses."""

from dataclasses import dataclass
from enum import StrEnum

from ampeco_conformance.compatibility.changes import Change, Finding
from ampeco_conformance.compatibility.rules import Severity
from ampeco_conformance.compatibility.usage import OperationUsage, Usage


class Relevance(StrEnum):
    """What a finding means to one caller."""

    BREAKS = "breaks you"
    MAY_BREAK = "may break you"
    UNKNOWN = "unknown"
    NONE = "does not concern you"


@dataclass(frozen=True, slots=True)
class Concern:
    """What a finding means to the caller, and why."""

    relevance: Relevance
    reason: str


_ORDER = list(Relevance)


def concern_of(finding: Finding, usage: Usage) -> Concern:
    """The worst of what the changes of a finding mean to the caller."""
    return min((_of(change, usage) for change in finding.changes), key=lambda concern: _ORDER.index(concern.relevance))


def _of(change: Change, usage: Usage) -> Concern:
    if change.severity is Severity.SAFE:
        return Concern(Relevance.NONE, "the change is safe for everyone")
    if not change.operation:
        return Concern(Relevance.UNKNOWN, f"{usage.source} does not tell whether you use it")
    if change.operation.startswith("webhook") or change.location.startswith("callback"):
        return Concern(Relevance.UNKNOWN, f"{usage.source} does not show what is sent to you")
    use = usage.of(change.operation)
    if use is None:
        return Concern(Relevance.NONE, "you do not call this operation")
    certain = Relevance.BREAKS if change.severity is Severity.BREAKING else Relevance.MAY_BREAK
    if change.definition.direction == "request":
        return _of_request(change, use, certain)
    if change.definition.direction == "response":
        return _of_response(change, use, certain)
    return Concern(Relevance.MAY_BREAK, "you call this operation")


def _of_request(change: Change, use: OperationUsage, certain: Relevance) -> Concern:
    part, _, name = change.location.partition(".")
    known = use.parameters if part == "query" else use.sent if part == "body" else None
    obliging = change.rule.endswith(("required-added", "became-required", "required-property-added"))
    if part in ("", "security", "path") or not name:
        return Concern(certain, "you call this operation")
    if known is None:
        return Concern(Relevance.UNKNOWN, f"what you send as {part} is not in your traffic")
    if obliging:
        return _obliged(name, known, certain)
    if _uses(known, name):
        return Concern(certain, f"you send {name}")
    return Concern(Relevance.NONE, f"you do not send {name}")


def _obliged(name: str, known: set[str], certain: Relevance) -> Concern:
    """A field that must be sent now: nobody is hurt who sends it, or who does not send what it is part of."""
    parent = name.rpartition(".")[0].removesuffix("[]")
    if parent and parent not in known:
        return Concern(Relevance.NONE, f"you do not send {parent}")
    if name in known:
        return Concern(Relevance.MAY_BREAK, f"you send {name}, perhaps not every time")
    return Concern(certain, f"you do not send {name}")


def _of_response(change: Change, use: OperationUsage, certain: Relevance) -> Concern:
    _, _, place = change.location.partition(" ")
    part, _, name = place.partition(".")
    if part != "body" or not name:
        return Concern(Relevance.MAY_BREAK if part else certain, "you call this operation")
    if use.read is not None:
        used = _uses(use.read, name)
        return Concern(certain if used else Relevance.NONE, f"you {'' if used else 'do not '}read {name}")
    if use.received is not None:
        if _uses(use.received, name):
            return Concern(Relevance.MAY_BREAK, f"you get {name}; whether you read it is not known")
        return Concern(Relevance.NONE, f"{name} was in none of the answers you got")
    return Concern(Relevance.UNKNOWN, "which fields you get or read is not known")


def _uses(known: set[str], name: str) -> bool:
    """Whether a field, one inside it, or the one that a change is at the end of, is used."""
    plain = name.removesuffix("[]")
    return any(each == plain or each.startswith((f"{plain}.", f"{plain}[]")) for each in known)
