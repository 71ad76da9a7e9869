"""`conform matrix`: all pairs of versions."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from ampeco_conformance.cli.comparing import write
from ampeco_conformance.cli.options import declared
from ampeco_conformance.compatibility.inputs import load_contract
from ampeco_conformance.compatibility.matrix import compare_all, operation_timelines
from ampeco_conformance.compatibility.policy import load_policy
from ampeco_conformance.compatibility.rendering.matrix import heat_map, matrix_page, timeline_chart
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.pages import render_picture
from ampeco_conformance.plugin.option_table import API, POLICY
from ampeco_conformance.specs import load_catalog, store_directory


@click.command(name="matrix", context_settings={"max_content_width": 110})
@declared(replace(API, help="The API whose versions are compared."))
@declared(POLICY)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("reports/matrix"),
    show_default=True,
    metavar="DIR",
    help="Folder for matrix.html, matrix.svg and operations.svg.",
)
def command(api: str, policy: str | None, output: Path) -> None:
    """Compare every version with every other: a heat map of breaking changes, and the timeline of every operation."""
    judged_by = load_policy(policy, api)
    catalog = load_catalog(store_directory())
    versions = [entry.version for entry in catalog.versions(api)]
    contracts = [load_contract(version, api) for version in versions]
    with click.progressbar(length=len(versions), label="Comparing versions", file=sys.stderr) as progress:
        matrix = compare_all(versions, contracts, judged_by, lambda _version: progress.update(1))
    known = [entry.version for entry in catalog.known_versions(api)]
    lines = operation_timelines([load_contract(version, api) for version in known])
    write(matrix_page(matrix, known, lines), output / "matrix.html")
    write(render_picture(heat_map(matrix)), output / "matrix.svg")
    write(render_picture(timeline_chart(known, lines)), output / "operations.svg")
    pairs = [cell for row in matrix.cells for cell in row]
    broken = sum(cell.breaking > 0 for cell in pairs)
    click.echo(
        f"{counted(len(versions), 'version')}, {counted(len(pairs), 'pair')}, {broken} with breaking changes: "
        f"{output}/matrix.html"
    )
