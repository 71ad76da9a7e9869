"""Profiles: how much of the suite a run includes, from a minute after a deployment to a night."""

from collections.abc import Sequence
from dataclasses import dataclass

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is sent for one operation.

    `coverage` limits the boundary and fault cases, `random` the random cases per mode and round. Another round follows
    while the last one showed a new kind of response, up to `rounds`. Where requests take no body, a quarter of the
    cases is sent, and one at least.
    """

    coverage: int
    random: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a run includes: the effort for each operation, and which items.

    What is alike takes turns over so many `seeds`; `sequences` of random writes are played with each resource.
    With `aspects` None, all items including scenarios; otherwise these aspects of GET operations, and of each aspect
    in `conventions` a sample of `samples` items.
    """

    meaning: str
    effort: Effort
    aspects: Sequence[str] | None = None
    conventions: Sequence[str] = ()
    samples: int = 0
    seeds: int = 4
    sequences: int = 1


NOTHING_MORE = Effort(coverage=0, random=0, rounds=0)

PROFILES = {
    "smoke": Profile(
        "every GET once, and the conventions on a few operations; under a minute",
        effort=NOTHING_MORE,
        aspects=("operation",),
        conventions=("authentication", "unknown_id", "page_style", "cursor_style", "page_size"),
        samples=4,
    ),
    STANDARD: Profile(
        "everything",
        effort=Effort(coverage=2, random=1, rounds=1),
    ),
    "nightly": Profile(
        "everything, with many times the generated data",
        effort=Effort(coverage=150, random=10, rounds=4),
        seeds=1,
        sequences=4,
    ),
}


def sampled(count: int, samples: int) -> set[int]:
    """The indices of `samples` out of `count` elements, spread evenly."""
    return {index * count // samples for index in range(min(samples, count))} if count > samples else set(range(count))
