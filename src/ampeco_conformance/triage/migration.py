"""Moves a ledger to the fingerprints of this release: those of earlier releases were made of messages.

A fingerprint of the old form matches nothing any more. What it stood for is found in a run of this release, by the
other fields of its entry: the check, the operation, the versions, the tenant and the aspect.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.fingerprints import is_old_form
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.triage.known_issues import KnownIssue, Ledger, replace_ledger
from ampeco_conformance.triage.rule_file import concerns


@dataclass(frozen=True, slots=True)
class Migration:
    """An entry with a fingerprint of the old form, and the fingerprints in a run that fit it."""

    issue: KnownIssue
    fingerprints: tuple[str, ...]


def migrations_of(ledger: Ledger, results: Iterable[ItemResult]) -> list[Migration]:
    """The entries of the old form, each with what the results of a run have for it."""
    results = list(results)
    return [Migration(issue, _fitting(issue, results)) for issue in ledger.issues if is_old_form(issue.fingerprint)]


def advice(ledger: Ledger, file: Path) -> str | None:
    """One line that says what to do about entries of the old form; None when there are none."""
    count = sum(is_old_form(issue.fingerprint) for issue in ledger.issues)
    if not count:
        return None
    return (
        f"{file.name} has {counted(count, 'entry')} of an earlier release without effect: run {COMMAND} known migrate"
    )


def write_migrations(migrations: Iterable[Migration], file: Path) -> int:
    """Replace each old fingerprint in a ledger that exactly one new one fits, and count them.

    Raises ConfigurationError.
    """
    clear = [migration for migration in migrations if len(migration.fingerprints) == 1]
    if clear:
        text = file.read_text(encoding="utf-8")
        for migration in clear:
            text = text.replace(migration.issue.fingerprint, migration.fingerprints[0])
        replace_ledger(file, text)
    return len(clear)


def _fitting(issue: KnownIssue, results: Iterable[ItemResult]) -> tuple[str, ...]:
    found = (
        finding.fingerprint
        for result in results
        if issue.is_about(result) and issue.aspect in ("", result.aspect)
        for finding in result.findings
        if finding.check == issue.check and concerns(issue.operation, finding.operation)
    )
    return tuple(dict.fromkeys(fingerprint for fingerprint in found if not is_old_form(fingerprint)))
