"""A report as JSON; `schema.json` beside this file is its JSON Schema."""

from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.compatibility.changes import Change, Finding
from ampeco_conformance.compatibility.impact import Concern
from ampeco_conformance.compatibility.rendering.witnesses import witness_text
from ampeco_conformance.compatibility.report import Report

SCHEMA = Path(__file__).with_name("schema.json")
FORMAT_VERSION = 1


def render_json(report: Report) -> str:
    """The report as indented JSON."""
    return orjson.dumps(as_json(report), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n"


def as_json(report: Report) -> dict[str, Any]:
    """The report as a JSON value that `schema.json` describes."""
    concerns: list[Concern | None] = [*report.concerns] if report.concerns else [None] * len(report.findings)
    return {
        "format": FORMAT_VERSION,
        "from": report.old,
        "to": report.new,
        "policy": report.policy,
        "summary": {str(severity): count for severity, count in report.counts.items()},
        "findings": [_finding(finding, concern) for finding, concern in zip(report.findings, concerns, strict=True)],
        "ignored": [
            {**_finding(finding, None), "reason": exemption.reason, "until": exemption.until.isoformat()}
            for finding, exemption in report.ignored
        ],
    }


def _finding(finding: Finding, concern: Concern | None) -> dict[str, Any]:
    first = finding.first
    made: dict[str, Any] = {
        "rule": first.rule,
        "severity": str(finding.severity),
        "direction": first.definition.direction,
        "area": first.definition.area,
        "message": first.message,
        "clause": first.clause or None,
        "cause": first.cause or None,
        "before": first.before,
        "after": first.after,
        "changes": [_change(change) for change in finding.changes],
    }
    if concern:
        made["relevance"] = {"verdict": str(concern.relevance), "reason": concern.reason}
    return made


def _change(change: Change) -> dict[str, Any]:
    witness = change.witness
    return {
        "operation": change.operation or None,
        "location": change.location,
        "severity": str(change.severity),
        "witness": None
        if witness is None
        else {
            "kind": witness.kind,
            "value": witness.value,
            "text": witness_text(witness),
            "accepted_by": witness.accepted_by,
            "refused_by": witness.refused_by,
            "reason": witness.reason,
        },
    }
