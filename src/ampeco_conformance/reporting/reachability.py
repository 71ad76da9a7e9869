"""What was really reached: per operation, whether a 2xx answer was seen, which statuses were, and why not."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

#: How an item notes that it could not see its operation succeed.
NOT_SEEN = "not seen succeeding: "

#: Why an operation was not reached, by how the reason begins; the first that fits counts.
_CAUSES = (
    ("no data", re.compile(r"no ids known|there is nothing|nothing to |answered 404")),
    ("forbidden", re.compile(r"answered 40[13]")),
    ("policy", re.compile(r"safety [a-z-]+: ")),
    ("not implemented", re.compile(r"answered 501")),
    ("refused", re.compile(r"answered \d")),
    ("no answer", re.compile(r"no answer")),
)


class Reach(TypedDict):
    """One operation; `statuses` are those seen, with their number; `cause` and `reason` say why it was not reached."""

    reached: bool
    statuses: dict[str, int]
    cause: str | None
    reason: str | None


def reachability(rows: Iterable[Mapping[str, Any]]) -> dict[str, Reach]:
    """What came of every selected operation, by label."""
    rows = list(rows)
    reached = {label for row in rows for label in row["reached"]}
    found: dict[str, Reach] = {}
    for row in rows:
        label = row["operation"]
        if label is None:
            continue
        known = found.setdefault(label, Reach(reached=label in reached, statuses={}, cause=None, reason=None))
        note = next((note for note in row["notes"] if note.startswith(NOT_SEEN)), None)
        if not known["reached"] and (note or known["reason"] is None):
            reason = note.removeprefix(NOT_SEEN) if note else row["reason"] or row["message"] or "no request succeeded"
            first_line = str(reason).partition("\n")[0]
            known["cause"], known["reason"] = _cause(first_line), first_line
    for row in rows:
        for label, counts in row.get("answers", {}).items():
            if label in found:
                statuses = found[label]["statuses"]
                for status, count in counts.items():
                    statuses[status] = statuses.get(status, 0) + count
    return dict(sorted(found.items()))


def _cause(reason: str) -> str:
    return next((cause for cause, pattern in _CAUSES if pattern.match(reason)), "not tested")
