"""The result of a comparison: changes with their witnesses, grouped by cause."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ampeco_conformance.compatibility.rules import RULES, ChangeSeverity, ComparisonRule

Json = Any


@dataclass(frozen=True, slots=True)
class Witness:
    """A concrete request or response that `accepted_by` allows and `refused_by` does not.

    `value` has the parts of a request (path, query, headers, cookies, body) or of a response (status, headers, body);
    a body is under its media type.
    """

    kind: str
    operation: str
    value: Json
    accepted_by: str
    refused_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change at one place of one operation.

    `location` is a path such as `200 body.data[].type`; `cause` the component that it comes from, when it is shared.
    `clause` is the clause of the vendor's policy that it breaks.
    """

    rule: str
    operation: str
    location: str
    message: str
    severity: ChangeSeverity
    before: Json = None
    after: Json = None
    cause: str = ""
    subject: str = ""
    witness: Witness | None = None
    clause: str = ""

    @property
    def definition(self) -> ComparisonRule:
        """The rule that found it."""
        return RULES[self.rule]


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """All changes of one cause: one rule at one place of one shared schema, in every operation that uses it."""

    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        """The representative: the first change of the worst severity."""
        return min(self.changes, key=lambda change: change.severity.rank)

    @property
    def severity(self) -> ChangeSeverity:
        """The worst severity."""
        return self.first.severity

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations, each once, in order."""
        return tuple(dict.fromkeys(change.operation for change in self.changes))


def group_changes(changes: Iterable[Change]) -> tuple[ChangeGroup, ...]:
    """The changes grouped by cause, worst first, otherwise in their order. Nothing is left out."""
    groups: dict[Any, list[Change]] = {}
    for change in changes:
        key: Any = (change.operation, change.location)
        if change.cause:
            key = (change.cause, change.subject, repr(change.before), repr(change.after))
        groups.setdefault((change.rule, change.message, key), []).append(change)
    return tuple(
        sorted((ChangeGroup(tuple(members)) for members in groups.values()), key=lambda found: found.severity.rank)
    )
