"""The summary of a run on a terminal."""

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.reporting.summary import RunSummary

_SHOWN_CAUSES = 10


def render(summary: RunSummary, console: Console) -> None:
    """Print the summary."""
    console.print()
    console.print(
        Text.assemble(
            (f"{summary.succeeded} of {len(summary.tested)} operations succeeded at least once", "bold"),
            f" ({summary.reached_percent:.1f} %) - {summary.api} {summary.api_version} on {summary.target}",
        )
    )
    if summary.scenarios:
        console.print(f"Scenarios: {_counts(summary.scenarios)}")
    items = _counts(summary.items) or "none"
    console.print(f"Items: {items}; {summary.requests} requests in {summary.seconds:.0f} s")
    if summary.rate_limited:
        console.print(f"Rate limited by the target {summary.rate_limited} times (429)")
    _print_failures(summary, console)
    _print_causes(summary, console)
    if summary.tolerated:
        console.print(f"Not failing the run: {_counts(summary.tolerated)}")
    if summary.drift:
        console.print(f"Drift: {summary.drift} undocumented entries ({COMMAND} drift lists them)")
    for review in summary.known_issues:
        if review.is_due:
            console.print(Text(review.sentence))
    console.print(Text(summary.sentence, style="bold"))
    for reason in summary.reasons[:_SHOWN_CAUSES]:
        console.print(Text(f"  {reason}"))


def _print_failures(summary: RunSummary, console: Console) -> None:
    if summary.failures:
        console.print(Text("Violations by kind", style="bold"))
        width = max(len(failure.check) for failure in summary.failures)
        for failure in summary.failures:
            more = f" and {len(failure.operations) - 1} more" if len(failure.operations) > 1 else ""
            console.print(Text(f"  {failure.check:{width}}  {failure.count:>5}  {failure.operations[0]}{more}"))


def _print_causes(summary: RunSummary, console: Console) -> None:
    if summary.causes:
        console.print(Text(f"Causes ({len(summary.causes)}, worst first)", style="bold"))
    for cause in summary.causes[:_SHOWN_CAUSES]:
        more = f" (in {cause.items} items, {cause.operations} operations)" if cause.items > 1 else ""
        console.print(Text(f"  {cause.headline}{more}"))
        for command in (f"{COMMAND} replay {cause.case}" if cause.case else None, cause.rerun):
            if command:
                console.print(Text(f"    {command}", style="dim"))
    if len(summary.causes) > _SHOWN_CAUSES:
        console.print(f"  ... and {len(summary.causes) - _SHOWN_CAUSES} more")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
