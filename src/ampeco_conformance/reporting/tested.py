"""The memory of a rolling run: when each part of a run was tested last, and how many requests it took.

It is `tested.json` in the history folder, for each API, version and target. A part is an item, by its name, or the
depth of an operation: its boundaries, faults and random values.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ampeco_conformance.core.item_results import NOT_IN_BUDGET, ONLY_CALLED, ItemResult
from ampeco_conformance.reporting.memory_file import read_entries, write_entries

TESTED = "tested.json"
#: The aspect that has a depth, and the name of it.
OPERATION, DEPTH = "operation", "depth"


@dataclass(frozen=True, slots=True)
class Evidence:
    """When a part was tested, in seconds since the epoch, and the requests of its item; whether it failed."""

    at: float
    requests: int
    failed: bool = False


PastEvidence = Mapping[str, Evidence]


def depth_of(name: str) -> str | None:
    """The name of the depth of an item; None for an item that has none."""
    aspect, _, operation = name.partition(": ")
    return f"{DEPTH}: {operation}" if aspect == OPERATION else None


def read_memory(history: Path, api: str, version: str, target: str) -> dict[str, Evidence]:
    """What was tested, by the names of the parts; empty when nothing is known."""
    return _known(history, _key(api, version, target))


def remember(results: Iterable[ItemResult], history: Path) -> None:
    """Add a run to the memory. Raises OSError."""
    known: dict[str, dict[str, Evidence]] = {}
    for result in results:
        if result.api is None or result.api_version is None or result.target is None:
            continue
        key = _key(result.api, result.api_version, result.target)
        parts = known[key] if key in known else known.setdefault(key, _known(history, key))
        for name in parts_tested(result):
            tested = Evidence(result.stopped_at or 0.0, result.requests, failed=result.is_failure)
            if name not in parts or parts[name].at <= tested.at:
                parts[name] = tested
    write_entries(history / TESTED, known)


def _known(history: Path, key: str) -> dict[str, Evidence]:
    """The memory; what a wrong clock has dated in the future was tested now."""
    now = time.time()
    entries = read_entries(history / TESTED, key, Evidence)
    return {name: replace(entry, at=min(max(entry.at, 0.0), now)) for name, entry in entries.items()}


def evidence_of(results: Iterable[ItemResult], left_out: Iterable[str], memory: PastEvidence) -> dict[str, str | None]:
    """The day (UTC) on which each part of a run, or left out by its budget, was tested last; None: never."""
    today = {name: result.stopped_at or 0.0 for result in results for name in parts_tested(result)}
    names = dict.fromkeys([*today, *left_out])
    moments = {name: today.get(name) or (memory[name].at if name in memory else None) for name in names}
    return {name: None if at is None else _day(at) for name, at in moments.items()}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def parts_tested(result: ItemResult) -> list[str]:
    """The parts of which a result is evidence; none for an item that broke or was left out by the budget."""
    if result.status == "broken" or (result.reason or "").startswith(NOT_IN_BUDGET):
        return []
    depth = depth_of(result.name) if ONLY_CALLED not in result.notes else None
    return [result.name, *([depth] if depth else [])]


def _key(api: str, version: str, target: str) -> str:
    return f"{api} {version} {target}"
