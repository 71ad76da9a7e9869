"""What a rule is."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ChangeSeverity(StrEnum):
    """How much a change hurts; `breaking` is only said with a witness."""

    BREAKING = "breaking"
    MAYBE = "maybe"
    SAFE = "safe"

    @property
    def rank(self) -> int:
        """Breaking is 0, so that the worst is the smallest."""
        return list(ChangeSeverity).index(self)


@dataclass(frozen=True, slots=True)
class ComparisonRule:
    """One kind of change.

    `severity` is what it is when a witness proves it; a `breaking` one without witness is shown as `maybe`.
    `retires`: the witness is something that the old contract could give and the new one cannot, rather than
    something new that the old contract does not know.
    `example`: the old and the new schema (area schema) or fragment of an operation.
    """

    id: str
    severity: ChangeSeverity
    direction: str
    area: str
    meaning: str
    example: tuple[Any, Any]
    retires: bool = False


def table(rules: Iterable[ComparisonRule]) -> dict[str, ComparisonRule]:
    """The rules by id. Raises ValueError when two have the same id."""
    found: dict[str, ComparisonRule] = {}
    for rule in rules:
        if rule.id in found:
            raise ValueError(f"two rules are called {rule.id}")
        found[rule.id] = rule
    return found
