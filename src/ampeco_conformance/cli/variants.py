"""`./conform selftest --variants`: the scenarios against correct servers that behave differently; nothing may fail."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.emulator_client.process import NamedBehaviour
from ampeco_conformance.reporting.results import ITEMS, read_results
from ampeco_conformance.reporting.selftest import HEALTHY, folder_of
from ampeco_conformance.reporting.variants import VariantResult, variant_result, variants_table, write_variants

_WIDTH = 160
#: Runs the scenarios of an API with variants, after the control; returns whether that was interrupted.
RunVariants = Callable[[str, Sequence[str]], bool]


def try_variants(
    chosen: Sequence[NamedBehaviour], versions: dict[str, str], reports: Path, run: RunVariants
) -> ExitCode:
    """Run the scenarios with each variant; a violation when one fails. `versions` are those of the APIs."""
    results: list[VariantResult] = []
    interrupted = False
    click.echo(f"Running the scenarios with {len(chosen)} variants of the emulator")
    for api in versions:
        tried = [variant for variant in chosen if variant.api == api]
        if tried and not interrupted:
            interrupted = run(api, [variant.name for variant in tried])
            control = _results(reports, HEALTHY)
            results += [
                variant_result(variant.name, variant.area, variant.meaning, _results(reports, variant.name), control)
                for variant in tried
            ]
    Console(width=_WIDTH).print(variants_table(results))
    verdict = f"{sum(result.is_expected for result in results)} of {len(chosen)} variants without a failure"
    click.echo(verdict)
    tested = ", ".join(f"{api} {version}" for api, version in versions.items() if any(v.api == api for v in chosen))
    write_variants(results, f"{datetime.now(UTC):%Y-%m-%d}, {tested}: {verdict}.", reports)
    if interrupted:
        return ExitCode.INTERRUPTED
    is_kept = len(results) == len(chosen) and all(result.is_expected for result in results)
    return ExitCode.CONFORM if is_kept else ExitCode.VIOLATION


def _results(reports: Path, name: str) -> list[ItemResult]:
    folder = folder_of(reports, name)
    return read_results(folder) if (folder / ITEMS).exists() else []
