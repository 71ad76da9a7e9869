"""`conform changelog`: release notes, version by version."""

import itertools

import click

from ampeco_conformance.cli.comparing import FAIL_ON, ComparisonSettings, comparing, exit_code, write
from ampeco_conformance.compatibility.release_notes import release_notes
from ampeco_conformance.compatibility.rendering import RENDERERS
from ampeco_conformance.compatibility.rendering.release_notes import NOTES
from ampeco_conformance.compatibility.report import ComparisonReport
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_catalog, store_directory

_IN_ONE_FILE = (*NOTES, "github")
"""Formats of which several steps can follow one another in one file."""


@click.command(name="changelog", context_settings={"max_content_width": 110})
@click.argument("versions", metavar="[A] B", nargs=-1, required=True)
@click.option("--since", metavar="VERSION", help="Instead of A: every version after the one you read about last.")
@click.option("--fail-on", type=click.Choice(list(FAIL_ON)), default="never", show_default=True, help="What exits 1.")
@comparing
def command(settings: ComparisonSettings, versions: tuple[str, ...], since: str | None, fail_on: str) -> int:
    """Write release notes from A to B, or, with --since, for every version up to B.

    By resource: what is new, what breaks with what to do, what is deprecated until when. JSON, JUnit and GitHub formats
    are those of `diff`.
    """
    if len(versions) != (2 if since is None else 1):
        raise ConfigurationError("name A and B, or B and --since VERSION")
    if since is None:
        report = settings.compare(*versions)
        write(_rendered(settings, [report]), settings.output)
        return exit_code(report, FAIL_ON[fail_on])
    if settings.form not in _IN_ONE_FILE:
        raise ConfigurationError(f"--since writes {', '.join(_IN_ONE_FILE)}; for {settings.form} name A and B")
    known = _versions(settings.api, since, versions[0])
    reports = [settings.compare(*pair) for pair in itertools.pairwise(known)]
    changed = [report for report in reversed(reports) if report.groups]
    text = _rendered(settings, changed) if changed else f"no changes from {since} to {versions[0]}\n"
    write(text, settings.output)
    return max(exit_code(report, FAIL_ON[fail_on]) for report in reports)


def _rendered(settings: ComparisonSettings, reports: list[ComparisonReport]) -> str:
    """Reports as release notes, where the format has any."""
    if settings.form in NOTES:
        return NOTES[settings.form]([release_notes(report) for report in reports])
    return "\n".join(RENDERERS[settings.form](report) for report in reports)


def _versions(api: str, first: str, last: str) -> list[str]:
    """The versions of the catalog from one to another, both included. Raises ConfigurationError."""
    catalog = load_catalog(store_directory())
    versions = [entry.version for entry in catalog.known_versions(api)]
    start, end = (versions.index(catalog.find(api, version).version) for version in (first, last))
    if start >= end:
        raise ConfigurationError(f"{first} is not before {last} in the catalog of {api}")
    return versions[start : end + 1]
