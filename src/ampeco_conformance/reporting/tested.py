"""The memory of a rolling run: when each part of a run was tested last, and how many requests it took.

It is `tested.json` in the history folder, for each API, version and target. A part is an item, by its name, or the
depth of an operation: its boundaries, faults and random values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.item_results import NOT_IN_BUDGET, ONLY_CALLED, ItemResult
from ampeco_conformance.core.json_values import write_json

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
    try:
        known = _read(history).get(_key(api, version, target), {})
        return {str(name): Evidence(**entry) for name, entry in known.items()}
    except (AttributeError, TypeError):
        return {}


def remember(results: Iterable[ItemResult], history: Path) -> None:
    """Add a run to the memory. Raises OSError."""
    content = _read(history)
    for result in results:
        if result.api is None or result.api_version is None or result.target is None:
            continue
        known = content.setdefault(_key(result.api, result.api_version, result.target), {})
        for name in parts_tested(result):
            tested = Evidence(result.stopped_at or 0.0, result.requests, failed=result.is_failure)
            if known.get(name, {}).get("at", 0.0) <= tested.at:
                known[name] = asdict(tested)
    history.mkdir(parents=True, exist_ok=True)
    unfinished = history / f"{TESTED}.tmp"
    unfinished.write_bytes(write_json(content))
    unfinished.replace(history / TESTED)


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


def _read(history: Path) -> dict[str, dict[str, dict[str, Any]]]:
    try:
        content = orjson.loads((history / TESTED).read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _key(api: str, version: str, target: str) -> str:
    return f"{api} {version} {target}"
