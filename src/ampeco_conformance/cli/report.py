"""`./conform report`: the pages of a run that has ended, also of one that was killed or made with plain pytest."""

from pathlib import Path

import click

from ampeco_conformance.cli.pytest_process import PROJECT
from ampeco_conformance.errors import TargetError
from ampeco_conformance.reporting.html import make_html
from ampeco_conformance.reporting.pages import HISTORY, write_pages
from ampeco_conformance.reporting.verdict import Verdict

HISTORY_HELP = "Folder of the history of runs, which CI keeps between runs (default: history in the reports)."


@click.command()
@click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=PROJECT / "reports",
    metavar="DIR",
    help="Where the run is (default: reports).",
)
@click.option("--history", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help=HISTORY_HELP)
@click.option("--html/--no-html", default=True, help="Make the Allure report too (default: yes).")
def command(reports: Path, history: Path | None, html: bool) -> int:
    """Make the pages of the run in a reports folder, and end with the exit code of that run."""
    return make_reports(reports, history, html=html).run.exit_code


def make_reports(reports: Path, history: Path | None, *, html: bool) -> Verdict:
    """Make the Allure report, if wanted and possible, and the verdict pages. Raises ConfigurationError."""
    history = history or reports / HISTORY
    results = reports / "allure-results"
    if html and any(results.glob("*-result.json")):
        try:
            make_html(results, reports / "html", lambda line: click.echo(line, err=True))
        except TargetError as error:
            click.echo(f"conform: {error}; the results are in {results}", err=True)
    verdict = write_pages(reports, history)
    click.echo(f"Report: {reports / 'index.html'}")
    return verdict
