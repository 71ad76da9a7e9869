"""Joins the reports of shards into one, and checks that every selected item ran exactly once."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.drift.inventory import keep_drift
from ampeco_conformance.replay.cases import CASES
from ampeco_conformance.reporting.decision import Event
from ampeco_conformance.reporting.finished_run import operations_of
from ampeco_conformance.reporting.plan import PLAN, Plan, plan_of_results, read_plan, write_plan
from ampeco_conformance.reporting.reports_folder import clear_pages
from ampeco_conformance.reporting.results import ITEMS, append_results, read_results, replayable
from ampeco_conformance.reporting.summary import read_summary, summarise, write_summary
from ampeco_conformance.triage.known_issues import merged_reviews


@dataclass(frozen=True, slots=True)
class Merged:
    """The joined item results, and one sentence for each shard or item that is missing or ran twice."""

    results: tuple[ItemResult, ...]
    missing: tuple[str, ...]


def merge_shards(folders: Sequence[Path], reports: Path) -> Merged:
    """Join the reports of shards in the folder `reports`, whose items and results are replaced.

    Thresholds and the id of the run are those of the shards' plans. A folder without a plan is a shard that never
    began. The pages of an earlier run are deleted. Raises ConfigurationError when no folder has one, when the shards
    are not of one run, or one is given twice.
    """
    if reports.resolve() in {folder.resolve() for folder in folders}:
        raise ConfigurationError(f"{reports} is one of the shards; give another folder with --reports")
    clear_pages(reports)
    begun = [folder for folder in folders if (folder / PLAN).exists()] or folders[:1]
    plans = [read_plan(folder) for folder in begun]
    _refuse_other_runs(begun, plans)
    # The plan of a shard that ended before it knew its items has none.
    first = max(plans, key=lambda plan: len(plan.selected))
    results = [result for folder in begun if (folder / ITEMS).exists() for result in read_results(folder)]
    results = [replayable(result, reports) for result in results]
    summaries = [summary for summary in map(read_summary, begun) if summary is not None]
    missing = (*_missing_shards(first.shards, plans), *_unequal_items(first, results))
    whole = replace(first, shard=1, shards=1, own=first.selected)
    if not whole.api:
        known = plan_of_results(results)
        whole = replace(whole, api=known.api, versions=known.versions, target=known.target)
        if not whole.api:
            raise ConfigurationError("none of the shards ran an item")
        whole = replace(whole, operations=operations_of(whole))
    _join(begun, results, reports)
    write_plan(whole, reports)
    summary = summarise(
        results,
        whole,
        events=_events(first.shards, plans, begun),
        seconds=sum(result.seconds for result in results),
        known_issues=merged_reviews(summary.known_issues for summary in summaries),
    )
    write_summary(replace(summary, drift=len(keep_drift(results, reports))), reports)
    return Merged(tuple(results), missing)


def _refuse_other_runs(folders: Sequence[Path], plans: Sequence[Plan]) -> None:
    first = max(plans, key=lambda plan: len(plan.selected))
    seen: dict[int, Path] = {}
    for folder, plan in zip(folders, plans, strict=True):
        if plan.run != first.run:
            raise ConfigurationError(
                f"{folder} is of run {plan.run!r}, not {first.run!r}: of another run, or left over; "
                "give all shards of a run the same --run-id"
            )
        if plan.selected and plan.identity != first.identity:
            raise ConfigurationError(
                f"{folder} and {folders[plans.index(first)]} are not shards of one run: target, version, options, "
                "selection or seed differ"
            )
        if plan.shard in seen:
            raise ConfigurationError(f"{folder} and {seen[plan.shard]} are both shard {plan.shard}/{plan.shards}")
        seen[plan.shard] = folder


def _events(shards: int, plans: Sequence[Plan], folders: Sequence[Path]) -> list[Event]:
    """What happened to the shards; one that was killed left no summary."""
    events = [Event(ExitCode.TOO_LITTLE_TESTED, line) for line in _missing_shards(shards, plans)]
    for folder, plan in zip(folders, plans, strict=True):
        summary = read_summary(folder)
        if summary is None:
            events.append(Event(ExitCode.TOO_LITTLE_TESTED, f"shard {plan.shard}/{shards} was killed"))
        else:
            events += summary.events
    return events


def _missing_shards(shards: int, plans: Sequence[Plan]) -> list[str]:
    given = {plan.shard for plan in plans}
    return [f"shard {shard}/{shards} is missing" for shard in range(1, shards + 1) if shard not in given]


def _unequal_items(plan: Plan, results: Sequence[ItemResult]) -> list[str]:
    counts = Counter(result.node_id for result in results)
    return [
        *(f"{node_id} did not run" for node_id in plan.selected if not counts[node_id]),
        *(f"{node_id} ran {count} times" for node_id, count in counts.items() if count > 1),
    ]


def _join(folders: Sequence[Path], results: Sequence[ItemResult], reports: Path) -> None:
    allure_results = reports / "allure-results"
    shutil.rmtree(allure_results, ignore_errors=True)
    shutil.rmtree(reports / CASES, ignore_errors=True)
    (reports / ITEMS).unlink(missing_ok=True)
    reports.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        # All shards have the same environment: the last one's is kept.
        if (folder / "allure-results").is_dir():
            shutil.copytree(folder / "allure-results", allure_results, dirs_exist_ok=True)
        if (folder / CASES).is_dir():
            shutil.copytree(folder / CASES, reports / CASES, dirs_exist_ok=True)
    append_results(results, reports)
