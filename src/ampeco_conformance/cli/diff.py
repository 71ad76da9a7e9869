"""`conform diff A B`: all differences."""

import click

from ampeco_conformance.cli.comparing import FAIL_ON, ComparisonSettings, comparing, exit_code


@click.command(name="diff", context_settings={"max_content_width": 110})
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--fail-on", type=click.Choice(list(FAIL_ON)), default="never", show_default=True, help="What exits 1.")
@comparing
def command(settings: ComparisonSettings, old: str, new: str, fail_on: str) -> int:
    """Show all differences between A and B: versions, or OpenAPI files (YAML, JSON)."""
    report = settings.compare(old, new)
    settings.show(report)
    return exit_code(report, FAIL_ON[fail_on])
