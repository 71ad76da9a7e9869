"""`./conform report`: generates the reports of a finished run, also if it was killed, sharded or made with pytest."""

import webbrowser
from argparse import Namespace
from pathlib import Path

import click

from ampeco_conformance.cli.options import declared, with_options
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.plugin.option_table import HISTORY_FOLDER, PAGES, REPORTS
from ampeco_conformance.reporting.finished_run import read_run
from ampeco_conformance.reporting.labels import shortened
from ampeco_conformance.reporting.merging import merge_shards
from ampeco_conformance.reporting.summary import read_summary
from ampeco_conformance.reporting.writers.allure_html import make_html
from ampeco_conformance.reporting.writers.allure_settings import allure_settings
from ampeco_conformance.reporting.writers.news import as_markdown, as_slack, news_of
from ampeco_conformance.reporting.writers.pages import HISTORY, write_pages

_FOLDER = click.Path(file_okay=False, path_type=Path)
_SHOWN_MISSING = 10
_MESSAGES = {"markdown": as_markdown, "slack": as_slack}


@click.group(invoke_without_command=True)
@with_options(PAGES)
@click.pass_context
def command(context: click.Context, options: Namespace) -> int:
    """Generate the reports of a finished run, and exit with the code of that run."""
    return 0 if context.invoked_subcommand else make_reports(options)


@command.command()
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=_FOLDER)
@with_options(PAGES)
def merge(folders: tuple[Path, ...], options: Namespace) -> int:
    """Join the reports of all shards of a run.

    Checks that every item ran once, and generates the pages.
    """
    missing = merge_shards(folders, options.reports).missing
    for line in shortened(missing, _SHOWN_MISSING):
        click.echo(f"conform: {line}", err=True)
    return make_reports(options)


@command.command()
@declared(REPORTS)
@declared(HISTORY_FOLDER)
@click.option("--format", "form", type=click.Choice([*_MESSAGES]), default="markdown", help="Default: markdown.")
def news(reports: Path, history: Path | None, form: str) -> None:
    """Print what is new, fixed or expired since the last run.

    Prints nothing when nothing is. The last run is that of the history.

    The format slack is the body of a request to a webhook of Slack, or of another chat that takes the same.
    """
    run = read_run(reports, history or reports / HISTORY)
    if lines := news_of(run.verdict, read_summary(reports)):
        click.echo(_MESSAGES[form](run.verdict, lines), nl=False)


def make_reports(options: Namespace) -> int:
    """Generate the verdict pages and, with `html`, the Allure report; returns the exit code of the run.

    `options` are those of PAGES. Raises ConfigurationError when the folder contains no run.
    """
    reports: Path = options.reports
    history: Path = options.history or reports / HISTORY
    run = read_run(reports, history)
    results = reports / "allure-results"
    if options.html and any(results.glob("*-result.json")):
        settings = allure_settings(run.verdict, run.results, history, is_new=run.is_new)
        try:
            make_html(results, reports / "html", lambda line: click.echo(line, err=True), settings)
        except TargetError as error:
            click.echo(f"conform: {error}; the results are in {results}", err=True)
    write_pages(run, reports, history)
    show_report(reports / "index.html", in_browser=options.open)
    return run.verdict.run.exit_code


def show_report(page: Path, *, in_browser: bool) -> None:
    """Say where the page is, and open it."""
    click.echo(f"Report: {page}")
    if in_browser and not webbrowser.open(page.resolve().as_uri()):
        click.echo(f"conform: --open: this machine has no browser; open {page} elsewhere", err=True)
