"""One row per item: what every summary, report, merge and comparison of runs is made from.

The rows of a run stand in `reports/items.jsonl`, one JSON object per line, written as each item ends.
"""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.redaction import MASK, Redactor
from ampeco_conformance.drift.log import DriftEntry, tolerated_entry
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.replay.cases import case_id
from ampeco_conformance.reporting.model import ItemIdentity, ItemOutcome

ITEMS = "items.jsonl"
_SHOWN_CHARACTERS = 500

Row = dict[str, Any]


def item_row(
    identity: ItemIdentity,
    outcome: ItemOutcome,
    recorder: Recorder | None,
    redact: Redactor,
    environment: str | None,
) -> Row:
    """The row of an item that has ended; `environment` says why the target could not be used."""
    message = redact.text(outcome.message)
    return {
        "node_id": identity.node_id,
        "layer": identity.layer,
        "aspect": identity.aspect,
        "operation": identity.operation,
        "tag": identity.tag,
        "story": identity.story,
        "api": identity.api,
        "api_version": identity.api_version,
        "target": identity.target,
        "rerun": identity.rerun,
        "status": outcome.status,
        "reason": message if outcome.status == "skipped" else None,
        "message": message if outcome.status in ("failed", "broken") else None,
        "environment": redact.text(environment) if environment else None,
        "started_at": outcome.started_at,
        "stopped_at": outcome.stopped_at,
        "reached": sorted(recorder.reached) if recorder else [],
        "statuses": {str(status): count for status, count in sorted(recorder.statuses.items())} if recorder else {},
        "answers": {label: dict(counts) for label, counts in recorder.answers.items()} if recorder else {},
        "requests": recorder.requests if recorder else 0,
        "milliseconds": recorder.milliseconds if recorder else {},
        "notes": [redact.text(note) for note in outcome.notes],
        "findings": [_finding(finding, identity.target, redact) for finding in outcome.findings],
        "drift": [
            {**asdict(entry), "message": redact.text(entry.message)}
            for entry in (*(recorder.drift if recorder else ()), *_tolerated(outcome, identity))
        ],
    }


def lost_row(node_id: str, layer: str) -> Row:
    """The row of an item whose process died before it could tell anything but its name."""
    return {
        "node_id": node_id,
        "layer": layer,
        "aspect": None,
        "operation": None,
        "tag": None,
        "story": None,
        "api": None,
        "api_version": None,
        "target": None,
        "rerun": None,
        "status": "broken",
        "reason": None,
        "message": f"{node_id}: the process that ran it died",
        "environment": None,
        "started_at": None,
        "stopped_at": None,
        "reached": [],
        "statuses": {},
        "answers": {},
        "requests": 0,
        "milliseconds": {},
        "notes": [],
        "findings": [],
        "drift": [],
    }


def append_rows(rows: Iterable[Row], reports: Path) -> None:
    """Add rows to `items.jsonl` in a reports folder; they are on their way to the disk when this returns."""
    with (reports / ITEMS).open("ab") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in rows)


def read_rows(reports: Path) -> list[Row]:
    """The rows of a run; a last line that a killed run left unfinished is left out.

    Raises ConfigurationError when the folder holds no run, or a file that this version did not write.
    """
    path = reports / ITEMS
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error.strerror}); name a folder that ./conform run has written"
        ) from None
    # A finished line ends with a line feed: what stands after the last one was not finished.
    try:
        rows = [orjson.loads(line) for line in lines[:-1]]
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"{path} is not what ./conform run has written: {error}") from None
    expected = lost_row("", "").keys()
    if any(not isinstance(row, dict) or row.keys() != expected for row in rows):
        raise ConfigurationError(f"{path} was written by another version of this suite; run again with this one")
    return rows


def _tolerated(outcome: ItemOutcome, identity: ItemIdentity) -> list[DriftEntry]:
    entries = (tolerated_entry(finding, identity.api, identity.target) for finding in outcome.findings)
    return [entry for entry in entries if entry is not None]


def _finding(finding: Finding, target: str, redact: Redactor) -> Row:
    if finding.exchange is not None:
        redact = redact.knowing(finding.exchange)
    name = finding.location.rpartition("/")[2]
    return {
        "check": finding.check,
        "operation": finding.operation,
        "message": redact.text(finding.message),
        "location": finding.location,
        "severity": str(finding.severity),
        "source": finding.source,
        "standing": str(finding.standing),
        "certainty": str(finding.certainty),
        "fingerprint": finding.fingerprint,
        "setting": finding.setting,
        "issue": finding.issue,
        "case": case_id(finding, target),
        "expected": _shown(finding.expected, redact),
        "actual": MASK if redact.hides(name) else _shown(finding.actual, redact),
    }


def _shown(value: Any, redact: Redactor) -> str | None:
    """A value of any type as a bounded text; None stays None."""
    return None if value is None else redact.text(str(redact.value(value)))[:_SHOWN_CHARACTERS]
