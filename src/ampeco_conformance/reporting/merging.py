"""Joins the reports of shards into one, and proves that every selected item ran exactly once."""

import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.drift.inventory import keep_drift
from ampeco_conformance.replay.cases import CASES
from ampeco_conformance.reporting.results import ITEMS, Row, append_rows, read_rows
from ampeco_conformance.reporting.selection import Selection, read_selection, write_selection
from ampeco_conformance.reporting.summary import summarise, write
from ampeco_conformance.specs import load_specification
from ampeco_conformance.triage.known_issues import Review, merged_reviews


@dataclass(frozen=True, slots=True)
class Merged:
    """What came together: the rows, and what is wanting, in words; nothing is wanting when it is empty."""

    rows: tuple[Row, ...]
    wanting: tuple[str, ...]


def merge_shards(folders: Sequence[Path], reports: Path) -> Merged:
    """Join the reports of shards in the folder `reports`, whose items and results are replaced.

    Raises ConfigurationError when a folder holds no run, when the shards are not of one run, or one is given twice.
    """
    selections = [read_selection(folder) for folder in folders]
    first = selections[0]
    _refuse_strangers(folders, selections)
    rows = [row for folder in folders for row in read_rows(folder)]
    wanting = (*_missing_shards(first.shards, selections), *_unequal_items(first, rows))
    _join(folders, rows, reports)
    write_selection(replace(first, shard=1, shards=1, own=first.selected), reports)
    known = next((row for row in rows if row["api_version"]), None)
    if known is None:
        raise ConfigurationError("none of the shards ran an item")
    versions = list(dict.fromkeys(row["api_version"] for row in rows if row["api_version"]))
    summary = summarise(
        rows,
        api=known["api"],
        api_version=", ".join(versions),
        target=known["target"],
        operations=sum(len(load_specification(version, known["api"]).operations) for version in versions),
        interrupted=bool(wanting),
        seconds=sum(row["stopped_at"] - row["started_at"] for row in rows if row["stopped_at"]),
        known_issues=merged_reviews(
            [Review(**review) for review in summary["known_issues"]] for summary in map(_summary, folders)
        ),
        strict=any(_summary(folder)["strict"] for folder in folders),
    )
    write(replace(summary, drift=len(keep_drift(rows, reports))), reports)
    return Merged(tuple(rows), wanting)


def _refuse_strangers(folders: Sequence[Path], selections: Sequence[Selection]) -> None:
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


def _summary(folder: Path) -> dict[str, Any]:
    """The run.json of a shard; one that was killed has none, and says nothing."""
    try:
        content: dict[str, Any] = orjson.loads((folder / "run.json").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {"known_issues": [], "strict": False}
    return content


def _missing_shards(shards: int, selections: Sequence[Selection]) -> list[str]:
    given = {selection.shard for selection in selections}
    return [f"shard {shard}/{shards} is missing" for shard in range(1, shards + 1) if shard not in given]


def _unequal_items(selection: Selection, rows: Sequence[Row]) -> list[str]:
    counts = Counter(row["node_id"] for row in rows)
    return [
        *(f"{node_id} did not run" for node_id in selection.selected if not counts[node_id]),
        *(f"{node_id} ran {count} times" for node_id, count in counts.items() if count > 1),
    ]


def _join(folders: Sequence[Path], rows: Sequence[Row], reports: Path) -> None:
    results = reports / "allure-results"
    if reports.resolve() in {folder.resolve() for folder in folders}:
        raise ConfigurationError(f"{reports} is one of the shards; give another folder with --reports")
    shutil.rmtree(results, ignore_errors=True)
    shutil.rmtree(reports / CASES, ignore_errors=True)
    (reports / ITEMS).unlink(missing_ok=True)
    reports.mkdir(parents=True, exist_ok=True)
    for folder in folders:
        # The environment is that of all shards: the last one's may stand for all.
        shutil.copytree(folder / "allure-results", results, dirs_exist_ok=True)
        if (folder / CASES).is_dir():
            shutil.copytree(folder / CASES, reports / CASES, dirs_exist_ok=True)
    append_rows(rows, reports)
