"""A finished run, read from its reports folder and decided anew, whatever the folder says of its own verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.reporting.decision import Event
from ampeco_conformance.reporting.history import PastRun, read_history
from ampeco_conformance.reporting.plan import PLAN, Plan, plan_of_results, read_plan
from ampeco_conformance.reporting.results import ITEMS, read_results
from ampeco_conformance.reporting.sightings import Sightings, gone, read_sightings, with_tonight
from ampeco_conformance.reporting.summary import RunSummary, read_summary, summarise, write_summary
from ampeco_conformance.reporting.tested import Evidence, read_memory
from ampeco_conformance.reporting.verdict import Verdict, judge_run
from ampeco_conformance.specs import load_specification
from ampeco_conformance.specs.provenance import INTRODUCED, unknown_fields
from ampeco_conformance.target.configuration import EMBEDDED_EMULATOR

_KILLED = Event(ExitCode.INTERRUPTED, "the run ended before it could write its summary")
_NO_PLAN = Event(ExitCode.TOO_LITTLE_TESTED, f"{PLAN} is missing: what was planned is not known")


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The plan, the results and the verdict of a run, the runs before it, and what was seen in all of them."""

    plan: Plan

    results: list[ItemResult]
    past: list[PastRun]
    verdict: Verdict
    sightings: Sightings

    @property
    def is_new(self) -> bool:
        """Whether the history does not have it yet."""
        return all(line.id != self.verdict.run.id for line in self.past)


def read_run(reports: Path, history: Path) -> FinishedRun:
    """The run in a reports folder, judged. Raises ConfigurationError when the folder holds no run."""
    plan, results = _contents(reports)
    events = [] if (reports / PLAN).exists() else [_NO_PLAN]
    events += [] if read_summary(reports) else [_KILLED]
    past = read_history(history)
    memory: dict[str, Evidence] = {}
    for version in plan.versions:
        memory |= read_memory(history, plan.api, version, plan.target)
    # The embedded emulator is new in every run.
    sightings = {} if plan.target == EMBEDDED_EMULATOR else with_tonight(read_sightings(history, plan), results)
    vanished = gone(sightings, plan.versions)
    verdict = judge_run(results, _summary(reports, plan, results, events), plan, past, memory, vanished)
    verdict = replace(verdict, notes=[*verdict.notes, *unknown_fields_of(plan)])
    return FinishedRun(plan, results, past, verdict, sightings)


def end_run(reports: Path, events: Sequence[Event]) -> None:
    """Write the summary of a run that could not write its own, or to which something happened after its end.

    Raises OSError.
    """
    plan, results = _contents(reports)
    write_summary(_summary(reports, plan, results, events), reports)


def _contents(reports: Path) -> tuple[Plan, list[ItemResult]]:
    """Plan and results. A run that ended before its first item has no results, an old or damaged one no full plan."""
    has_plan = (reports / PLAN).exists()
    results = read_results(reports) if (reports / ITEMS).exists() or not has_plan else []
    plan = read_plan(reports) if has_plan else plan_of_results(results)
    if not plan.api:
        known = plan_of_results(results)
        plan = replace(plan, api=known.api, versions=known.versions, target=known.target)
    if not plan.api:
        raise ConfigurationError(f"{reports} holds a run that ended before its first item; run {COMMAND} run again")
    if not plan.operations:
        plan = replace(plan, operations=operations_of(plan))
    return plan, results


def origins_of(plan: Plan) -> list[tuple[str, str]]:
    """What makes a run the same again, and where its contract comes from: name and value."""
    documents = [(version, load_specification(version, plan.api).document) for version in plan.versions]
    specifications = [f"{version} ({document.get('x-provenance', 'unknown')})" for version, document in documents]
    known = {
        "command": plan.command,
        "seed": str(plan.seed),
        "safety": plan.safety,
        "suite": " ".join(filter(None, (plan.tool, plan.commit[:12]))),
        "specification": ", ".join(specifications),
        "left out by": ", ".join(plan.narrowed),
    }
    return [(name, value) for name, value in known.items() if value]


def contracts_of(plan: Plan) -> dict[tuple[str, str], str]:
    """How the operations of a plan's versions are known: provenance, and the first version that documents them."""
    found: dict[tuple[str, str], str] = {}
    for version in plan.versions:
        for operation in load_specification(version, plan.api).operations:
            since = operation.definition.get(INTRODUCED, {}).get("by")
            parts = (operation.definition.get("x-provenance"), f"since {since}" if since else None)
            found[operation.label, version] = ", ".join(filter(None, parts))
    return found


def unknown_fields_of(plan: Plan) -> list[str]:
    """One line for each version whose fields are not known; the embedded emulator serves them as they are stored."""
    if plan.target == EMBEDDED_EMULATOR:
        return []
    found = (unknown_fields(version, load_specification(version, plan.api).document) for version in plan.versions)
    return [line for line in found if line is not None]


def operations_of(plan: Plan) -> int:
    """How many operations the versions of a plan have."""
    return sum(len(load_specification(version, plan.api).operations) for version in plan.versions)


def _summary(reports: Path, plan: Plan, results: list[ItemResult], events: Sequence[Event]) -> RunSummary:
    """The summary, with what only the run itself could know: its events, its duration and the known issues."""
    recorded = read_summary(reports)
    if recorded is None:
        times = [moment for result in results for moment in (result.started_at, result.stopped_at) if moment]
        return summarise(results, plan, events=events, seconds=max(times) - min(times) if times else 0.0)
    early = [_KILLED] if recorded.interrupted and not recorded.sentence else []
    summary = summarise(
        results,
        plan,
        events=[*recorded.events, *early, *events],
        seconds=recorded.seconds,
        known_issues=recorded.known_issues,
    )
    return replace(summary, drift=recorded.drift, notes=tuple(dict.fromkeys((*summary.notes, *recorded.notes))))
