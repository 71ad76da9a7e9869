"""Suppressions: changes that were accepted, with a reason and an expiry date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ampeco_conformance.compatibility.changes import ChangeGroup
from ampeco_conformance.compatibility.rules import RULES
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.wildcards import fits
from ampeco_conformance.specs.reading import read_document


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry of an ignore file; patterns have `*`. It holds through the day `until`."""

    rule: str
    operation: str
    location: str
    reason: str
    until: date

    def covers(self, group: ChangeGroup, today: date) -> bool:
        """Whether all places of the group are suppressed today."""
        return today <= self.until and all(
            fits(change.rule, self.rule)
            and fits(change.operation, self.operation)
            and fits(change.location, self.location)
            for change in group.changes
        )


def load_suppressions(file: Path) -> list[Suppression]:
    """The entries of an ignore file: `ignore: [{rule, operation, location, reason, until}]`.

    Raises ConfigurationError when an entry has no reason, no date, or an unknown rule.
    """
    entries = read_document(file).get("ignore")
    if not isinstance(entries, list):
        raise ConfigurationError(f"{file} needs a list `ignore`")
    return [_suppression(entry, f"{file}, entry {number}") for number, entry in enumerate(entries, 1)]


def divide(
    groups: Sequence[ChangeGroup], suppressions: Sequence[Suppression], today: date | None = None
) -> tuple[tuple[ChangeGroup, ...], tuple[tuple[ChangeGroup, Suppression], ...]]:
    """The groups that remain, and those ignored with their suppression. An expired suppression ignores nothing."""
    today = today or date.today()
    kept, ignored = [], []
    for group in groups:
        suppression = next((candidate for candidate in suppressions if candidate.covers(group, today)), None)
        if suppression is None:
            kept.append(group)
        else:
            ignored.append((group, suppression))
    return tuple(kept), tuple(ignored)


def _suppression(entry: Any, where: str) -> Suppression:
    if not isinstance(entry, dict) or not entry.get("reason") or not entry.get("until") or not entry.get("rule"):
        raise ConfigurationError(f"{where}: it needs rule, reason and until (a date such as 2027-01-31)")
    unknown = entry.keys() - {"rule", "operation", "location", "reason", "until"}
    if unknown:
        raise ConfigurationError(f"{where}: unknown key {sorted(unknown)[0]}")
    rule = str(entry["rule"])
    if not any(fits(name, rule) for name in RULES):
        raise ConfigurationError(f"{where}: no rule matches {rule}; docs/reference/compatibility-rules.md lists them")
    try:
        until = date.fromisoformat(str(entry["until"]))
    except ValueError:
        raise ConfigurationError(f"{where}: until is not a date: {entry['until']}") from None
    return Suppression(
        rule, str(entry.get("operation", "*")), str(entry.get("location", "*")), str(entry["reason"]), until
    )
