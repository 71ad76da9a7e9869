"""Which parts of a run fit its budget: the most valuable first, or those whose evidence is oldest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

#: The share of the budget that is planned for: the rest is for what an estimate misses.
_PLANNED = 0.95
#: A rolling run that asks everything once leaves at least this share of its budget for the rest.
_LEAST_ROLLED = 0.25


class Worth(IntEnum):
    """What a part is worth within a budget, the most first."""

    VALID_CALL = 0
    LATELY_FAILED = 1
    ASPECT = 2
    DEPTH = 3


@dataclass(frozen=True, slots=True)
class RunPart:
    """A part of a run: an item without its depth, or the depth of an item.

    `requests` is an estimate, `order` is the place among parts of the same worth.
    """

    name: str
    worth: Worth
    requests: int
    order: int = 0


def total(parts: Iterable[RunPart]) -> int:
    """The requests of all parts."""
    return sum(part.requests for part in parts)


def fitting(parts: Sequence[RunPart], budget: int, tested_at: Mapping[str, float] | None = None) -> list[RunPart]:
    """The parts that fit, in the order of their worth; all when there is room for all.

    With `tested_at`, when each part was tested, the parts that follow the valid calls and what failed lately go by age.
    """
    if total(parts) <= budget:
        return list(parts)
    chosen: list[RunPart] = []
    left = int(budget * _PLANNED)
    for part in _sorted(parts, left, tested_at):
        if part.requests <= left:
            chosen.append(part)
            left -= part.requests
    return sorted(chosen, key=lambda part: (part.worth, part.order))


def nights(parts: Sequence[RunPart], budget: int, tested_at: Mapping[str, float]) -> int | None:
    """In how many rolling runs all parts are tested; None when a part never fits."""
    waiting, ages = {part.name for part in parts}, dict(tested_at)
    for night in range(1, len(parts) + 1):
        tested = {part.name for part in fitting(parts, budget, ages)}
        if not waiting & tested:
            return None
        waiting -= tested
        if not waiting:
            return night
        ages.update(dict.fromkeys(tested, max(ages.values(), default=0.0) + night))
    return None


def _sorted(parts: Sequence[RunPart], budget: int, tested_at: Mapping[str, float] | None) -> list[RunPart]:
    if tested_at is None:
        return sorted(parts, key=lambda part: (part.worth, part.order))
    every_night = [part for part in parts if part.worth <= Worth.LATELY_FAILED]
    is_small = total(every_night) <= (1 - _LEAST_ROLLED) * budget
    first = {part.name for part in every_night} if is_small else set()

    def rank(part: RunPart) -> tuple[object, ...]:
        is_first = part.name in first
        return (not is_first, 0.0 if is_first else tested_at.get(part.name, 0.0), part.worth, part.order)

    return sorted(parts, key=rank)
