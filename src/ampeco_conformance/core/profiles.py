"""Profiles: how much of the suite a run includes, from a minute after a deployment to a night."""

from collections.abc import Sequence
from dataclasses import dataclass

STANDARD = "standard"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is sent for one operation.

    `coverage` limits the boundary and fault cases, `random` the random cases per mode and round. Another round follows
    while the last one showed a new kind of response, up to `rounds`.
    """

    coverage: int
    random: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a run includes: the effort on an emulator and on a tenant, and which items.

    With `aspects` None, all items including scenarios; otherwise these aspects of GET operations, and of each aspect
    in `conventions` a sample of `samples` items.
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
        on_emulator=Effort(coverage=90, random=5, rounds=3),
        on_tenant=Effort(coverage=40, random=2, rounds=3),
    ),
    "nightly": Profile(
        "everything, with many times the generated data",
        on_emulator=Effort(coverage=500, random=25, rounds=6),
        on_tenant=Effort(coverage=150, random=10, rounds=4),
    ),
}


def sampled(count: int, samples: int) -> set[int]:
    """The indices of `samples` out of `count` elements, spread evenly."""
    return {index * count // samples for index in range(min(samples, count))} if count > samples else set(range(count))
