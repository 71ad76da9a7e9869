"""`conform specs`: shows the specifications, and imports the vendor's own."""

import json
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from ampeco_conformance.cli.options import declared
from ampeco_conformance.core.counting import counted, counted_in_words
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.plugin.option_table import API
from ampeco_conformance.specs import (
    Specification,
    load_catalog,
    load_specification,
    own_store_directory,
    store_directory,
)
from ampeco_conformance.specs.catalog import Provenance
from ampeco_conformance.specs.fetching import PUBLISHED
from ampeco_conformance.specs.importing import ImportResult, import_document
from ampeco_conformance.specs.linting import lint
from ampeco_conformance.specs.loading import resolve_document
from ampeco_conformance.specs.model import Operation, read_operations
from ampeco_conformance.specs.rendering import (
    operation_details,
    specification_overview,
    versions_as_json,
    versions_table,
)
from ampeco_conformance.specs.writing import to_json, to_yaml

_WIDTH_FOR_PROGRAMS = 250

_MAXIMUM_LABELS = 15
"""Operations that are named for each kind of change; the rest is counted."""

_api_option = declared(API)
_import_options = (
    click.option("--allow-external-refs", is_flag=True, help="Copy the documents that it refers to into it."),
    click.option("--replace", is_flag=True, help="Replace a document that was imported for this version before."),
)


def _with_import_options(function: click.decorators.FC) -> click.decorators.FC:
    for option in _import_options:
        function = option(function)
    return function


@click.group(name="specs")
def command() -> None:
    """List, show, export, import and check the specifications of API versions."""


@command.command(name="list")
@declared(replace(API, default=None, help="Only this API."))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
def list_versions(api: str | None, form: str) -> None:
    """List every version with its operations and its provenance."""
    store = store_directory()
    catalog = load_catalog(store)
    rows = []
    for entry in catalog.known_versions(api) if api else catalog:
        operations = list(read_operations(resolve_document(store, entry)))
        rows.append((entry, len(operations), sum(operation.deprecated for operation in operations)))
    if form == "json":
        click.echo(json.dumps(versions_as_json(rows), indent=2, ensure_ascii=False))
    else:
        _console().print(versions_table(rows))


@command.command()
@click.argument("version")
@click.argument("operation", required=False)
@_api_option
def show(version: str, operation: str | None, api: str) -> None:
    """Show VERSION, or one OPERATION of it in full.

    OPERATION is a label ("GET /public-api/resources/users/v1.0") or an operationId (listUsersV1).
    """
    specification = load_specification(version, api, operations_suffice=True)
    console = _console()
    if operation is None:
        console.print(specification_overview(specification), soft_wrap=True)
    else:
        console.print(operation_details(specification, _find_operation(specification, operation)))


@command.command()
@click.argument("version")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else stdout.")
@click.option(
    "--format", "form", type=click.Choice(["yaml", "json"]), help="Default: what the file name says, or yaml."
)
@_api_option
def export(version: str, output: Path | None, form: str | None, api: str) -> None:
    """Write the complete OpenAPI document of VERSION."""
    store = store_directory()
    document = resolve_document(store, load_catalog(store).find(api, version))
    form = form or ("json" if output and output.suffix == ".json" else "yaml")
    text = to_json(document) if form == "json" else to_yaml(document)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{output} cannot be written: {error.strerror}") from error


@command.command(name="import")
@click.argument("source", metavar="FILE|URL")
@click.option("--version", help="The version; default: the one that the document declares.")
@_api_option
@_with_import_options
def import_(source: str, version: str | None, api: str, allow_external_refs: bool, replace: bool) -> None:
    """Import a vendor's own OpenAPI document, which replaces ours."""
    _print_import(_import(source, version, api, allow_external_refs, replace))


@command.command()
@click.option("--version", help="The version; default: the one that the document declares.")
@_api_option
@_with_import_options
def fetch(version: str | None, api: str, allow_external_refs: bool, replace: bool) -> None:
    """Import the newest document that the vendor publishes."""
    if api not in PUBLISHED:
        raise ConfigurationError(f"no published document of {api} is known; known: {', '.join(PUBLISHED)}")
    _print_import(_import(PUBLISHED[api], version, api, allow_external_refs, replace))


@command.command(name="lint")
@click.argument("version", required=False)
@_api_option
@click.pass_context
def lint_versions(context: click.Context, version: str | None, api: str) -> None:
    """Check VERSION, or all, against OpenAPI and our rules.

    The exit code is 1 when there are problems.
    """
    console = _console()
    versions = (
        [version] if version else [entry.version for entry in load_catalog(store_directory()).known_versions(api)]
    )
    total = 0
    for listed in versions:
        specification = load_specification(listed, api, operations_suffice=True)
        problems = list(lint(specification))
        total += len(problems)
        is_vendors = specification.document["x-provenance"] == Provenance.VENDOR
        kind = "defect of the vendor's own document" if is_vendors else "problem"
        console.print(f"{api} {listed}: {_counted(len(problems), kind)}")
        for problem in problems:
            console.print(f"  [yellow]{problem.rule}[/yellow] {escape(problem.message)}", soft_wrap=True)
    if total:
        context.exit(ExitCode.VIOLATION)


def _counted(number: int, kind: str) -> str:
    """`no problems`, `1 problem`, `2 defects of the vendor's own document`."""
    noun, _, rest = kind.partition(" ")
    return f"{counted_in_words(number, noun)} {rest}".strip()


def _console() -> Console:
    """A console that does not fold lines for a reader that is a program."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH_FOR_PROGRAMS)


def _find_operation(specification: Specification, name: str) -> Operation:
    wanted = " ".join(name.split()).lower()
    for operation in specification.operations:
        if wanted in (operation.label.lower(), operation.operation_id.lower()):
            return operation
    near = [operation.label for operation in specification.operations if wanted in operation.label.lower()]
    hint = did_you_mean(
        name,
        (known for operation in specification.operations for known in (operation.label, operation.operation_id)),
        f"`conform specs show {specification.version}` lists them",
    )
    hint = f"did you mean {near[0]}?" if near else hint
    raise ConfigurationError(f"{specification.api} {specification.version} has no operation {name!r}; {hint}")


def _import(source: str, version: str | None, api: str, allow_external_refs: bool, replace: bool) -> ImportResult:
    return import_document(
        source,
        store=store_directory(),
        api=api,
        version=version,
        allow_external_references=allow_external_refs,
        replace=replace,
        writable_store=own_store_directory,
    )


def _print_import(done: ImportResult) -> None:
    console = _console()
    entry, changes = done.entry, done.changes
    console.print(
        f"{entry.api} {entry.version} is now the vendor's own document, with {counted(done.operations, 'operation')}."
    )
    if done.compared_with is None:
        console.print("There is no version to compare it with.")
        return
    other = done.compared_with
    ours = "" if other.provenance is Provenance.VENDOR else f" ({other.provenance})"
    console.print(f"Against {other.api} {other.version}{ours}:")
    for title, labels in (
        ("added", changes.added),
        ("removed", changes.removed),
        ("newly deprecated", changes.deprecated),
        ("changed", changes.changed),
    ):
        console.print(f"  {len(labels)} {title}")
        for label in labels[:_MAXIMUM_LABELS]:
            console.print(f"    {escape(label)}")
        if len(labels) > _MAXIMUM_LABELS:
            console.print(f"    and {len(labels) - _MAXIMUM_LABELS} more")
