"""`./conform detect`: which API version does a target serve?"""

from collections.abc import Iterable

import click

from ampeco_conformance.cli.options import target_options
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.http.client_factory import connect
from ampeco_conformance.plugin.option_table import TargetOptions
from ampeco_conformance.probe.probe import probe
from ampeco_conformance.probe.version_detection import Confidence, detect
from ampeco_conformance.specs import (
    CatalogEntry,
    Provenance,
    Specification,
    load_catalog,
    load_specification,
    store_directory,
)
from ampeco_conformance.target.configuration import Target

_PATHS_BEFORE_A_RUN = 12


@click.command(context_settings={"max_content_width": 110})
@target_options
def command(target_options: TargetOptions) -> int:
    """Tell which API version a target serves, how sure that is, and what it was concluded from.

    Some dozens of GET requests are sent, with ids that no resource has. Exit code 4 when it is a mere guess.
    """
    if not target_options.names_a_target:
        raise ConfigurationError("name the target by --tenant or --base-url")
    target = target_options.resolve()
    entries = load_catalog(store_directory()).versions(target.api)
    click.echo(f"Asking {target.base_url} ...", err=True)
    probe(target, load_specification(target.api_version, target.api))
    specifications = [load_specification(entry.version, target.api) for entry in entries]
    with connect(target) as client:
        found = detect(client, specifications, documented(entries))
    click.echo(f"{target.api} {found.version} (confidence: {found.confidence})")
    others = [version for version in found.candidates if version != found.version]
    if others:
        click.echo(f"fits as well: {', '.join(others)}")
    for line in found.evidence:
        click.echo(line)
    return ExitCode.TOO_LITTLE_TESTED if found.confidence is Confidence.LOW else ExitCode.CONFORM


def warning(target: Target, specification: Specification) -> str | None:
    """What to tell before a run when the target seems to serve another version than the one tested; None when not.

    Only the documented versions are compared, by a few paths.
    """
    entries = load_catalog(store_directory()).versions(target.api)
    names = [entry.version for entry in entries if entry.version in (*documented(entries), target.api_version)]
    specifications = [
        specification if name == target.api_version else load_specification(name, target.api) for name in names
    ]
    if len(specifications) == 1:
        return None
    with connect(target) as client:
        found = detect(client, specifications, documented(entries), _PATHS_BEFORE_A_RUN)
    if target.api_version in found.candidates or found.confidence is Confidence.LOW:
        return None
    return (
        f"{target.name} seems to serve {found.version}, not {target.api_version} (confidence: {found.confidence}); "
        f"./conform detect tells why, --api-version {found.version} tests that version"
    )


def documented(entries: Iterable[CatalogEntry]) -> list[str]:
    """The versions whose contract is published, not concluded from others."""
    return [entry.version for entry in entries if entry.provenance is not Provenance.INFERRED]
