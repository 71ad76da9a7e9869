"""`conform breaking A B`: breaking changes, with proof."""

import click

from ampeco_conformance.cli.comparing import FAIL_ON, ComparisonSettings, comparing, exit_code


@click.command(name="breaking", context_settings={"max_content_width": 110})
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option(
    "--fail-on", type=click.Choice(list(FAIL_ON)), default="breaking", show_default=True, help="What exits 1."
)
@comparing
def command(settings: ComparisonSettings, old: str, new: str, fail_on: str) -> int:
    """Show changes from A to B that break, or may break, clients; exit 1 when something breaks.

    Every breaking change comes with a request or a response that proves it.
    """
    report = settings.compare(old, new)
    settings.show(report.without_safe())
    return exit_code(report, FAIL_ON[fail_on])
