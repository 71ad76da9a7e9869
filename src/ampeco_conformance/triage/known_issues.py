"""The ledger of known issues: faults that do not fail the run until they expire.

An entry matches a finding by check, operation, version, tenant and fingerprint. Once it has expired, its fault fails
the run again. An entry that has expired, or whose fault is no longer reproduced, is listed at the end of the run, and
under `--strict` such a run ends with exit 5 if nothing else is wrong.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.findings import Finding
from ampeco_conformance.core.fingerprints import is_old_form
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.triage.rule_file import (
    checked_check,
    checked_keys,
    checked_versions,
    concerns,
    covers,
    entry_lines,
    read_entries,
    refuse_dead_patterns,
)

LEDGER_FILE = "known_issues.yaml"
#: Stands for no known issues, also not those of the default file.
NO_LEDGER = Path(os.devnull)
LONGEST = timedelta(days=180)
_EMPTY = "issues: []"
_SEEN, _GONE, _NOT_LOOKED_AT = "seen", "gone", "not looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIssue:
    """One entry; the fields are its keys. `aspect` names the test that showed it, as item results do."""

    check: str
    operation: str
    versions: str
    tenant: str
    fingerprint: str
    reason: str
    owner: str
    ticket: str
    expires: date
    aspect: str = ""

    def covers(self, version: str, tenant: str) -> bool:
        """Whether the entry is about a version on a tenant."""
        return covers(self.versions, version) and concerns(self.tenant, tenant)

    def is_about(self, result: ItemResult) -> bool:
        """Whether the entry is about the version and target of an item."""
        return bool(result.api_version) and self.covers(result.api_version or "", result.target or "")

    def matches(self, check: str, operation: str, fingerprint: str, version: str, tenant: str) -> bool:
        """Whether a finding is the known one."""
        return (
            fingerprint == self.fingerprint
            and check == self.check
            and concerns(self.operation, operation)
            and self.covers(version, tenant)
        )

    def is_in(self, result: ItemResult) -> bool:
        """Whether one of the findings of an item is the known one."""
        version, target = result.api_version or "", result.target or ""
        return any(
            self.matches(finding.check, finding.operation, finding.fingerprint, version, target)
            for finding in result.findings
        )

    def expired(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.expires < today

    def as_entry(self) -> dict[str, str]:
        """The entry as it stands in the file."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self) if getattr(self, field.name)}


@dataclass(frozen=True, slots=True)
class Review:
    """The state of an entry after a run: its fault was seen, is gone, or was not tested."""

    ticket: str
    check: str
    operation: str
    fingerprint: str
    state: str
    expired: bool
    expires: str

    @property
    def is_due(self) -> bool:
        """Whether the entry needs attention."""
        return self.state == _GONE or self.expired

    @property
    def sentence(self) -> str:
        """What has to be done, in one line."""
        entry = f"known issue {self.ticket} ({self.check}, {self.operation})"
        if self.state == _GONE:
            return f"{entry} is no longer reproduced: remove it from the ledger"
        return f"{entry} expired on {self.expires}: fix it, or renew its entry"


class Ledger:
    """All known issues."""

    def __init__(self, issues: Iterable[KnownIssue] = ()) -> None:
        self.issues = tuple(issues)

    def find(self, finding: Finding, tenant: str) -> KnownIssue | None:
        """The entry that a finding on a tenant matches."""
        place = (finding.check, finding.operation, finding.fingerprint, finding.api_version, tenant)
        return next((issue for issue in self.issues if issue.matches(*place)), None)

    def review(self, results: Iterable[ItemResult], today: date) -> list[Review]:
        """The state, after a run, of each entry that is about its version and target."""
        results = list(results)
        found = ((issue, [result for result in results if issue.is_about(result)]) for issue in self.issues)
        return [
            Review(
                issue.ticket,
                issue.check,
                issue.operation,
                issue.fingerprint,
                _state(issue, concerned),
                issue.expired(today),
                str(issue.expires),
            )
            for issue, concerned in found
            if concerned
        ]


def _state(issue: KnownIssue, results: list[ItemResult]) -> str:
    if any(issue.is_in(result) for result in results):
        return _SEEN
    looked = [
        result
        for result in results
        if issue.aspect in ("", result.aspect)
        and (concerns(issue.operation, result.operation) if result.operation else bool(issue.aspect))
    ]
    if is_old_form(issue.fingerprint):
        # It matches nothing until it is migrated, so that its fault may well be there.
        return _NOT_LOOKED_AT
    # An item that failed or was skipped may have ended before it came to the fault.
    return _GONE if looked and all(result.status == "passed" for result in looked) else _NOT_LOOKED_AT


def merged_reviews(runs: Iterable[Iterable[Review]]) -> list[Review]:
    """The reviews of several shards as one: an entry is gone when one shard says so and none has seen it."""
    found: dict[tuple[str, str, str, str], Review] = {}
    for review in (review for run in runs for review in run):
        key = (review.ticket, review.check, review.operation, review.fingerprint)
        other = found.get(key, review)
        found[key] = min(review, other, key=lambda seen: (_SEEN, _GONE, _NOT_LOOKED_AT).index(seen.state))
    return list(found.values())


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def load_ledger(file: Path | None) -> Ledger:
    """The ledger in a file, an empty one without or in /dev/null. Raises ConfigurationError for the first fault."""
    entries = read_entries(file, "issues") if file and file != NO_LEDGER else []
    return Ledger(_issue(entry, f"{file}: issue {number}") for number, entry in enumerate(entries, 1))


def checked_ledger(file: Path) -> Ledger:
    """The ledger in a file. Raises ConfigurationError also for an entry whose operation is in no version."""
    ledger = load_ledger(file)
    refuse_dead_patterns({issue.operation: f"{file}: known issue {issue.ticket}" for issue in ledger.issues})
    return ledger


def add_issues(issues: Iterable[KnownIssue], file: Path) -> None:
    """Add entries at the end of a ledger, which keeps its comments. Raises ConfigurationError, and leaves it then."""
    text = file.read_text(encoding="utf-8") if file.exists() else _EMPTY
    if file.exists():
        load_ledger(file)
    entries = yaml.safe_dump([issue.as_entry() for issue in issues], sort_keys=False, allow_unicode=True, width=1000)
    indented = "".join(f"  {line}\n" for line in entries.splitlines())
    text = text.rstrip().removesuffix("[]").rstrip() if text.rstrip().endswith(_EMPTY) else text.rstrip()
    replace_ledger(file, f"{text}\n{indented}")


def remove_issues(removed: Iterable[KnownIssue], file: Path) -> None:
    """Remove entries from a ledger, which keeps its comments. Raises ConfigurationError, and leaves it then."""
    text, gone = file.read_text(encoding="utf-8"), set(removed)
    issues = load_ledger(file).issues
    places = entry_lines(text, "issues")
    dropped = {line for issue, lines in zip(issues, places, strict=True) if issue in gone for line in lines}
    if dropped & {line for issue, lines in zip(issues, places, strict=True) if issue not in gone for line in lines}:
        raise ConfigurationError(f"{file} has several entries in one line; write each with lines of its own")
    kept = "".join(line for number, line in enumerate(text.splitlines(keepends=True)) if number not in dropped)
    replace_ledger(file, f"{kept.rstrip()}\n")


def replace_ledger(file: Path, text: str) -> None:
    """Write a ledger whole or not at all. Raises ConfigurationError, for a text that is not a ledger too."""
    unfinished = file.with_suffix(".tmp")
    try:
        unfinished.write_text(text, encoding="utf-8")
        load_ledger(unfinished)
        unfinished.replace(file)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def checked_expiry(text: str, where: str) -> date:
    """The day in a text, at most 180 days from now. Raises ConfigurationError."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"{where}: expires {text!r} must be a day such as {today() + LONGEST}") from None
    if day > today() + LONGEST:
        raise ConfigurationError(
            f"{where}: expires {day} is more than {LONGEST.days} days away; the last day is {today() + LONGEST}"
        )
    return day


def _issue(entry: Mapping[str, Any], where: str) -> KnownIssue:
    names = [field.name for field in fields(KnownIssue) if field.name != "aspect"]
    checked_keys(entry, names, ["aspect"], where)
    checked_check(entry["check"], where)
    checked_versions(entry["versions"], where)
    return KnownIssue(**{**entry, "expires": checked_expiry(entry["expires"], where)})
