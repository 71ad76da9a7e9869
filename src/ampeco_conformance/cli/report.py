"""`./conform report`: the pages of a run that has ended, also of one that was killed, sharded or made with pytest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ampeco_conformance.cli.pytest_process import PROJECT
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.reporting.merging import merge_shards
from ampeco_conformance.reporting.writers.allure_html import make_html
from ampeco_conformance.reporting.writers.allure_settings import allure_settings
from ampeco_conformance.reporting.writers.pages import HISTORY, read_run, write_pages
from ampeco_conformance.reporting.writers.words import shortened

_FOLDER = click.Path(file_okay=False, path_type=Path)
_SHOWN_WANTING = 10


def page_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that makes pages."""
    help_of_history = "Folder of the history of runs; CI keeps it (default: history in the reports)."
    options = (
        click.option(
            "--reports",
            type=_FOLDER,
            default=PROJECT / "reports",
            metavar="DIR",
            help="Where the report goes (default: reports).",
        ),
        click.option("--history", type=_FOLDER, metavar="DIR", help=help_of_history),
        click.option("--html/--no-html", default=True, help="Make the Allure report (default: yes)."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.group(invoke_without_command=True)
@page_options
@click.pass_context
def command(context: click.Context, reports: Path, history: Path | None, html: bool) -> int:
    """Make the pages of the run in a reports folder, and end with the exit code of that run."""
    return 0 if context.invoked_subcommand else make_reports(reports, history, html=html)


@command.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=_FOLDER)
@page_options
def merge(folders: tuple[Path, ...], reports: Path, history: Path | None, html: bool) -> int:
    """Join the reports of all shards of a run, prove that nothing is wanting, and make the pages."""
    wanting = merge_shards(folders, reports).wanting
    for line in shortened(wanting, _SHOWN_WANTING):
        click.echo(f"conform: {line}", err=True)
    return make_reports(reports, history, html=html)


def make_reports(reports: Path, history: Path | None, *, html: bool) -> int:
    """Make the Allure report, if wanted and possible, and the verdict pages; the exit code that the run had.

    Raises ConfigurationError when the folder holds no run.
    """
    history = history or reports / HISTORY
    run = read_run(reports, history)
    results = reports / "allure-results"
    if html and any(results.glob("*-result.json")):
        settings = allure_settings(run.verdict, run.rows, history, is_new=run.is_new)
        try:
            make_html(results, reports / "html", lambda line: click.echo(line, err=True), settings)
        except TargetError as error:
            click.echo(f"conform: {error}; the results are in {results}", err=True)
    write_pages(run, reports, history)
    click.echo(f"Report: {reports / 'index.html'}")
    return run.verdict.run.exit_code
