"""Profiles: how much of the suite a run has, from a minute after every deployment to a night."""

from collections.abc import Sequence
from dataclasses import dataclass

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is sent for one operation.

    `coverage` counts boundaries and faults, `random` the random cases of each mode in one round. Another round follows
    while the last one showed something new, `rounds` at most: so the budget goes where there is something to find.
    """

    coverage: int
    random: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What is run: the efforts on an emulator and on a tenant, and which items.

    `aspects` None means all items, scenarios too; else only these aspects of reading operations are run, and of those
    named in `conventions` only `samples` items each.
    """

    meaning: str
    on_emulator: Effort
    on_tenant: Effort
    aspects: Sequence[str] | None = None
    conventions: Sequence[str] = ()
    samples: int = 0


_NOTHING_MORE = Effort(coverage=0, random=0, rounds=0)

PROFILES = {
    "smoke": Profile(
        "every GET once, and the conventions on a few operations; under a minute",
        on_emulator=_NOTHING_MORE,
        on_tenant=_NOTHING_MORE,
        aspects=("operation",),
        conventions=("authentication", "unknown_id", "page_style", "cursor_style", "page_size"),
        samples=4,
    ),
    STANDARD: Profile(
        "everything",
        on_emulator=Effort(coverage=100, random=6, rounds=3),
        on_tenant=Effort(coverage=40, random=2, rounds=3),
    ),
    "nightly": Profile(
        "everything, with many times the generated data",
        on_emulator=Effort(coverage=500, random=25, rounds=6),
        on_tenant=Effort(coverage=150, random=10, rounds=4),
    ),
}


def sampled(count: int, samples: int) -> set[int]:
    """The indices of `samples` out of `count` things, spread evenly."""
    return {index * count // samples for index in range(min(samples, count))} if count > samples else set(range(count))
