"""Joins the reports of shards into one, and checks that every selected item ran exactly once."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.drift.inventory import keep_drift
from ampeco_conformance.replay.cases import CASES
from ampeco_conformance.reporting.results import ITEMS, append_results, read_results
from ampeco_conformance.reporting.selection import Selection, read_selection, write_selection
from ampeco_conformance.reporting.summary import RunSummary, read_summary, summarise, write_summary
from ampeco_conformance.specs import load_specification
from ampeco_conformance.triage.known_issues import merged_reviews


@dataclass(frozen=True, slots=True)
class Merged:
    """The joined item results, and one sentence for each shard or item that is missing or ran twice."""

    results: tuple[ItemResult, ...]
    missing: tuple[str, ...]


def merge_shards(folders: Sequence[Path], reports: Path) -> Merged:
    """Join the reports of shards in the folder `reports`, whose items and results are replaced.

    Raises ConfigurationError when a folder holds no run, when the shards are not of one run, or one is given twice.
    """
    selections = [read_selection(folder) for folder in folders]
    first = selections[0]
    _refuse_other_runs(folders, selections)
    results = [result for folder in folders for result in read_results(folder)]
    missing = (*_missing_shards(first.shards, selections), *_unequal_items(first, results))
    _join(folders, results, reports)
    write_selection(replace(first, shard=1, shards=1, own=first.selected), reports)
    api, target = next(((result.api, result.target) for result in results if result.api_version), (None, None))
    if api is None or target is None:
        raise ConfigurationError("none of the shards ran an item")
    versions = list(dict.fromkeys(result.api_version for result in results if result.api_version))
    summaries = _summaries(folders)
    summary = summarise(
        results,
        api=api,
        api_version=", ".join(versions),
        target=target,
        operations=sum(len(load_specification(version, api).operations) for version in versions),
        interrupted=bool(missing),
        seconds=sum(result.seconds for result in results),
        known_issues=merged_reviews(summary.known_issues for summary in summaries),
        strict=any(summary.strict for summary in summaries),
    )
    write_summary(replace(summary, drift=len(keep_drift(results, reports))), reports)
    return Merged(tuple(results), missing)


def _refuse_other_runs(folders: Sequence[Path], selections: Sequence[Selection]) -> None:
    first = selections[0]
    seen: dict[int, Path] = {}
    for folder, selection in zip(folders, selections, strict=True):
        if (selection.selected, selection.shards, selection.seed) != (first.selected, first.shards, first.seed):
            raise ConfigurationError(
                f"{folder} and {folders[0]} are not shards of one run: target, version, selection or seed differ"
            )
        if selection.shard in seen:
            raise ConfigurationError(
                f"{folder} and {seen[selection.shard]} are both shard {selection.shard}/{first.shards}"
            )
        seen[selection.shard] = folder


def _summaries(folders: Sequence[Path]) -> list[RunSummary]:
    """The summaries of the shards; one that was killed has none."""
    found = (read_summary(folder) for folder in folders)
    return [summary for summary in found if summary is not None]


def _missing_shards(shards: int, selections: Sequence[Selection]) -> list[str]:
    given = {selection.shard for selection in selections}
    return [f"shard {shard}/{shards} is missing" for shard in range(1, shards + 1) if shard not in given]


def _unequal_items(selection: Selection, results: Sequence[ItemResult]) -> list[str]:
    counts = Counter(result.node_id for result in results)
    return [
        *(f"{node_id} did not run" for node_id in selection.selected if not counts[node_id]),
        *(f"{node_id} ran {count} times" for node_id, count in counts.items() if count > 1),
    ]


def _join(folders: Sequence[Path], results: Sequence[ItemResult], reports: Path) -> None:
    allure_results = reports / "allure-results"
    if reports.resolve() in {folder.resolve() for folder in folders}:
        raise ConfigurationError(f"{reports} is one of the shards; give another folder with --reports")
    shutil.rmtree(allure_results, ignore_errors=True)
    shutil.rmtree(reports / CASES, ignore_errors=True)
    (reports / ITEMS).unlink(missing_ok=True)
    reports.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        # All shards have the same environment: the last one's is kept.
        shutil.copytree(folder / "allure-results", allure_results, dirs_exist_ok=True)
        if (folder / CASES).is_dir():
            shutil.copytree(folder / CASES, reports / CASES, dirs_exist_ok=True)
    append_results(results, reports)
