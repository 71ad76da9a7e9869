"""A report as JSON; `schema.json` beside this file is its JSON Schema."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.compatibility.changes import Change, ChangeGroup
from ampeco_conformance.compatibility.impact import Impact
from ampeco_conformance.compatibility.rendering.source_places import SourcePlace, source_places
from ampeco_conformance.compatibility.rendering.witnesses import shown_value, witness_text
from ampeco_conformance.compatibility.report import ComparisonReport

SCHEMA = Path(__file__).with_name("schema.json")
FORMAT_VERSION = 1


def render_json(report: ComparisonReport) -> str:
    """The report as indented JSON."""
    return orjson.dumps(as_json(report), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n"


def as_json(report: ComparisonReport) -> dict[str, Any]:
    """The report as a JSON value that `schema.json` describes."""
    impacts: list[Impact | None] = [*report.impacts] if report.impacts else [None] * len(report.groups)
    places = source_places(report)
    return {
        "format": FORMAT_VERSION,
        "from": report.old,
        "to": report.new,
        "policy": report.policy,
        "unknown": list(report.unknown),
        "set_aside": list(report.set_aside),
        "summary": {str(severity): count for severity, count in report.counts.items()},
        "findings": [_group(group, impact, places) for group, impact in zip(report.groups, impacts, strict=True)],
        "operations": [asdict(verdict) for verdict in report.verdicts],
        "unfinished": list(report.unfinished),
        "ignored": [
            {**_group(group, None, places), "reason": suppression.reason, "until": suppression.until.isoformat()}
            for group, suppression in report.ignored
        ],
    }


def _group(group: ChangeGroup, impact: Impact | None, places: Mapping[int, SourcePlace]) -> dict[str, Any]:
    first = group.first
    made: dict[str, Any] = {
        "id": group.id,
        "rule": first.rule,
        "severity": str(group.severity),
        "direction": first.definition.direction,
        "area": first.definition.area,
        "message": first.message,
        "headline": group.headline,
        "clause": first.clause or None,
        "cause": first.cause or None,
        "before": first.before,
        "after": first.after,
        "changes": [_change(change, places.get(id(change))) for change in group.changes],
    }
    if impact:
        made["relevance"] = {"verdict": str(impact.level), "reason": impact.reason}
    return made


def _change(change: Change, place: SourcePlace | None) -> dict[str, Any]:
    witness = change.witness
    return {
        "operation": change.operation or None,
        "location": change.location,
        "variant": change.variant or None,
        "pointer": change.pointer or None,
        "source": place and place._asdict(),
        "severity": str(change.severity),
        "witness": None
        if witness is None
        else {
            "kind": witness.kind,
            "value": shown_value(witness.value),
            "text": witness_text(witness),
            "accepted_by": witness.accepted_by,
            "refused_by": witness.refused_by,
            "reason": witness.reason,
        },
    }
