"""`conform watch NEWEST --last FILE`: reports what is new in a vendor's document, if it concerns you."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from ampeco_conformance.cli.comparing import usage_in, write
from ampeco_conformance.cli.options import declared
from ampeco_conformance.compatibility.contracts import ContractDocument
from ampeco_conformance.compatibility.conventions import brought_together
from ampeco_conformance.compatibility.impact import Impact, ImpactLevel
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering import RENDERERS
from ampeco_conformance.compatibility.report import ComparisonReport, compare
from ampeco_conformance.compatibility.rules import ChangeSeverity
from ampeco_conformance.compatibility.usage import Usage
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.plugin.option_table import API, POLICY, USAGE
from ampeco_conformance.specs.caching import write_atomically
from ampeco_conformance.specs.fetching import fetch, public_name
from ampeco_conformance.specs.reading import parse_document
from ampeco_conformance.specs.validation import check_document

_FILE = click.Path(dir_okay=False, path_type=Path)
_DEPRECATED = Impact(ImpactLevel.MAY_BREAK, "you use it; it works until it is removed")


@click.command(name="watch", context_settings={"max_content_width": 110})
@click.argument("newest", metavar="FILE|URL")
@click.option(
    "--last", type=_FILE, required=True, metavar="FILE", help="The document of last time; replaced by the newest."
)
@declared(USAGE)
@declared(API)
@declared(POLICY)
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Markdown file for what concerns you; else stdout.")
def command(newest: str, last: Path, usage: Path | None, api: str, policy: str | None, output: Path | None) -> int:
    """Compare the newest document of a vendor with that of last time, and report what concerns your traffic.

    Exit code 1: something does, a deprecation of what you use included. The first time the document is only kept.
    """
    name = public_name(newest)
    content = fetch(newest)
    document = parse_document(content, name)
    check_document(document, name)
    used = usage_in(usage) if usage else None
    if not last.exists():
        _keep(content, last)
        click.echo(f"{name} is kept as {last}; from now on it is compared with what comes next")
        return ExitCode.CONFORM
    sides = ContractDocument(str(last), parse_document(fetch(str(last)), str(last))), ContractDocument(name, document)
    report = compare(*brought_together(api, *sides), load_policy(policy, api), usage=used)
    concerning = _with_deprecations(report.only(list(_concerning(report, used))))
    versions = f"{sides[0].version} -> {sides[1].version}"
    if concerning.groups:
        write(RENDERERS["markdown"](concerning), output)
        click.echo(
            f"{versions}: {len(concerning.groups)} of {counted(len(report.groups), 'change')} concern you", err=True
        )
    else:
        click.echo(f"{versions}: none of {counted(len(report.groups), 'change')} concerns you")
    _keep(content, last)
    return ExitCode.VIOLATION if concerning.groups else ExitCode.CONFORM


def _concerning(report: ComparisonReport, usage: Usage | None) -> Iterator[int]:
    """The indexes of the groups that concern a caller: everything that is not safe, when the traffic is not known."""
    for index, group in enumerate(report.groups):
        is_deprecation = any(change.rule.endswith("-deprecated") for change in group.changes)
        if is_deprecation:
            operations = {change.operation for change in group.changes}
            concerns = usage is None or any(usage.of(operation) is not None for operation in operations)
        elif usage is None:
            concerns = group.severity is not ChangeSeverity.SAFE
        else:
            concerns = report.impacts[index].level is not ImpactLevel.NONE
        if concerns:
            yield index


def _with_deprecations(concerning: ComparisonReport) -> ComparisonReport:
    """The report, in which what is safe concerns the caller all the same: it is a deprecation of what is used."""
    impacts = (_DEPRECATED if impact.level is ImpactLevel.NONE else impact for impact in concerning.impacts)
    return replace(concerning, impacts=tuple(impacts))


def _keep(content: bytes, last: Path) -> None:
    try:
        last.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(last, content)
    except OSError as error:
        raise ConfigurationError(f"{last} cannot be written: {error.strerror}") from error
