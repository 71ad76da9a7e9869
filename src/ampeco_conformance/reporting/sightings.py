"""What a target showed night after night and shows no longer: fields, enum values and statuses of successful answers.

A schema that makes everything optional is kept by an answer that has lost half of it; clients are not. The memory is
`seen.json` in the history folder, for each target, version and selection. A day (UTC) counts once, and only where the
operation was tested and so was the item that showed it last; enum values, which depend on many items, only where the
operation was tested in depth.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ampeco_conformance.checks.availability import NO_LONGER_SEEN
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.core.fingerprints import digest
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.reporting.clusters import Cluster, leaf_of
from ampeco_conformance.reporting.memory_file import read_entries, write_entries
from ampeco_conformance.reporting.plan import Plan
from ampeco_conformance.reporting.tested import DEPTH, OPERATION, depth_of, parts_tested

SEEN = "seen.json"
#: What was seen in so many nights, and in none of as many since, is gone.
NIGHTS = 3
#: The tabs of a key; the name of a field may have more.
_TABS = 2

#: What coverage records of answers, and what it is called.
_KINDS = {
    CoverageKind.STATUSES: "status",
    CoverageKind.RESPONSE_FIELDS: "field",
    CoverageKind.RESPONSE_ENUMS: "value",
}
_VALUE = _KINDS[CoverageKind.RESPONSE_ENUMS]


@dataclass(frozen=True, slots=True)
class Sighting:
    """In how many nights something was seen, on which day the last time, and how many nights it is missing since.

    `counted` is the day that was counted last, `by` the item that showed it last; earlier releases did not write it.
    """

    nights: int
    last: str
    missing: int
    counted: str
    by: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether it is missing for long enough."""
        return self.nights >= NIGHTS <= self.missing


#: By the operation, what it is (`field`) and where (`200/data/*/name`).
Sightings = Mapping[str, Sighting]


def read_sightings(history: Path, plan: Plan) -> dict[str, Sighting]:
    """What earlier runs like this one have seen; empty when nothing is known.

    What a wrong clock has dated in the future was seen today.
    """
    known, today = read_entries(history / SEEN, _like(plan), Sighting), datetime.now(UTC).date().isoformat()
    return {
        key: replace(sighting, last=min(sighting.last, today), counted=min(sighting.counted, today))
        for key, sighting in known.items()
        if key.count("\t") >= _TABS
    }


def keep_sightings(sightings: Sightings, history: Path, plan: Plan) -> None:
    """Replace the memory of runs like this one. Raises OSError."""
    write_entries(history / SEEN, {_like(plan): sightings})


def with_tonight(earlier: Sightings, results: Iterable[ItemResult]) -> dict[str, Sighting]:
    """The sightings with those of a run; made again of the same run they are the same."""
    results = list(results)
    moments = [result.stopped_at for result in results if result.stopped_at]
    if not moments:
        return dict(earlier)
    tonight = datetime.fromtimestamp(max(moments), UTC).date().isoformat()
    seen = _seen(results)
    tested = {part for result in results for part in parts_tested(result)}
    found = dict(earlier)
    for key in sorted(earlier.keys() | seen.keys()):
        known = earlier.get(key)
        if known is None:
            found[key] = Sighting(1, tonight, 0, tonight, seen[key])
        elif key in seen:
            nights = known.nights + (known.last < tonight)
            found[key] = Sighting(nights, max(known.last, tonight), 0, tonight, seen[key])
        elif known.counted < tonight and _could_be_seen(key, known, tested):
            found[key] = replace(known, missing=known.missing + 1, counted=tonight)
    return found


def gone(sightings: Sightings, versions: list[str]) -> list[Cluster]:
    """What is gone, as findings: advisory, because the data of a target may have changed."""
    return [_cluster(key, seen, versions) for key, seen in sightings.items() if seen.is_gone]


def _cluster(key: str, seen: Sighting, versions: list[str]) -> Cluster:
    label, kind, place = _parts(key)
    check = NO_LONGER_SEEN
    nights, missing = counted(seen.nights, "night"), counted(seen.missing, "night")
    return Cluster(
        id=f"{digest(check.id, key)}-{Standing.ADVISORY}",
        kind=digest(check.id, kind),
        check=check.id,
        severity=check.severity,
        message=f"the {kind} {place} was seen in {nights} until {seen.last}, and in none of {missing} since",
        location=leaf_of(f"/{place}"),
        source="",
        operations=[label],
        versions=versions,
        standing=Standing.ADVISORY,
        section="advisory",
    )


def _seen(results: Iterable[ItemResult]) -> dict[str, str]:
    """What was seen in successful answers, and the item that showed it: that of the operation where it did."""
    return {
        key: result.name
        for result in sorted(results, key=lambda result: (depth_of(result.name) is not None, result.name))
        for key in _shown(result)
    }


def _shown(result: ItemResult) -> Iterator[str]:
    """What a result says was seen in successful answers."""
    for kind, name in _KINDS.items():
        for label, places in result.coverage.get(kind.value, {}).items():
            yield from (_key(label, name, place) for place in places if place.startswith("2"))
    for entry in result.drift:
        if entry.status is not None and 200 <= entry.status < 300 and entry.location:
            values = entry.schema.get("enum", ())
            place = f"{entry.status}{entry.location}"
            yield from (_key(entry.operation, _VALUE, f"{place} = {value}") for value in values)
            if not values:
                yield _key(entry.operation, _KINDS[CoverageKind.RESPONSE_FIELDS], place)


def _could_be_seen(key: str, known: Sighting, tested: set[str]) -> bool:
    label, kind, _ = _parts(key)
    needed = {f"{DEPTH if kind == _VALUE else OPERATION}: {label}", known.by} - {""}
    return needed <= tested


def _key(label: str, kind: str, place: str) -> str:
    return "\t".join((label, kind, place))


def _parts(key: str) -> tuple[str, str, str]:
    """The label, kind and place of a key; the place is last because the name of a field may hold a tab."""
    label, kind, place = key.split("\t", _TABS)
    return label, kind, place


def _like(plan: Plan) -> str:
    """What runs have in common that can be compared."""
    return " ".join((plan.api, *plan.versions, plan.target, plan.safety, *plan.narrowed))
