"""A finished run, read from its reports folder."""

from dataclasses import dataclass
from pathlib import Path

from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.reporting.history import PastRun, read_history
from ampeco_conformance.reporting.results import read_results
from ampeco_conformance.reporting.selection import read_selection
from ampeco_conformance.reporting.summary import RunSummary, read_summary, summarise
from ampeco_conformance.reporting.verdict import Verdict, judge_run
from ampeco_conformance.specs import load_specification


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """The results and the verdict of a run, and the runs before it."""

    results: list[ItemResult]
    past: list[PastRun]
    verdict: Verdict

    @property
    def is_new(self) -> bool:
        """Whether the history does not have it yet."""
        return all(line.id != self.verdict.run.id for line in self.past)


def read_run(reports: Path, history: Path) -> FinishedRun:
    """The run in a reports folder, judged. Raises ConfigurationError when the folder holds no run."""
    results = read_results(reports)
    past = read_history(history)
    return FinishedRun(results, past, judge_run(results, _summary(reports, results), _selected(reports), past))


def _summary(reports: Path, results: list[ItemResult]) -> RunSummary:
    """The summary of a run; a run that was killed left none, and gets that of an interrupted one."""
    if (summary := read_summary(reports)) is not None:
        return summary
    first = next((result for result in results if result.api_version), None)
    if first is None or first.api is None or first.api_version is None or first.target is None:
        raise ConfigurationError(f"{reports} holds a run that ended before its first item; run ./conform run again")
    return summarise(
        results,
        api=first.api,
        api_version=first.api_version,
        target=first.target,
        operations=len(load_specification(first.api_version, first.api).operations),
        interrupted=True,
        seconds=max(result.stopped_at or 0.0 for result in results)
        - min(result.started_at or 1e12 for result in results),
    )


def _selected(reports: Path) -> list[str]:
    """The node ids that the run selected; nothing when it could not write them."""
    try:
        return read_selection(reports).own
    except ConfigurationError:
        return []
