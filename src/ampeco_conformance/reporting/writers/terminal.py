"""The summary of a run on a terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import shorten

from rich.console import Console
from rich.text import Text

from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.project import conform_command
from ampeco_conformance.reporting.labels import further, shortened
from ampeco_conformance.reporting.summary import RunSummary, SummaryCause

#: With three lines each, the summary stays within forty lines.
_SHOWN_CAUSES = 7
_SHOWN_OTHERS = 3
_SHOWN_CHARACTERS = 80


def render(summary: RunSummary, reports: Path, console: Console, verbosity: int = 0) -> None:
    """Print the summary of a run in `reports`: below 0 only the decision and its reasons, above 0 every cause."""
    if verbosity >= 0:
        _print_details(summary, reports, console, is_complete=verbosity > 0)
    console.print(Text(summary.sentence, style="bold"))
    for reason in shortened(further(summary.reasons, summary.sentence), _SHOWN_OTHERS):
        console.print(Text(f"  {reason}"))


def _print_details(summary: RunSummary, reports: Path, console: Console, *, is_complete: bool) -> None:
    console.print()
    succeeded = f"{summary.succeeded} of {counted(len(summary.tested), 'operation')} succeeded at least once"
    share = f" ({summary.reached_percent:.1f} %) - "
    subject = f"{summary.api} {summary.api_version} on {summary.target}"
    console.print(Text.assemble((succeeded, "bold"), share, subject) if summary.tested else Text(subject))
    if summary.scenarios:
        console.print(f"Scenarios: {_counts(summary.scenarios)}")
    items = _counts(summary.items) or "none"
    if summary.by_turns:
        items += f" (of them left to runs with other seeds: {summary.by_turns})"
    console.print(f"Items: {items}; {counted(summary.requests, 'request')} in {summary.seconds:.0f} s")
    if summary.rate_limited:
        console.print(f"Rate limited by the target {counted(summary.rate_limited, 'time')} (429)")
    for title, causes, most in (
        ("Causes", summary.causes, _SHOWN_CAUSES),
        ("Not judged", summary.unjudged, _SHOWN_OTHERS),
    ):
        _print_causes(title, causes, len(causes) if is_complete else most, console)
    if summary.tolerated:
        console.print(f"Not failing the run: {_counts(summary.tolerated)}")
    if summary.drift:
        command = conform_command("drift", "--reports", str(reports.resolve()))
        console.print(Text(f"Drift: {counted(summary.drift, 'undocumented entry')}, listed by:"))
        console.print(Text(f"    {command}", style="dim"))
    due = [review.sentence for review in summary.known_issues if review.is_due]
    for line in shortened(due, _SHOWN_OTHERS):
        console.print(Text(line))


def _print_causes(title: str, causes: Sequence[SummaryCause], most: int, console: Console) -> None:
    if causes:
        console.print(Text(f"{title} ({len(causes)}, worst first)", style="bold"))
    for cause in causes[:most]:
        spread = f"{counted(cause.items, 'item')}, {counted(cause.operations, 'operation')}"
        more = f" (in {spread})" if cause.items > 1 else ""
        console.print(Text(f"  {cause.headline}{more}"))
        if cause.expected is not None or cause.actual is not None:
            console.print(Text(f"    expected {_short(cause.expected)}, received {_short(cause.actual)}"))
        if command := cause.replay or cause.rerun:
            console.print(Text(f"    {command}", style="dim"))
    if len(causes) > most:
        console.print(f"  ... and {len(causes) - most} more")


def _short(text: str | None) -> str:
    return shorten(text or "nothing", _SHOWN_CHARACTERS, placeholder=" ...")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
