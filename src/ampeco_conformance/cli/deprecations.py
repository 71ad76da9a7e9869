"""`conform deprecations --usage FILE`: what of your traffic is deprecated, since when, until when, and what to use."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click

from ampeco_conformance.apis import describe
from ampeco_conformance.cli.comparing import usage_in
from ampeco_conformance.cli.options import declared
from ampeco_conformance.compatibility.deprecations import DeprecationCalendar, deprecation_calendar
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.json_values import write_json
from ampeco_conformance.plugin.option_table import API, USAGE
from ampeco_conformance.specs import load_catalog, store_directory


@click.command(name="deprecations", context_settings={"max_content_width": 110})
@click.option("--usage", type=click.Path(path_type=Path), required=True, metavar="FILE", help=USAGE.help)
@declared(replace(API, help="API that is called."))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(usage: Path, api: str, form: str) -> int:
    """List the operations, parameters and fields you use that are deprecated in any known version.

    Also since which version, until when (where that was announced), and the newer version of the same path. Exit code 4
    when the traffic has no call of the API.
    """
    used = usage_in(usage)
    versions = [entry.version for entry in load_catalog(store_directory()).known_versions(api)]
    contracts = [load_contract(version, api) for version in versions]
    calendar = deprecation_calendar(contracts, used, describe(api))
    if form == "json":
        click.echo(write_json(asdict(calendar), indent=True).decode())
    else:
        click.echo("\n".join(_lines(calendar, api)))
    return ExitCode.CONFORM if calendar.calls else ExitCode.TOO_LITTLE_TESTED


def _lines(calendar: DeprecationCalendar, api: str) -> Iterator[str]:
    used = f"{counted(calendar.calls, 'call')} of {counted(calendar.operations, 'operation')} of {api}"
    yield f"{calendar.source}: {used}, {len(calendar.deprecations) or 'nothing'} deprecated as far as {calendar.newest}"
    for item in calendar.deprecations:
        yield f"\n{' '.join([item.operation, item.part]).strip()} ({counted(item.calls, 'call')})"
        yield f"  deprecated   {item.since or 'since when is not known'}"
        yield f"  until        {item.until or 'not known'}"
        yield f"  use instead  {item.replacement or 'not known'}"
