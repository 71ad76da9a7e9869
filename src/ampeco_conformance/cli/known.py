"""`./conform known`: the ledger of known issues."""

from dataclasses import replace
from pathlib import Path

import click

from ampeco_conformance.cli.options import declared
from ampeco_conformance.core.counting import counted as count
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.core.item_results import FindingResult, ItemResult
from ampeco_conformance.core.project import COMMAND, WORKSPACE
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.plugin.option_table import REPORTS
from ampeco_conformance.reporting.causes import counted
from ampeco_conformance.reporting.clusters import clusters_of
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.triage.known_issues import (
    LEDGER_FILE,
    LONGEST,
    KnownIssue,
    add_issues,
    checked_expiry,
    load_ledger,
    remove_issues,
    today,
)
from ampeco_conformance.triage.migration import advice, migrations_of, write_migrations
from ampeco_conformance.triage.rule_file import checked_versions

_LEDGER_OPTION = click.option(
    "--known-issues",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=WORKSPACE / LEDGER_FILE,
    metavar="FILE",
    help=f"Default: {LEDGER_FILE}.",
)

_REPORTS_OPTION = declared(replace(REPORTS, help="The reports of the run that found it."))


@click.group()
def command() -> None:
    """List, add, remove or migrate known issues: faults that do not fail a run until they expire."""


@command.command(name="list")
@_LEDGER_OPTION
def list_(file: Path) -> None:
    """Show every known issue, those that expire first."""
    ledger = load_ledger(None if file == WORKSPACE / LEDGER_FILE and not file.exists() else file)
    issues = sorted(ledger.issues, key=lambda issue: issue.expires)
    for issue in issues:
        days = (issue.expires - today()).days
        when = f"expired on {issue.expires}" if days < 0 else f"expires on {issue.expires}, in {count(days, 'day')}"
        click.echo(f"{issue.ticket}: {issue.reason} ({issue.owner}; {when})")
        click.echo(f"  {issue.check} {issue.operation}, versions {issue.versions}, tenant {issue.tenant}")
    click.echo(count(len(issues), "known issue"))
    if line := advice(ledger, file):
        click.echo(line)


@command.command()
@click.argument("card", required=False)
@click.option("--reason", required=True, help="What is wrong, and why it may stay for now.")
@click.option("--owner", required=True, help="Who is responsible for the fix.")
@click.option("--ticket", required=True, help="Where that is tracked.")
@click.option("--expires", required=True, metavar="DAY", help=f"YYYY-MM-DD, at most {LONGEST.days} days ahead.")
@click.option("--versions", metavar="RANGE", help="3.90.0, 3.66.0..3.90.0, 3.90.0.. or * (default: that of the run).")
@click.option("--tenant", metavar="NAME", help="A name, or a pattern such as * (default: that of the run).")
@_REPORTS_OPTION
@click.option("--dry-run", is_flag=True, help="Show what it would match, and write nothing.")
@_LEDGER_OPTION
def add(
    card: str | None,
    reason: str,
    owner: str,
    ticket: str,
    expires: str,
    versions: str | None,
    tenant: str | None,
    reports: Path,
    dry_run: bool,
    file: Path,
) -> None:
    """Add a cause that the last run found.

    CARD is the id of its card on the verdict page, or a single fingerprint. Without CARD the run must have found only
    one cause.
    """
    reason, owner, ticket = (" ".join(text.split()) for text in (reason, owner, ticket))
    last_day = checked_expiry(expires, "--expires")
    if last_day < today():
        raise ConfigurationError(f"--expires: {last_day} is over; the entry would hide nothing")
    covered = checked_versions(versions, "--versions") if versions else None
    results = read_results(reports)
    issues = [
        KnownIssue(
            check=finding.check,
            operation=finding.operation,
            versions=covered or checked_versions(result.api_version or "", "--versions"),
            tenant=tenant or result.target or "",
            fingerprint=finding.fingerprint,
            reason=reason,
            owner=owner,
            ticket=ticket,
            expires=last_day,
            aspect=result.aspect or "",
        )
        for result, finding in _chosen(results, card, reports)
    ]
    for issue in issues:
        click.echo(f"{issue.check} {issue.operation}: {issue.fingerprint}")
    matched = [other for other in results if any(issue.is_about(other) and issue.is_in(other) for issue in issues)]
    click.echo("In the last run it matches the findings of:")
    for other in matched:
        click.echo(f"  {other.node_id}")
    if not matched:
        click.echo("  nothing: its versions or its tenant leave the last run out")
    if dry_run:
        return
    add_issues(issues, file)
    click.echo(f"Written to {file}: {ticket}, until {last_day}")


@command.command()
@_REPORTS_OPTION
@click.option("--dry-run", is_flag=True, help="Show what would be replaced, and write nothing.")
@_LEDGER_OPTION
def migrate(reports: Path, dry_run: bool, file: Path) -> None:
    """Replace fingerprints of earlier releases.

    Each is replaced by what the last run found for the same fault.
    """
    migrations = migrations_of(load_ledger(file), read_results(reports))
    for migration in migrations:
        issue, fingerprints = migration.issue, migration.fingerprints
        entry = f"{issue.ticket} ({issue.check}, {issue.operation})"
        if len(fingerprints) == 1:
            click.echo(f"{entry}: {issue.fingerprint} is {fingerprints[0]} now")
        elif fingerprints:
            click.echo(f"{entry}: several faults fit; {COMMAND} known add the right one of {', '.join(fingerprints)}")
        else:
            click.echo(f"{entry}: the run in {reports} did not find it; run its operation with this release first")
    if not migrations:
        click.echo(f"{file} has no fingerprints of earlier releases")
    elif not dry_run:
        replaced = write_migrations(migrations, file)
        click.echo(f"{replaced} of {count(len(migrations), 'entry')} of earlier releases replaced in {file}")


@command.command()
@click.argument("names", nargs=-1, required=True, metavar="TICKET|FINGERPRINT...")
@_LEDGER_OPTION
def remove(names: tuple[str, ...], file: Path) -> None:
    """Remove entries by ticket or fingerprint; comments stay."""
    issues = load_ledger(file if file.exists() else None).issues
    for name in names:
        if not any(name in (issue.ticket, issue.fingerprint) for issue in issues):
            hint = did_you_mean(name, (issue.ticket for issue in issues), f"{COMMAND} known list shows them")
            raise ConfigurationError(f"{file} has no entry with the ticket or fingerprint {name!r}; {hint}")
    _remove([issue for issue in issues if {issue.ticket, issue.fingerprint} & {*names}], file)


@command.command()
@_REPORTS_OPTION
@click.option("--dry-run", is_flag=True, help="Show what would be removed, and write nothing.")
@_LEDGER_OPTION
def prune(reports: Path, dry_run: bool, file: Path) -> None:
    """Remove entries that have expired or whose fault is gone.

    A fault is gone when the last run looked for it and did not find it.
    """
    ledger = load_ledger(file if file.exists() else None)
    due = {review.fingerprint for review in ledger.review(read_results(reports), today()) if review.is_due}
    _remove([issue for issue in ledger.issues if issue.fingerprint in due or issue.expired(today())], file, dry_run)


def _remove(issues: list[KnownIssue], file: Path, dry_run: bool = False) -> None:
    for issue in issues:
        click.echo(f"{issue.ticket}: {issue.reason} ({issue.check} {issue.operation})")
    if issues and not dry_run:
        remove_issues(issues, file)
    done = "would be removed" if dry_run else "removed"
    click.echo(f"{count(len(issues), 'known issue')} {done} from {file}")


def _chosen(results: list[ItemResult], card: str | None, reports: Path) -> list[tuple[ItemResult, FindingResult]]:
    """The first finding of each fingerprint that is meant, with the result of its item.

    Raises ConfigurationError, which names the causes of the run.
    """
    found: dict[str, tuple[ItemResult, FindingResult]] = {}
    for result in results:
        for finding in result.findings:
            if finding.standing is Standing.VIOLATION:
                found.setdefault(finding.fingerprint, (result, finding))
    causes = [cause for cause in counted(clusters_of(results)) if cause.fingerprints]
    if not causes:
        raise ConfigurationError(f"the run in {reports} has no violation that could become a known issue")
    if card in found:
        return [found[card]]
    meant = [cause for cause in causes if card is None or card in (cause.id, *cause.parts)]
    if len(meant) == 1:
        return [found[fingerprint] for fingerprint in meant[0].fingerprints]
    known = "; ".join(f"{cause.id} {cause.check} {cause.operations[0]}" for cause in causes)
    problem = (
        "several causes were found, name one" if card is None else f"no violation has the card or fingerprint {card}"
    )
    raise ConfigurationError(f"{problem}; the run in {reports} has {known}")
