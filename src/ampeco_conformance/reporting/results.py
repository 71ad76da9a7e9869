"""Reads and writes item results: what every summary, report, merge and comparison of runs is made from.

A run writes them to `reports/items.jsonl`, one JSON object per line, as each item ends.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import orjson

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.item_results import DriftEntry, FindingResult, ItemResult
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.private_files import private
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.drift.log import masked_entry, tolerated_entry
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.replay.cases import case_id, replay_command
from ampeco_conformance.reporting.model import ItemIdentity, ItemOutcome
from ampeco_conformance.reporting.text import shown_actual, shown_value

ITEMS = "items.jsonl"
_SHOWN_CHARACTERS = 500


def item_result(
    identity: ItemIdentity,
    outcome: ItemOutcome,
    recorder: Recorder | None,
    redact: Redactor,
    environment: str | None,
) -> ItemResult:
    """The result of an item that has ended; `environment` says why the target could not be used."""
    message = redact.text(outcome.message)
    result = ItemResult(
        node_id=identity.node_id,
        layer=identity.layer,
        aspect=identity.aspect,
        operation=identity.operation,
        tag=identity.tag,
        story=identity.name,
        api=identity.api,
        api_version=identity.api_version,
        target=identity.target,
        rerun=identity.rerun,
        target_options=identity.target_options,
        status=outcome.status,
        reason=message if outcome.status == "skipped" else None,
        message=message if outcome.status in ("failed", "broken") else None,
        environment=redact.text(environment) if environment else None,
        started_at=outcome.started_at,
        stopped_at=outcome.stopped_at,
        notes=tuple(redact.text(note) for note in outcome.notes),
        findings=tuple(_finding(finding, identity.target, redact) for finding in outcome.findings),
        drift=_masked(_tolerated(outcome, identity), redact),
    )
    if recorder is None:
        return result
    return replace(
        result,
        reached=tuple(sorted(recorder.reached)),
        statuses={str(status): count for status, count in sorted(recorder.statuses.items())},
        answers={label: dict(counts) for label, counts in recorder.answers.items()},
        requests=recorder.requests,
        lost=recorder.lost,
        milliseconds=recorder.milliseconds,
        drift=_masked(recorder.drift, redact) + result.drift,
        coverage=recorder.coverage.reached,
        gaps={
            kind: {
                label: {place: redact.text(reason) for place, reason in reasons.items()}
                for label, reasons in by_label.items()
            }
            for kind, by_label in recorder.coverage.gaps.items()
        },
    )


def lost_item(node_id: str, layer: str) -> ItemResult:
    """The result of an item whose process died: only its name is known."""
    return ItemResult(node_id=node_id, layer=layer, status="broken", message=f"{node_id}: the process that ran it died")


def to_line(result: ItemResult) -> str:
    """A result as one line of JSON: how it is stored, and how a worker sends it to the controller."""
    return write_json(result).decode()


def from_line(line: str | bytes) -> ItemResult:
    """The result in a line of JSON. Raises KeyError, TypeError or ValueError when the line is not one."""
    return ItemResult.from_json(orjson.loads(line))


def replayable(result: ItemResult, reports: Path) -> ItemResult:
    """The result with the commands that send its cases, which are in the reports folder, again."""
    if not result.findings:
        return result

    def command(case: str | None) -> str | None:
        return replay_command(case, reports, result.target_options) if case else None

    return replace(result, findings=tuple(replace(found, replay=command(found.case)) for found in result.findings))


def append_results(results: Iterable[ItemResult], reports: Path) -> None:
    """Add results to `items.jsonl` in a reports folder. When this returns, they survive the death of the process."""
    with open(reports / ITEMS, "ab", opener=private) as file:
        file.writelines(write_json(result) + b"\n" for result in results)


def read_results(reports: Path) -> list[ItemResult]:
    """The item results of a run, without a last line that a killed run left unfinished.

    Raises ConfigurationError when the folder holds no run, or a file that this version cannot read.
    """
    path = reports / ITEMS
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read ({error.strerror}); name a folder that {COMMAND} run has written"
        ) from None
    try:
        # A complete line ends with a line feed; the rest of the file is an unfinished line.
        return [replayable(from_line(line), reports) for line in lines[:-1]]
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"{path} was not written by {COMMAND} run: {error}") from None
    except (KeyError, TypeError, ValueError):
        raise ConfigurationError(
            f"{path} was written by another version of this suite; run again with this one"
        ) from None


def _tolerated(outcome: ItemOutcome, identity: ItemIdentity) -> list[DriftEntry]:
    entries = (tolerated_entry(finding, identity.api, identity.target) for finding in outcome.findings)
    return [entry for entry in entries if entry is not None]


def _masked(entries: Iterable[DriftEntry], redact: Redactor) -> tuple[DriftEntry, ...]:
    return tuple(masked_entry(entry, redact) for entry in entries)


def _finding(finding: Finding, target: str, redact: Redactor) -> FindingResult:
    if finding.exchange is not None:
        redact = redact.knowing(finding.exchange)
    cause_location, cause_kind = finding.cause
    return FindingResult(
        check=finding.check,
        operation=finding.operation,
        message=redact.text(finding.message),
        location=redact.location(finding.location),
        severity=finding.severity,
        source=finding.source,
        standing=finding.standing,
        certainty=finding.certainty,
        fingerprint=finding.fingerprint,
        setting=finding.setting,
        issue=finding.issue,
        case=case_id(finding, target),
        expected=shown_value(finding.expected, redact, _SHOWN_CHARACTERS),
        actual=shown_actual(finding, redact, _SHOWN_CHARACTERS),
        kind=redact.text(finding.kind),
        status=finding.status,
        owner=finding.owner,
        cause_location=redact.location(cause_location),
        cause_kind=redact.text(cause_kind),
    )
