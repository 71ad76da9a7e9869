"""The verdict on a run: go or no-go, what changed, what was not tested, what is worst."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten
from types import MappingProxyType

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.item_results import NOT_IN_BUDGET, ItemResult
from ampeco_conformance.reporting.causes import causes_of
from ampeco_conformance.reporting.clusters import Cluster, clusters_of, leaf_of
from ampeco_conformance.reporting.coverage import KindCoverage, coverage_of
from ampeco_conformance.reporting.decision import is_not_enabled
from ampeco_conformance.reporting.history import PastFinding, PastRun, findings_of, sort_into_sections
from ampeco_conformance.reporting.plan import Plan
from ampeco_conformance.reporting.preparation import preparations
from ampeco_conformance.reporting.reachability import SWITCHED_OFF
from ampeco_conformance.reporting.summary import RunSummary
from ampeco_conformance.reporting.tested import PastEvidence, evidence_of
from ampeco_conformance.reporting.text import STATUS, normalised
from ampeco_conformance.target.configuration import EMBEDDED_EMULATOR

#: The form of verdict.json; it changes when a key changes its meaning or goes.
FORM = 1
#: The kind of the gaps of items that were skipped.
SKIPPED = "skipped"
_WORST = 3
_SHOWN_RUNS = 40
_SHOWN_CHARACTERS = 160
#: The sections of findings, in the order of the pages, with their meaning.
SECTIONS = {
    "new": "Found for the first time in this run.",
    "open": "Found in an earlier run as well, and not a known issue.",
    "known": "A known issue; does not fail the run.",
    "flaky": "Found in some runs and not in others.",
    "blocked": "Could not be judged: the target did not answer, or the suite has a bug.",
    "fixed": "Found in an earlier run; every item that showed it passes now.",
    "drift": "Differs from the specification in a way that the settings tolerate.",
    "advisory": "For information; never fails the run.",
}
#: Those that count against the target.
COUNTED = ("new", "open", "flaky")
_ENDED_EARLY = "The run ended before all of its items had run. This is what was tested until then."
#: Where a reason begins to quote a response, which differs for every operation.
_BODY = re.compile(r"\s*(?:\{[\"}]|\[[\[{\"\]]|<)")


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The differences from an earlier run: ids of causes, and labels of operations that succeed now or no longer."""

    at: float
    versions: list[str]
    appeared: list[str]
    gone: list[str]
    reached: list[str]
    lost: list[str]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that was not tested: operations, items or findings; what happened to them, why, and which they were."""

    noun: str
    kind: str
    reason: str
    names: list[str]
    count: int


@dataclass(frozen=True, slots=True)
class Slowness:
    """The response times of one operation, in milliseconds."""

    operation: str
    requests: int
    median: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one tag: how many of its operations succeeded, and by aspect, status to count."""

    tag: str
    operations: int
    reached: int
    aspects: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything on the verdict page; `run` is its line of the history, `earlier` are older lines of its target.

    `decision` is go, partial, no-go or unknown, and `reasons` say why it is not go (see decision.py). `permitted`
    counts the operations that the safety level permits, `contract_coverage` says how much of what the specification
    documents was reached, `drift` what the specification does not document. `causes`
    are those of this run that count against the target, `others` what else has a card; both join `clusters`. `due` says
    what has to be done about known issues, `notes` what was left out; `evidence` is the day when each part of the run
    was tested last, None where never (see tested.py); `unconfirmed` are the notes of what only
    Schemathesis took for a violation.
    """

    form: int
    decision: str
    sentence: str
    reasons: list[str]
    safety: str
    permitted: int
    incomplete: str | None
    run: PastRun
    reached: int
    scenarios: Mapping[str, int]
    since_last_run: RunComparison | None
    since_last_version: RunComparison | None
    not_tested: list[Gap]
    worst: list[Cluster]
    clusters: list[Cluster]
    causes: list[Cluster]
    others: list[Cluster]
    slowest: list[Slowness]
    coverage: list[Coverage]
    contract_coverage: list[KindCoverage]
    earlier: list[PastRun]
    drift: int
    due: list[str]
    notes: list[str]
    unconfirmed: list[str]
    evidence: Mapping[str, str | None]

    def section(self, name: str) -> list[Cluster]:
        """The clusters of one section, worst first."""
        return [cluster for cluster in self.clusters if cluster.section == name]

    def cards(self, name: str) -> list[Cluster]:
        """The causes of one section, worst first: what pages show."""
        return [cause for cause in (*self.causes, *self.others) if cause.section == name]


def judge_run(
    results: Sequence[ItemResult],
    summary: RunSummary,
    plan: Plan,
    past: Sequence[PastRun],
    memory: PastEvidence = MappingProxyType({}),
    vanished: Sequence[Cluster] = (),
) -> Verdict:
    """The verdict on a run from its item results, summary and plan, and the earlier runs, oldest first.

    `memory` says when each part was tested before, `vanished` what earlier runs saw and this one and others do not.
    """
    evidence = evidence_of(results, plan.left_out, memory)
    run = _line_without_findings(results, summary, plan)
    others = [line for line in past if line.shares_target(run) and line.at <= run.at]
    alike = [line for line in others if line.versions == run.versions]
    clusters = clusters_of(results)
    passed = {result.name for result in results if result.status == "passed"}
    gone, untested = sort_into_sections(clusters, alike, passed)
    run.findings.update(findings_of(clusters))
    causes = causes_of(cluster for cluster in clusters if cluster.is_counted)
    not_counted = [*(cluster for cluster in clusters if not cluster.is_counted), *vanished]
    uncounted = [*causes_of(not_counted), *_gone(gone)]
    run = replace(run, causes=len(causes))
    run.untested.extend(cluster.id for cluster in untested)
    shown = sorted(
        [*clusters, *vanished, *gone], key=lambda cluster: (list(SECTIONS).index(cluster.section), cluster.rank)
    )
    # The embedded emulator is not the user's to prepare.
    needs = preparations(summary.unreached, results) if run.target != EMBEDDED_EMULATOR else ()
    of_another = next((line for line in reversed(others) if line.versions != run.versions), None)
    return Verdict(
        form=FORM,
        decision=summary.decision,
        sentence=summary.sentence,
        reasons=list(summary.reasons),
        safety=summary.safety,
        permitted=summary.permitted,
        incomplete=None if run.complete else _ENDED_EARLY,
        run=run,
        reached=summary.succeeded,
        scenarios=summary.scenarios,
        since_last_run=_compared(run, alike[-1], causes, {cluster.id for cluster in untested}) if alike else None,
        since_last_version=_compared(run, of_another, causes, set()) if of_another else None,
        not_tested=[
            *_not_begun(results, plan.own),
            *_beyond_budget(results, plan.left_out, evidence),
            *_gaps(results, run, summary),
            *_forgotten(untested),
        ],
        worst=causes[:_WORST],
        clusters=shown,
        causes=causes,
        others=sorted(uncounted, key=lambda cause: cause.rank),
        slowest=slowest_of(results),
        coverage=list(_coverage(results)),
        contract_coverage=coverage_of(summary.api, results),
        earlier=others[-_SHOWN_RUNS:],
        drift=summary.drift,
        due=[review.sentence for review in summary.known_issues if review.is_due],
        notes=[*summary.notes, *_ages(plan, evidence), *needs],
        evidence=evidence,
        unconfirmed=list(summary.unconfirmed),
    )


def slowest_of(results: Iterable[ItemResult]) -> list[Slowness]:
    """The response times of every operation that was asked, the slowest 95th percentile first."""
    times: dict[str, list[float]] = {}
    for result in results:
        for operation, measured in result.milliseconds.items():
            times.setdefault(operation, []).extend(measured)
    found = (
        Slowness(operation, len(values), _percentile(values, 50), _percentile(values, 95), max(values))
        for operation, values in times.items()
    )
    return sorted(found, key=lambda slowness: (-slowness.p95, slowness.operation))


def _coverage(results: Sequence[ItemResult]) -> Iterator[Coverage]:
    reached = {(result.api_version, label) for result in results for label in result.reached}
    by_tag: dict[str, dict[str, Counter[str]]] = {}
    operations: dict[str, set[tuple[str | None, str]]] = {}
    for result in results:
        if result.operation and result.tag and result.aspect:
            counts = by_tag.setdefault(result.tag, {}).setdefault(result.aspect, Counter())
            counts[result.status] += 1
            operations.setdefault(result.tag, set()).add((result.api_version, result.operation))
    for tag, aspects in sorted(by_tag.items()):
        yield Coverage(
            tag,
            len(operations[tag]),
            len(operations[tag] & reached),
            {name: dict(counts) for name, counts in aspects.items()},
        )


def _percentile(values: Iterable[float], percent: int) -> float:
    """The smallest value that at least `percent` per cent of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def _line_without_findings(results: Sequence[ItemResult], summary: RunSummary, plan: Plan) -> PastRun:
    """The line of this run. Its id follows from what was run and when, so that a report made again is the same run."""
    at = min((result.started_at for result in results if result.started_at), default=plan.started_at)
    versions = sorted({result.api_version for result in results if result.api_version}) or [summary.api_version]
    identity = "\0".join([summary.api, summary.target, *versions, repr(at)])
    return PastRun(
        id=hashlib.sha256(identity.encode()).hexdigest()[:12],
        at=at,
        api=summary.api,
        versions=versions,
        target=summary.target,
        exit_code=int(summary.exit_code),
        decision=summary.decision,
        complete=not summary.interrupted,
        operations=summary.operations,
        tested=len(summary.tested),
        unreached=sorted(summary.unreached),
        items=summary.items,
        requests=summary.requests,
        seconds=summary.seconds,
    )


def _compared(run: PastRun, earlier: PastRun, causes: Sequence[Cluster], untested: set[str]) -> RunComparison:
    before, now = set(earlier.findings), set(run.findings)
    gone = {_same(earlier.findings[id_]): id_ for id_ in sorted(before - now - untested)}
    still = {_same(found) for found in run.findings.values()}
    return RunComparison(
        at=earlier.at,
        versions=earlier.versions,
        appeared=sorted(cause.id for cause in causes if not before & {id_.partition("-")[0] for id_ in cause.parts}),
        gone=sorted(id_ for same, id_ in gone.items() if same not in still),
        reached=sorted(set(earlier.unreached) - set(run.unreached)) if run.complete else [],
        lost=sorted(set(run.unreached) - set(earlier.unreached)) if earlier.complete else [],
    )


def _same(found: PastFinding | Cluster) -> tuple[str, str, str]:
    """What the findings of one cause in a history, which holds no kind, have in common."""
    message = found.message.replace(found.location, "")
    # As for the causes of a run, the status of what has a place says nothing.
    return found.check, leaf_of(found.location), normalised(STATUS.sub("", message) if found.location else message)


def _gone(clusters: Iterable[Cluster]) -> list[Cluster]:
    """The causes of earlier runs that are gone: one for each fault, whatever schemas it was in."""
    joined: dict[tuple[str, ...], Cluster] = {}
    for cluster in clusters:
        key = (cluster.section, *_same(cluster))
        if key in joined:
            joined[key].add(cluster)
        else:
            joined[key] = cluster
    return list(joined.values())


def _not_begun(results: Iterable[ItemResult], selected: Sequence[str]) -> list[Gap]:
    ended = {result.node_id for result in results}
    missing = [node_id for node_id in selected if node_id not in ended]
    return (
        [Gap("item", "not run", f"the run ended before {len(selected)} had run", missing, len(missing))]
        if missing
        else []
    )


def _beyond_budget(
    results: Iterable[ItemResult], left_out: Sequence[str], evidence: Mapping[str, str | None]
) -> list[Gap]:
    """What the budget left out: parts that were not planned, and items that it did not last for; with their age."""
    parts = [*left_out, *(result.name for result in results if result.reason == NOT_IN_BUDGET)]
    days = ((name, evidence.get(name)) for name in parts)
    names = [f"{name} (last tested {day})" if day else f"{name} (never tested)" for name, day in days]
    return [Gap("part", "not tested", "budget", names, len(names))] if names else []


def _ages(plan: Plan, evidence: Mapping[str, str | None]) -> Iterator[str]:
    """How old the evidence is of what a rolling run is made of, and when everything is covered."""
    if plan.left_out:
        known = [day for day in evidence.values() if day is not None]
        never = len(evidence) - len(known)
        yield f"oldest evidence: {min(known)}; never tested: {counted(never, 'part')}" if known else "no evidence yet"
    if plan.nights is not None:
        yield f"rolling: at {plan.max_requests} requests everything is covered in {counted(plan.nights, 'night')}"


def _gaps(results: Sequence[ItemResult], run: PastRun, summary: RunSummary) -> list[Gap]:
    """Operations without an item, skipped items, and operations that never succeeded; with the reasons."""
    gaps: list[Gap] = []
    touched = len({(result.api_version, result.operation) for result in results if result.operation})
    if (left_out := run.operations - touched) > 0:
        reason = (
            "left out by the options of this run"
            if run.complete
            else "left out by the options, or not reached before the run ended"
        )
        gaps.append(Gap("operation", "not tested", reason, [], left_out))
    off = sorted(label for label, reach in summary.reachability.items() if reach.cause == SWITCHED_OFF)
    idle = sorted(result.name for result in results if result.layer == "scenario" and is_not_enabled(result))
    for noun, names in (("operation", off), ("scenario", idle)):
        if names:
            gaps.append(Gap(noun, "not enabled", "the target has not switched the feature on", names, len(names)))
    skipped = (
        (result.reason or "", result.name)
        for result in results
        if result.status == "skipped" and result.reason != NOT_IN_BUDGET and not is_not_enabled(result)
    )
    unreached = ((reason, label) for label, reason in summary.unreached.items() if label not in off)
    if empty := [label for label, reach in summary.reachability.items() if reach.empty]:
        gaps.append(Gap("operation", "reached with nothing seen", "the listing is empty", empty, len(empty)))
    for noun, kind, pairs in (("item", SKIPPED, skipped), ("operation", "without success", unreached)):
        by_text: dict[str, list[tuple[str, str]]] = {}
        for reason, name in sorted(pairs):
            reason = _BODY.split(reason)[0]
            by_text.setdefault(normalised(reason), []).append((reason, name))
        for alike in sorted(by_text.values(), key=lambda alike: (-len(alike), alike[0])):
            reason = shorten(alike[0][0], _SHOWN_CHARACTERS, placeholder=" ...")
            gaps.append(Gap(noun, kind, reason, [name for _, name in alike], len(alike)))
    return gaps


def _forgotten(untested: Sequence[Cluster]) -> list[Gap]:
    if not untested:
        return []
    names = [cluster.message for cluster in sorted(untested, key=lambda cluster: cluster.rank)]
    reason = "not all items that showed it passed in this run"
    return [Gap("finding", "of earlier runs not checked again", reason, names, len(names))]
