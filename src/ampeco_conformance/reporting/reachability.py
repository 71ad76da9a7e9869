"""Whether each operation succeeded at least once, which statuses it answered, and why it did not succeed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ampeco_conformance.core.item_results import NOT_ENABLED, NOT_SUCCEEDED, NOTHING_SEEN, ItemResult

SWITCHED_OFF = "switched off"
#: Why an operation did not succeed, by how the reason begins; the first match counts.
_CAUSES = (
    (SWITCHED_OFF, re.compile(r"switched off")),
    ("no data", re.compile(r"no ids known|there is nothing|nothing to |answered 404")),
    ("forbidden", re.compile(r"answered 40[13]")),
    ("policy", re.compile(r"safety [a-z-]+: ")),
    ("not implemented", re.compile(r"answered 501")),
    ("invalid response", re.compile(r"answered 2")),
    ("refused", re.compile(r"answered \d")),
    ("no answer", re.compile(r"no answer")),
)


@dataclass(slots=True)
class Reachability:
    """One operation; `statuses` counts its answers by status; `cause` and `reason` say why it did not succeed.

    `empty` means that it succeeded, but only with an empty listing.
    """

    reached: bool
    statuses: dict[str, int] = field(default_factory=dict)
    cause: str | None = None
    reason: str | None = None
    empty: bool = False


def reachability(results: Iterable[ItemResult]) -> dict[str, Reachability]:
    """The reachability of every selected operation, by label."""
    results = list(results)
    reached = {label for result in results for label in result.reached}
    found: dict[str, Reachability] = {}
    for result in results:
        if result.operation is None:
            continue
        known = found.setdefault(result.operation, Reachability(reached=result.operation in reached))
        known.empty |= known.reached and NOTHING_SEEN in result.notes
        note = next((note for note in result.notes if note.startswith(NOT_SUCCEEDED)), None)
        is_off = (result.reason or "").startswith(NOT_ENABLED)
        if not known.reached and (note or is_off or known.reason is None):
            reason = note.partition(": ")[2] if note else result.reason or result.message or "no request succeeded"
            if known.cause != SWITCHED_OFF or reason.startswith(NOT_ENABLED):
                known.reason = reason.partition("\n")[0]
                known.cause = _cause(known.reason)
    for result in results:
        for label, counts in result.answers.items():
            if label in found:
                statuses = found[label].statuses
                for status, count in counts.items():
                    statuses[status] = statuses.get(status, 0) + count
    return dict(sorted(found.items()))


def enabled(reaches: Mapping[str, Reachability]) -> dict[str, Reachability]:
    """Without the operations that the target has not switched on."""
    return {label: reach for label, reach in reaches.items() if reach.cause != SWITCHED_OFF}


def labelled(results: Sequence[ItemResult]) -> Sequence[ItemResult]:
    """The results; of several versions, with the version before each label: `v3.90.0 GET /path`."""
    if len({result.api_version for result in results} - {None}) < 2:
        return results
    return [
        replace(
            result,
            operation=result.operation and f"v{result.api_version} {result.operation}",
            reached=tuple(f"v{result.api_version} {label}" for label in result.reached),
            answers={f"v{result.api_version} {label}": counts for label, counts in result.answers.items()},
            coverage=_by_versioned_label(result.coverage, result.api_version),
            gaps=_by_versioned_label(result.gaps, result.api_version),
        )
        for result in results
    ]


def _by_versioned_label(found: Mapping[str, Mapping[str, Any]], version: str | None) -> dict[str, dict[str, Any]]:
    return {
        kind: {f"v{version} {label}": value for label, value in by_label.items()} for kind, by_label in found.items()
    }


def _cause(reason: str) -> str:
    return next((cause for cause, pattern in _CAUSES if pattern.match(reason)), "not tested")
