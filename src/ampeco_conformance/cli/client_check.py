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
from ampeco_conformance.client_check.routes import Routes
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.plugin.option_table import API
from ampeco_conformance.specs import Provenance, Specification, load_specification
from ampeco_conformance.specs.provenance import unknown_fields

_FOLDER = click.Path(path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(name="client-check", context_settings={"max_content_width": 110})
@declared(API)
@click.option("--api-version", metavar="V", help="The version whose contract the client has to keep.")
@click.option("--to", "later", metavar="W", help="A later version, whose contract it has to keep too.")
@click.option("--har", type=_FILE, metavar="FILE", help="Recorded traffic of the client.")
@click.option("--log", type=_FILE, metavar="FILE", help="Access log, or a list of operations with the fields you read.")
@click.option("--source", type=_FOLDER, metavar="DIR", help="Source code of the client, in any language.")
@click.option("--format", "form", type=click.Choice(list(RENDERERS)), default="text", show_default=True)
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="File to write; else stdout.")
def command(
    api: str,
    api_version: str | None,
    later: str | None,
    har: Path | None,
    log: Path | None,
    source: Path | None,
    form: str,
    output: Path | None,
) -> int:
    """Judge a client by the contract of a version: exit 1 when it certainly breaks it, 4 when it does not use the API.

    What is deprecated still works: a warning.
    """
    names = [api_version or APIS[api].default_version, *([later] if later else [])]
    versions = [load_specification(name, api, operations_suffice=True) for name in names]
    client = _client(har, log, source, versions[0])
    say_skipped(har or log or source or Path(), client.skipped)
    report = report_on(client, versions)
    write(RENDERERS[form](report), output)
    if not report.calls:
        return ExitCode.TOO_LITTLE_TESTED
    broken = any(fault.breaks and fault.is_certain for fault in report.faults)
    return ExitCode.VIOLATION if broken else ExitCode.CONFORM


def _client(har: Path | None, log: Path | None, source: Path | None, specification: Specification) -> Client:
    if sum(given is not None for given in (har, log, source)) != 1:
        raise ConfigurationError("name one of --har FILE, --log FILE and --source DIR")
    if source is not None:
        # Here, because the lexers take long to load.
        from ampeco_conformance.client_check.source.folder import calls_in_source

        return calls_in_source(source, Routes(specification))
    return calls_in_har(har) if har is not None else calls_in_log(log or Path())


def _note(specification: Specification) -> str | None:
    """What of a version is not known."""
    if specification.document.get("x-provenance") == Provenance.OPERATIONS:
        return f"of {specification.version} only the operations are known; nothing else is judged by it"
    return unknown_fields(specification.version, specification.document)


def report_on(client: Client, versions: list[Specification]) -> ClientReport:
    """Judge the calls of a client by one version, and by a second one where that makes a difference."""
    judges = [ClientJudge(ApiContract(specification)) for specification in versions]
    faults: list[ClientFault] = []
    for judge in judges:
        faults += newly(judge.faults(client), faults)
    notes = [_note(specification) for specification in versions]
    return ClientReport(
        client,
        versions[0].api,
        tuple(specification.version for specification in versions),
        tuple((call, tuple(path)) for call, path in judges[0].calls_of_api(client)),
        tuple(sorted(faults, key=lambda fault: (fault.version != versions[0].version, not fault.breaks))),
        tuple(note for note in notes if note),
    )
