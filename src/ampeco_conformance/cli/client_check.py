"""`./conform client-check`: whether a client keeps the contract of a version."""

from pathlib import Path

import click

from ampeco_conformance.apis import APIS
from ampeco_conformance.cli.comparing import say_skipped, write
from ampeco_conformance.cli.options import declared
from ampeco_conformance.client_check.judge import ClientJudge, newly
from ampeco_conformance.client_check.model import Client, ClientFault
from ampeco_conformance.client_check.recorded import calls_in_har, calls_in_log
from ampeco_conformance.client_check.rendering import RENDERERS, ClientReport
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.plugin.option_table import API
from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.specs.provenance import unknown_fields

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(name="client-check", context_settings={"max_content_width": 110})
@declared(API)
@click.option("--api-version", metavar="V", help="The version whose contract the client has to keep.")
@click.option("--to", "later", metavar="W", help="A later version, whose contract it has to keep too.")
@click.option("--har", type=_FILE, metavar="FILE", help="Recorded traffic of the client.")
@click.option("--log", type=_FILE, metavar="FILE", help="Access log, or a list of operations with the fields you read.")
@click.option("--format", "form", type=click.Choice(list(RENDERERS)), default="text", show_default=True)
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="File to write; else stdout.")
def command(
    api: str,
    api_version: str | None,
    later: str | None,
    har: Path | None,
    log: Path | None,
    form: str,
    output: Path | None,
) -> int:
    """Judge a client by the contract of a version: exit 1 when it certainly breaks it, 4 when it does not use the API.

    What is deprecated still works: a warning.
    """
    client = _client(har, log)
    say_skipped(har or log or Path(), client.skipped)
    specification = load_specification(api_version or APIS[api].default_version, api)
    versions = [specification] + ([load_specification(later, api)] if later else [])
    report = report_on(client, versions)
    write(RENDERERS[form](report), output)
    if not report.calls:
        return ExitCode.TOO_LITTLE_TESTED
    broken = any(fault.breaks and fault.is_certain for fault in report.faults)
    return ExitCode.VIOLATION if broken else ExitCode.CONFORM


def _client(har: Path | None, log: Path | None) -> Client:
    readers = {calls_in_har: har, calls_in_log: log}
    given = [(read, source) for read, source in readers.items() if source is not None]
    if len(given) != 1:
        raise ConfigurationError("name one source: --har FILE or --log FILE")
    read, source = given[0]
    return read(source)


def report_on(client: Client, versions: list[Specification]) -> ClientReport:
    """Judge the calls of a client by one version, and by a second one where that makes a difference."""
    judges = [ClientJudge(ApiContract(specification)) for specification in versions]
    faults: list[ClientFault] = []
    for judge in judges:
        faults += newly(judge.faults(client), faults)
    notes = (unknown_fields(specification.version, specification.document) for specification in versions)
    return ClientReport(
        client,
        versions[0].api,
        tuple(specification.version for specification in versions),
        tuple((call, tuple(path)) for call, path in judges[0].calls_of_api(client)),
        tuple(sorted(faults, key=lambda fault: (fault.version != versions[0].version, not fault.breaks))),
        tuple(note for note in notes if note),
    )
