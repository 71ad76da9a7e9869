"""`conform changelog`: release notes, version by version."""

import itertools

import click

from ampeco_conformance.cli.comparing import FAIL_ON, ComparisonSettings, comparing, exit_code, write
from ampeco_conformance.compatibility.rendering import RENDERERS
from ampeco_conformance.core.errors import ConfigurationError
from ampeco_conformance.specs import load_catalog, store_directory

_IN_ONE_FILE = ("text", "markdown", "github")
"""Formats of which several reports can follow one another in one file."""


@click.command(name="changelog", context_settings={"max_content_width": 110})
@click.argument("versions", metavar="[A] B", nargs=-1, required=True)
@click.option("--since", metavar="VERSION", help="Instead of A: every version from this one on, one after the other.")
@click.option("--fail-on", type=click.Choice(list(FAIL_ON)), default="never", show_default=True, help="What exits 1.")
@comparing
def command(settings: ComparisonSettings, versions: tuple[str, ...], since: str | None, fail_on: str) -> int:
    """Write release notes from A to B, or, with --since, for every version up to B."""
    if len(versions) != (2 if since is None else 1):
        raise ConfigurationError("name A and B, or B and --since VERSION")
    if since is None:
        report = settings.compare(*versions)
        settings.show(report)
        return exit_code(report, FAIL_ON[fail_on])
    if settings.form not in _IN_ONE_FILE:
        raise ConfigurationError(f"--since writes {', '.join(_IN_ONE_FILE)}; for {settings.form} name A and B")
    steps = itertools.pairwise(_versions(settings.api, since, versions[0]))
    reports = [settings.compare(*pair) for pair in steps]
    shown = [RENDERERS[settings.form](report) for report in reversed(reports) if report.groups]
    write("\n".join(shown) or f"no changes from {since} to {versions[0]}\n", settings.output)
    return max(exit_code(report, FAIL_ON[fail_on]) for report in reports)


def _versions(api: str, first: str, last: str) -> list[str]:
    """The versions of the catalog from one to another, both included. Raises ConfigurationError."""
    catalog = load_catalog(store_directory())
    versions = [entry.version for entry in catalog.known_versions(api)]
    start, end = (versions.index(catalog.find(api, version).version) for version in (first, last))
    if start >= end:
        raise ConfigurationError(f"{first} is not before {last} in the catalog of {api}")
    return versions[start : end + 1]
