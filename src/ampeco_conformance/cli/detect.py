"""`./conform detect`: detects the API version of a target."""

from collections.abc import Iterable

import click

from ampeco_conformance.cli.options import target_options
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.http.client_factory import connect
from ampeco_conformance.plugin.target_options import TargetOptions
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
from ampeco_conformance.specs.catalog import version_key
from ampeco_conformance.target.configuration import Target

_PATHS_BEFORE_A_RUN = 12


@click.command(context_settings={"max_content_width": 110})
@target_options
def command(target_options: TargetOptions) -> int:
    """Detect the API version of a target, with the confidence and the evidence.

    Sends a few dozen GET requests with ids that do not exist. Exit code 4 when the confidence is low.
    """
    if not target_options.names_a_target:
        raise ConfigurationError("name the target with --tenant or --base-url")
    target = target_options.resolve()
    entries = load_catalog(store_directory()).known_versions(target.api)
    click.echo(f"Asking {target.base_url} ...", err=True)
    probe(target, load_specification(target.api_version, target.api))
    specifications = [load_specification(entry.version, target.api, operations_suffice=True) for entry in entries]
    with connect(target) as client:
        found = detect(client, specifications, documented(entries))
    bound = f", before {found.below}" if found.below else ""
    click.echo(f"{target.api} {found.version}{bound} (confidence: {found.confidence})")
    others = [version for version in found.candidates if version != found.version]
    if others:
        click.echo(f"also possible: {', '.join(others)}")
    for line in found.evidence:
        click.echo(line)
    return ExitCode.TOO_LITTLE_TESTED if found.confidence is Confidence.LOW else ExitCode.CONFORM


def warning(target: Target, specification: Specification) -> str | None:
    """A warning before a run when the target seems to serve another version than the one tested, else None.

    Compares only the documented versions, by a few paths.
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
        f"{target.name} seems to serve {found.version} (confidence: {found.confidence}), and is tested by the contract "
        f"of {target.api_version}; {COMMAND} detect shows the evidence, --api-version {found.version} tests the other"
    )


def serves_older(target: Target, old: str, new: str) -> str | None:
    """A line when the target certainly serves the old one of two versions and not the new one, else None."""
    versions = sorted((old, new), key=version_key)
    specifications = [load_specification(version, target.api, operations_suffice=True) for version in versions]
    with connect(target) as client:
        found = detect(client, specifications, (), _PATHS_BEFORE_A_RUN)
    if new in found.candidates or found.version == new or found.confidence is Confidence.LOW:
        return None
    served = f"{found.version} or older, not {new} yet"
    return f"{target.name} serves {served}; ask a target that has been upgraded, or --emulator"


def documented(entries: Iterable[CatalogEntry]) -> list[str]:
    """The versions whose specification is published, not inferred from other versions."""
    return [entry.version for entry in entries if entry.provenance is not Provenance.INFERRED]
