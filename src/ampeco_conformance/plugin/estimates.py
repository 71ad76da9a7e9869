"""How many requests the parts of a run will send: as recorded on the target before, else on an emulator."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from statistics import fmean

import orjson

from ampeco_conformance.core.profiles import STANDARD
from ampeco_conformance.reporting.tested import DEPTH, PastEvidence, depth_of
from ampeco_conformance.target.safety import Safety

#: Requests by kind of run, operation and aspect, as `tools/record_requests.py` found them.
RECORDED = Path(__file__).with_name("recorded_requests.json")
#: An item of which nothing is known.
_UNKNOWN = 5

Counts = Mapping[str, Mapping[str, int]]


class Estimates:
    """Estimates for one target and profile; `memory` is what was recorded there, which counts first."""

    def __init__(self, memory: PastEvidence, safety: Safety, profile: str) -> None:
        self._memory = memory
        kinds = (profile, "read-only" if safety is Safety.READ_ONLY else "all")
        self._sources = [(counts, _typical(counts)) for kind in kinds if (counts := recorded().get(kind)) is not None]
        self._is_standard = profile == STANDARD

    def item(self, name: str) -> int:
        """The requests of an item, without its depth."""
        known = self._memory.get(name)
        if known is not None and depth_of(name) is None:
            return known.requests
        return self._recorded(name)

    def depth(self, name: str) -> int:
        """The requests of the depth of an item; `name` is that of the item."""
        part = depth_of(name)
        assert part is not None
        known = self._memory.get(part)
        if known is not None and self._is_standard:
            return max(0, known.requests - self._recorded(name))
        return self._recorded(part)

    def _recorded(self, name: str) -> int:
        aspect, _, subject = name.partition(": ")
        for counts, typical in self._sources:
            count = counts.get(subject, {}).get(aspect, typical.get(_kind(aspect, subject)))
            if count is not None:
                return count
        return _UNKNOWN


@cache
def recorded() -> Mapping[str, Counts]:
    """The recorded counts of runs on an emulator: of everything (`all`), of all reads (`read-only`), and in a profile.

    What a profile has no counts of, it sends as the standard one does.
    """
    content: dict[str, Counts] = orjson.loads(RECORDED.read_bytes())
    return content


def counts_of(requests: Mapping[str, int], called: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Counts by operation and aspect from the requests of items, by name, in a run and in one without depth."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name, count in requests.items():
        aspect, _, subject = name.partition(": ")
        found[subject][aspect] = called.get(name, 1) if depth_of(name) else count
        if depth_of(name):
            found[subject][DEPTH] = max(0, count - found[subject][aspect])
    return dict(sorted(found.items()))


def _typical(counts: Counts) -> dict[tuple[str, str], int]:
    """The mean of the requests of an item, by aspect and method: a sum of means is right, one of medians too low."""
    by_kind: dict[tuple[str, str], list[int]] = defaultdict(list)
    for subject, aspects in counts.items():
        for aspect, count in aspects.items():
            by_kind[_kind(aspect, subject)].append(count)
    return {kind: round(fmean(values)) for kind, values in by_kind.items()}


def _kind(aspect: str, subject: str) -> tuple[str, str]:
    return aspect, subject.partition(" ")[0]
