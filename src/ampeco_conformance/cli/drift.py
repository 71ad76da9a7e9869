"""`./conform drift`: undocumented behaviour, from the last run or from recorded traffic."""

from dataclasses import replace
from pathlib import Path

import click

from ampeco_conformance.apis import APIS
from ampeco_conformance.cli.comparing import say_skipped
from ampeco_conformance.cli.options import declared
from ampeco_conformance.client_check.faults import UNKNOWN_REQUESTS
from ampeco_conformance.client_check.judge import ClientJudge
from ampeco_conformance.client_check.recorded import calls_in_har
from ampeco_conformance.client_check.rendering import fault_line
from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.core.item_results import DriftEntry
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.drift.inventory import drift_of_har
from ampeco_conformance.drift.log import DRIFT, entry_message, read_drift
from ampeco_conformance.drift.overlay import overlay_of
from ampeco_conformance.plugin.option_table import API, REPORTS
from ampeco_conformance.specs import load_specification
from ampeco_conformance.specs.writing import to_yaml
from ampeco_conformance.triage.strictness import load_settings

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--har", type=_FILE, metavar="FILE", help="From recorded traffic (HAR) instead of the last run.")
@declared(replace(API, help="API of the traffic."))
@click.option(
    "--api-version", metavar="VERSION", help="Version that traffic is compared with, or whose drift is listed."
)
@click.option("--emit-overlay", type=_FILE, metavar="FILE", help="Write an OpenAPI Overlay that documents it.")
@declared(replace(REPORTS, help="The reports whose drift is listed."))
def command(har: Path | None, api: str, api_version: str | None, emit_overlay: Path | None, reports: Path) -> None:
    """List the fields, headers and tolerated values that are not documented, with the version that documents them.

    Of recorded traffic also what is wrong with the requests, as `client-check` finds it.
    """
    unknown: list[str] = []
    unread = 0
    if har is None:
        if not (reports / DRIFT).exists():
            raise ConfigurationError(f"{reports} has no {DRIFT}; name a folder that {COMMAND} run has written")
        entries = [entry for entry in read_drift(reports) if api_version in (None, entry.api_version)]
        source = reports.name
    else:
        specification = load_specification(api_version or APIS[api].default_version, api)
        traffic = drift_of_har(har, specification, load_settings(None))
        entries, source, unread = traffic.entries, har.name, traffic.unread
        say_skipped(har, traffic.skipped)
        unknown = [
            f"{request} is no operation of {api} {specification.version}" for request in traffic.unknown_requests
        ]
        faults = ClientJudge(contract_of(specification)).faults(calls_in_har(har))
        unknown += [fault_line(fault) for fault in faults if fault.kind not in UNKNOWN_REQUESTS and fault.breaks]
    for entry in entries:
        click.echo(entry_message(entry))
        click.echo(f"    {entry.sample!r}, seen from {entry.first_seen} to {entry.last_seen} on {entry.target}")
    for line in unknown:
        click.echo(line)
    if unread:
        click.echo(f"{counted(unread, 'response')} not looked at: the recording lacks the body, or it is no JSON")
    if entries:
        click.echo(counted(len(entries), "undocumented entry"))
    elif unread:
        click.echo("No drift in the other responses.")
    else:
        click.echo("No drift: everything is documented." if not unknown else "No drift in the responses.")
    if emit_overlay is not None:
        _emit(entries, emit_overlay, f"What {source} shows beyond the specification")


def _emit(entries: list[DriftEntry], file: Path, title: str) -> None:
    versions = {(entry.api, entry.api_version) for entry in entries}
    if len(versions) > 1:
        raise ConfigurationError(f"the drift is of several versions ({_listed(versions)}); an overlay is for one")
    overlay, left = overlay_of(entries, title)
    try:
        file.write_text(to_yaml(overlay), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from None
    click.echo(f"Overlay: {file}, {counted(len(overlay['actions']), 'action')}")
    for entry in left:
        click.echo(f"  not in it, because it is not an addition: {entry_message(entry)}")


def _listed(versions: set[tuple[str, str]]) -> str:
    return ", ".join(f"{api} {version}" for api, version in sorted(versions))
