"""The history of runs, one line each in `history/runs.jsonl`, and the sections of a new run's findings.

Only runs of the same API, versions and target are compared. CI keeps the folder between runs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import orjson

from ampeco_conformance.core.checks import Severity
from ampeco_conformance.core.findings import Certainty, Standing
from ampeco_conformance.core.fingerprints import is_old_form
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.reporting.clusters import BROKEN, Cluster, leaf_of
from ampeco_conformance.reporting.memory_file import typed

RUNS = "runs.jsonl"
_KEPT_RUNS = 200
#: A cause that appeared and disappeared within this many runs is flaky.
_WINDOW = 10
_KEPT_ITEMS = 20
_SECONDS_OF_A_DAY = 86_400
#: The end of the calendar, in seconds since the epoch.
_LAST_MOMENT = datetime.max.replace(tzinfo=UTC).timestamp()
_REMEMBERED = (Standing.VIOLATION, Standing.KNOWN)


@dataclass(frozen=True, slots=True)
class PastFinding:
    """A cluster in a line of the history."""

    check: str
    severity: Severity
    message: str
    operations: list[str]
    items: list[str]
    location: str = ""

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The finding in a JSON object. Raises KeyError, TypeError or ValueError when it is not one."""
        return typed(cls(**{**content, "severity": Severity(content["severity"])}))


@dataclass(frozen=True, slots=True)
class PastRun:
    """One line. `findings` holds the clusters by id; `untested` are the ids of earlier findings that this run did not
    check again; `at` is its start in seconds since the epoch. Earlier releases wrote neither `decision` nor `causes`.
    """

    id: str
    at: float
    api: str
    versions: list[str]
    target: str
    exit_code: int
    complete: bool
    operations: int
    tested: int
    unreached: list[str]
    items: Mapping[str, int]
    requests: int
    seconds: float
    findings: dict[str, PastFinding] = field(default_factory=dict)
    untested: list[str] = field(default_factory=list)
    decision: str = ""
    causes: int | None = None

    @property
    def number_of_causes(self) -> int:
        """How many causes it found; a line of an earlier release counts its findings."""
        return len(self.findings) if self.causes is None else self.causes

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """The run in a line. Raises KeyError, TypeError or ValueError when it is not one."""
        findings = {key: PastFinding.from_json(finding) for key, finding in dict(content["findings"]).items()}
        run = typed(cls(**{**content, "findings": findings}))
        if not 0 <= run.at < _LAST_MOMENT:
            raise ValueError(f"{run.at} is no time")
        return run

    def shares_target(self, other: "PastRun") -> bool:
        """Whether the other is an earlier or later run on the same target."""
        return (self.api, self.target) == (other.api, other.target) and self.id != other.id


def read_history(folder: Path) -> list[PastRun]:
    """The runs in a history folder, oldest first; lines that cannot be read are skipped."""
    path = folder / RUNS
    if not path.is_file():
        return []
    return list(_parsed(path.read_bytes().splitlines()))


def sent_today(folder: Path, target: str) -> int:
    """How many requests the earlier runs of this day (UTC) sent to a target."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    # What a wrong clock has dated in the future is of no known day.
    return sum(
        run.requests
        for run in read_history(folder)
        if run.target == target and midnight <= run.at < midnight + _SECONDS_OF_A_DAY
    )


def write_history(past: Iterable[PastRun], run: PastRun, folder: Path) -> None:
    """Append a run to the history, replacing its own line if there is one, and drop the oldest runs."""
    kept = [*(other for other in past if other.id != run.id), run][-_KEPT_RUNS:]
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{RUNS}.tmp"
    unfinished.write_bytes(b"".join(write_json(asdict(line)) + b"\n" for line in kept))
    unfinished.replace(folder / RUNS)


def findings_of(clusters: Iterable[Cluster]) -> dict[str, PastFinding]:
    """The findings of a line: violations and known issues, by the id of their cause."""
    return {
        cluster.cause: PastFinding(
            check=cluster.check,
            severity=cluster.severity,
            message=cluster.message,
            location=cluster.location,
            operations=cluster.operations[:_KEPT_ITEMS],
            items=cluster.items[:_KEPT_ITEMS],
        )
        for cluster in clusters
        if cluster.check != BROKEN and cluster.standing in _REMEMBERED
    }


def sort_into_sections(
    clusters: list[Cluster], past: Iterable[PastRun], passed: set[str]
) -> tuple[list[Cluster], list[Cluster]]:
    """Set the section of every cluster. Returns the earlier clusters that are gone, and those not checked again.

    `past` are earlier runs like this one, oldest first; `passed` the names of the items that passed. A cause is gone
    when every item that showed it passed: an item that failed may have ended before it checked it.
    """
    recent = _with_present_ids(list(past)[-_WINDOW:], clusters)
    last_seen = {id_: (line, found) for line in recent for id_, found in line.findings.items()}
    now = {cluster.cause for cluster in clusters}
    gone: list[Cluster] = []
    untested: list[Cluster] = []
    for cluster in clusters:
        sightings = _sightings(cluster.cause, recent)
        cluster.first_seen = next((line.at for line in recent if cluster.cause in line.findings), None)
        cluster.section = _section(cluster, [*sightings, True])
    for id_, (_, found) in sorted(last_seen.items()):
        if id_ in now:
            continue
        sightings = _sightings(id_, recent)
        cluster = Cluster(
            id=id_,
            kind=id_,
            check=found.check,
            severity=found.severity,
            message=found.message,
            location=found.location,
            source="",
            operations=list(found.operations),
            items=list(found.items),
            versions=list(recent[-1].versions),
            first_seen=next(line.at for line in recent if id_ in line.findings),
        )
        if not set(cluster.items) <= passed:
            untested.append(cluster)
        elif _is_flaky([*sightings, False]):
            cluster.section = "flaky"
            gone.append(cluster)
        elif sightings[-1]:
            cluster.section = "fixed"
            gone.append(cluster)
    return gone, untested


def _with_present_ids(runs: Iterable[PastRun], clusters: Iterable[Cluster]) -> list[PastRun]:
    """Runs in which a cause that an earlier release recorded has the id of the cluster it is now.

    Earlier releases made ids of messages; such a cause is known again by check, location and operation.
    """
    clusters = list(clusters)
    ids: dict[str, list[str]] = {}
    runs = list(runs)
    for id_, found in (item for run in runs for item in run.findings.items() if is_old_form(item[0])):
        ids.setdefault(id_, [cluster.cause for cluster in clusters if _is_same(found, cluster)] or [id_])
    return [
        replace(
            run,
            findings={new: found for id_, found in run.findings.items() for new in ids.get(id_, [id_])},
            untested=[new for id_ in run.untested for new in ids.get(id_, [id_])],
        )
        for run in runs
    ]


def _is_same(past: PastFinding, cluster: Cluster) -> bool:
    if past.check != cluster.check or leaf_of(past.location) != leaf_of(cluster.location):
        return False
    # A failing assertion has no operation, only the scenario: the name of the item up to its title.
    mine, theirs = (
        set(found.operations) or {item.partition(": ")[0] for item in found.items} for found in (past, cluster)
    )
    return not mine.isdisjoint(theirs)


def _section(cluster: Cluster, sightings: list[bool]) -> str:
    if cluster.check == BROKEN:
        return "blocked"
    if cluster.standing is not Standing.VIOLATION:
        return cluster.standing
    if cluster.certainty is Certainty.FLAKY or _is_flaky(sightings):
        return "flaky"
    return "open" if len(sightings) > 1 else "new"


def _sightings(id_: str, runs: Iterable[PastRun]) -> list[bool]:
    """Whether each run from the first sighting on found a cause; runs that did not check it do not count."""
    seen = [id_ in run.findings for run in runs if id_ in run.findings or id_ not in run.untested]
    return seen[seen.index(True) :] if True in seen else []


def _is_flaky(sightings: list[bool]) -> bool:
    """Whether a cause disappeared and came back."""
    return sum(one != other for one, other in pairwise(sightings)) > 1


def _parsed(lines: Iterable[bytes]) -> Iterable[PastRun]:
    for line in lines:
        try:
            yield PastRun.from_json(orjson.loads(line))
        except (KeyError, TypeError, ValueError):
            continue
