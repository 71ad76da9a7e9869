"""Drift: what a target answers beyond its specification, collected over a run into one inventory.

Undocumented fields and headers come from every exchange; what a setting tolerates (an enum value, a status) comes from
the findings. Samples show the form of a value, never the value.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ampeco_conformance.contract.undocumented import UndocumentedFinder
from ampeco_conformance.core.checks import Strictness
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import Finding, Standing
from ampeco_conformance.core.item_results import DriftEntry
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.core.markdown import code, table
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.core.redaction import Redactor
from ampeco_conformance.specs import Operation, Specification
from ampeco_conformance.triage.strictness import StrictnessSettings

DRIFT = "drift.json"
_SAMPLE = 60
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_WORD = re.compile(r"[\w.-]{1,40}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class DriftLog:
    """The undocumented behaviour in the exchanges of one process, each entry once."""

    def __init__(
        self, undocumenteds: UndocumentedFinder, settings: StrictnessSettings, specification: Specification, target: str
    ) -> None:
        self._undocumenteds = undocumenteds
        self._settings = settings
        self._specification = specification
        self._target = target
        self._seen: set[tuple[str, str, int, str]] = set()

    def news(self, operation: Operation, exchange: Exchange) -> Iterator[tuple[DriftEntry, Finding | None]]:
        """The entries that an exchange shows for the first time, except those that a setting turns off.

        With a finding where a setting is strict about it.
        """
        status = exchange.response.status_code if exchange.response else 0
        for found in self._undocumenteds.found_in(operation, exchange):
            key = (found.check.id, operation.label, status, found.location)
            if key in self._seen:
                continue
            self._seen.add(key)
            finding = self._undocumenteds.finding(operation, exchange, found)
            version = self._specification.version
            strictness, setting = self._settings.governing(found.check.id, operation.label, version)
            if strictness is not Strictness.OFF:
                entry = _entry(finding, self._specification.api, self._target, found.value, setting)
                yield entry, finding if strictness is Strictness.STRICT else None


def tolerated_entry(finding: Finding, api: str, target: str) -> DriftEntry | None:
    """The entry of a finding that a setting tolerates; None for any other finding."""
    if finding.standing is not Standing.DRIFT:
        return None
    entry = _entry(finding, api, target, finding.actual, finding.setting)
    if finding.source.endswith("/enum") and _WORD.fullmatch(str(finding.actual)):
        # A missing enum value belongs to the vendor's vocabulary, and the overlay needs it.
        return replace(entry, sample=finding.actual, schema={"enum": [finding.actual]})
    return entry


def _entry(finding: Finding, api: str, target: str, value: Any, setting: str) -> DriftEntry:
    exchange = finding.exchange
    seen = datetime.fromtimestamp(exchange.started_at, UTC) if exchange else datetime.now(UTC)
    moment = seen.isoformat(timespec="seconds").replace("+00:00", "Z")
    return DriftEntry(
        check=finding.check,
        operation=finding.operation,
        status=exchange.response.status_code if exchange and exchange.response else None,
        location=re.sub(r"/\d+(?=/|$)", "/*", finding.location),
        api=api,
        api_version=finding.api_version,
        target=target,
        message=finding.message,
        sample=masked(value),
        schema=schema_of(value),
        place=finding.source,
        setting=setting,
        first_seen=moment,
        last_seen=moment,
    )


def masked_entry(entry: DriftEntry, redact: Redactor) -> DriftEntry:
    """An entry without keys and enum values of the answers that are not written like documented ones."""
    sample, schema = redact.keys(entry.sample), redact.keys(entry.schema)
    if "enum" in schema:
        sample = redact.value(sample, entry.location.rpartition("/")[2], received=True)
        schema = {"enum": [sample]}
    location, message = redact.location(entry.location), redact.text(entry.message)
    return replace(entry, location=location, message=message, sample=sample, schema=schema)


def joined(entries: Iterable[DriftEntry]) -> list[DriftEntry]:
    """Each thing once, in a stable order."""
    found: dict[tuple[object, ...], DriftEntry] = {}
    for entry in entries:
        found[entry.key] = found[entry.key].joined(entry) if entry.key in found else entry
    return [found[key] for key in sorted(found, key=str)]


def read_drift(reports: Path) -> list[DriftEntry]:
    """The inventory in a reports folder, empty when there is none. Raises ConfigurationError when it is not ours."""
    file = reports / DRIFT
    try:
        return [DriftEntry(**entry) for entry in orjson.loads(file.read_bytes())["drift"]]
    except FileNotFoundError:
        return []
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{file} was not written by {COMMAND} run: {error}") from None


def write_drift(entries: Iterable[DriftEntry], reports: Path) -> None:
    """Write the inventory as `drift.json` and, for people, as `drift.md`. Raises OSError."""
    entries = list(entries)
    content = write_json({"drift": [asdict(entry) for entry in entries]}, indent=True)
    (reports / DRIFT).write_bytes(content)
    lines = ["# Drift", "", "What the target answers beyond its specification.", "", *_table(entries)]
    (reports / "drift.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def entry_message(entry: DriftEntry) -> str:
    """An entry in one line."""
    newer = f"; documented in {entry.documented_in}" if entry.documented_in else ""
    return f"{entry.operation} v{entry.api_version.removeprefix('v')}: {entry.message}{newer}"


def masked(value: Any) -> Any:
    """The form of a value: letters are x, digits and numbers 9; of a list the first item, of an object all names."""
    if isinstance(value, dict):
        return {name: masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value[:1]]
    if isinstance(value, str):
        return re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", value))[:_SAMPLE]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return 9 if isinstance(value, int) else 9.9
    return value


def schema_of(value: Any) -> dict[str, Any]:
    """A schema (OpenAPI 3.0) that documents a value, as far as one value shows."""
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return {"type": "integer"}
        case float():
            return {"type": "number"}
        case str():
            form = "date-time" if _MOMENT.fullmatch(value) else "date" if _DAY.fullmatch(value) else None
            return {"type": "string", **({"format": form} if form else {})}
        case list():
            return {"type": "array", "items": schema_of(value[0]) if value else {}}
        case dict():
            return {"type": "object", "properties": {name: schema_of(inner) for name, inner in value.items()}}
    return {"nullable": True}


def _table(entries: Iterable[DriftEntry]) -> list[str]:
    rows = [
        (
            code(entry.operation),
            entry.status,
            code(entry.location),
            code(write_json(entry.sample).decode()),
            entry.api_version,
            entry.documented_in or "-",
            entry.first_seen,
            entry.last_seen,
        )
        for entry in entries
    ]
    head = ["operation", "status", "place", "form", "version", "documented in", "first seen", "last seen"]
    return table(head, rows) if rows else ["None."]
