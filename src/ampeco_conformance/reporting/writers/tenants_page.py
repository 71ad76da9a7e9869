"""The runs of several tenants on one page, with a section for each; every run has its own page too."""

from collections.abc import Mapping
from pathlib import Path

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.pages import render_page
from ampeco_conformance.reporting import labels
from ampeco_conformance.reporting.finished_run import FinishedRun
from ampeco_conformance.reporting.writers.markdown import render_markdown

_PAGE = Path(__file__).parents[1] / "templates" / "tenants.html"
#: What a pipeline should hear of first.
WORST_FIRST = (
    ExitCode.INTERRUPTED,
    ExitCode.VIOLATION,
    ExitCode.CONFIGURATION,
    ExitCode.ENVIRONMENT,
    ExitCode.TOO_LITTLE_TESTED,
    ExitCode.EXPIRED_KNOWN_ISSUE,
    ExitCode.CONFORM,
)


def write_tenants_page(runs: Mapping[str, FinishedRun], reports: Path) -> None:
    """Write index.html and verdict.md; the reports of each tenant are in the folder of its name. Raises OSError."""
    worst = min((run.verdict for run in runs.values()), key=lambda verdict: WORST_FIRST.index(verdict.run.exit_code))
    page = render_page(
        _PAGE,
        title=f"{labels.DECISIONS[worst.decision]}: {', '.join(runs)}",
        word=labels.DECISIONS[worst.decision],
        worst=worst.decision,
        runs=runs,
        labels=labels,
    )
    (reports / "index.html").write_text(page, encoding="utf-8")
    texts = (render_markdown(run.verdict) for run in runs.values())
    (reports / "verdict.md").write_text("\n".join(texts), encoding="utf-8")
