"""Rules of a comparison."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ChangeSeverity(StrEnum):
    """How much a change hurts clients; `breaking` is only reported with a witness."""

    BREAKING = "breaking"
    MAYBE = "maybe"
    SAFE = "safe"

    @property
    def rank(self) -> int:
        """0 for breaking, so that the worst sorts first."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(ChangeSeverity)}


@dataclass(frozen=True, slots=True)
class OperationPair:
    """One operation in two documents; `document_has_sunsets` when any operation of the new one has `x-sunset`."""

    old: Mapping[str, Any]
    new: Mapping[str, Any]
    document_has_sunsets: bool = False

    @property
    def was_deprecated(self) -> bool:
        """Whether the old document deprecates it."""
        return bool(self.old.get("deprecated"))

    @property
    def is_deprecated(self) -> bool:
        """Whether the new document deprecates it."""
        return bool(self.new.get("deprecated"))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One case of a rule; without a message, the title of the rule is used. Equal causes are reported together."""

    message: str = ""
    before: Any = None
    after: Any = None
    cause: str = ""


RuleSearch = Callable[[OperationPair], Iterator[Occurrence]]
"""Finds the cases of a rule in a pair of operations."""


@dataclass(frozen=True, slots=True)
class ComparisonRule:
    """One kind of change.

    `severity` applies when a witness proves the change; a `breaking` one without witness is reported as `maybe`.
    `retires`: the witness is something that the old contract allows and the new one does not, rather than something
    new that the old contract does not know.
    `example`: the old and the new schema (areas of schemas) or fragment of an operation.
    `search` finds the rule in two operations; the other rules are found where schemas and responses are compared.
    """

    id: str
    severity: ChangeSeverity
    direction: str
    area: str
    title: str
    example: tuple[Any, Any]
    retires: bool = False
    search: RuleSearch | None = None


def table(rules: Iterable[ComparisonRule]) -> dict[str, ComparisonRule]:
    """The rules by id. Raises ValueError when two have the same id."""
    found: dict[str, ComparisonRule] = {}
    for rule in rules:
        if rule.id in found:
            raise ValueError(f"two rules have the id {rule.id}")
        found[rule.id] = rule
    return found


def dashed(keyword: str) -> str:
    """A keyword as it is in the id of a rule: `maxLength` is `max-length`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in keyword)
