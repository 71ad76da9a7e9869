"""The impact of changes on one caller, from what that caller uses."""

from dataclasses import dataclass
from enum import StrEnum

from ampeco_conformance.compatibility.changes import Change, ChangeGroup
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.compatibility.usage import OperationUsage, Usage, written


class ImpactLevel(StrEnum):
    """What a group of changes means to one caller."""

    BREAKS = "breaks you"
    MAY_BREAK = "may break you"
    UNKNOWN = "unknown"
    NONE = "does not concern you"


@dataclass(frozen=True, slots=True)
class Impact:
    """What a group of changes means to the caller, and why."""

    level: ImpactLevel
    reason: str


_ORDER = list(ImpactLevel)


def impact_of(group: ChangeGroup, usage: Usage) -> Impact:
    """The worst of what the changes of a group mean to the caller."""
    return min((_of(change, usage) for change in group.changes), key=lambda impact: _ORDER.index(impact.level))


def _of(change: Change, usage: Usage) -> Impact:
    if change.severity is ChangeSeverity.SAFE:
        return Impact(ImpactLevel.NONE, "the change is safe for everyone")
    if not change.operation:
        return Impact(ImpactLevel.UNKNOWN, f"{usage.source} does not show whether you use it")
    if change.operation.startswith("webhook") or change.location.startswith("callback"):
        return Impact(ImpactLevel.UNKNOWN, f"{usage.source} does not show what is sent to you")
    use = usage.of(change.operation)
    if use is None:
        return Impact(ImpactLevel.NONE, "you do not call this operation")
    certain = ImpactLevel.BREAKS if change.severity is ChangeSeverity.BREAKING else ImpactLevel.MAY_BREAK
    if change.definition.direction == "request":
        return _of_request(change, use, certain)
    if change.definition.direction == "response":
        return _of_response(change, use, certain)
    return Impact(ImpactLevel.MAY_BREAK, "you call this operation")


def _of_request(change: Change, use: OperationUsage, certain: ImpactLevel) -> Impact:
    part, _, name = change.location.partition(".")
    known = use.parameters if part == "query" else use.sent if part == "body" else None
    obliging = change.rule.endswith(("required-added", "became-required", "required-property-added"))
    if part in ("", "security", "path") or not name:
        return Impact(certain, "you call this operation")
    if known is None:
        return Impact(ImpactLevel.UNKNOWN, f"what you send as {part} is not in your traffic")
    impact = _obliged(name, known, certain) if obliging else _sent(name, known, certain)
    if impact.level is certain and (harmless := _only_other_values(change, use, name)):
        impact = harmless
    if impact.level is ImpactLevel.NONE and part == "query" and use.computed_queries:
        return Impact(ImpactLevel.UNKNOWN, f"{use.computed_queries} of the queries you send are computed")
    if impact.level is ImpactLevel.NONE and part == "body" and use.unread_requests:
        return Impact(ImpactLevel.UNKNOWN, f"{use.unread_requests} of the bodies you sent cannot be read")
    return impact


def _sent(name: str, known: set[str], certain: ImpactLevel) -> Impact:
    if _uses(known, name):
        return Impact(certain, f"you send {name}")
    return Impact(ImpactLevel.NONE, f"you do not send {name}")


def _only_other_values(change: Change, use: OperationUsage, name: str) -> Impact | None:
    """No impact, where the values that were sent are known and none of them is refused now."""
    sent = use.values.get(change.location)
    if not sent:
        return None
    if change.rule.endswith("enum-value-removed") and written(change.before) not in sent:
        return Impact(ImpactLevel.NONE, f"you send {name}, but never {written(change.before)}")
    if change.rule.endswith("enum-set") and sent <= set(map(written, change.after)):
        return Impact(ImpactLevel.NONE, f"you send {name} with values that stay only")
    return None


def _obliged(name: str, known: set[str], certain: ImpactLevel) -> Impact:
    """A field that became required: callers that send it, or that do not send its parent, are not affected."""
    parent = name.rpartition(".")[0].removesuffix("[]")
    if parent and parent not in known:
        return Impact(ImpactLevel.NONE, f"you do not send {parent}")
    if name in known:
        return Impact(ImpactLevel.MAY_BREAK, f"you send {name}, perhaps not every time")
    return Impact(certain, f"you do not send {name}")


def _of_response(change: Change, use: OperationUsage, certain: ImpactLevel) -> Impact:
    _, _, place = change.location.partition(" ")
    part, _, name = place.partition(".")
    if part != "body" or not name:
        return Impact(ImpactLevel.MAY_BREAK if part else certain, "you call this operation")
    if use.read is not None:
        used = _uses(use.read, name)
        return Impact(certain if used else ImpactLevel.NONE, f"you {'' if used else 'do not '}read {name}")
    if use.received is not None and _uses(use.received, name):
        return Impact(ImpactLevel.MAY_BREAK, f"you get {name}; whether you read it is not known")
    if use.unread_answers:
        return Impact(ImpactLevel.UNKNOWN, f"{use.unread_answers} of the answers you got cannot be read")
    if use.received is not None:
        return Impact(ImpactLevel.NONE, f"{name} was in none of the answers you got")
    return Impact(ImpactLevel.UNKNOWN, "which fields you get or read is not known")


def _uses(known: set[str], name: str) -> bool:
    """Whether a field, one inside it, or the one that a change is at the end of, is used."""
    plain = name.removesuffix("[]")
    return any(field == plain or field.startswith((f"{plain}.", f"{plain}[]")) for field in known)
