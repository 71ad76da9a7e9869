"""`./conform selftest --variants`: the scenarios against correct servers that behave differently; nothing may fail."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.core.project import COMMAND
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.emulator_client.process import listed_variants
from ampeco_conformance.reporting.results import ITEMS, read_results
from ampeco_conformance.reporting.selftest import HEALTHY, folder_of
from ampeco_conformance.reporting.variants import VariantResult, variant_result, variants_table, write_variants

_WIDTH = 160
#: Runs the scenarios of an API with variants, after the control; returns whether that was interrupted.
RunVariants = Callable[[str, Sequence[str]], bool]


def try_variants(names: Sequence[str], versions: dict[str, str], reports: Path, run: RunVariants) -> ExitCode:
    """Run the scenarios with each variant; a violation when one fails. `versions` are those of the APIs."""
    listed = listed_variants()
    known = {variant.name for variant in listed}
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known, f"{COMMAND} emulator --list-variants lists them")
            raise ConfigurationError(f"unknown variant {name!r}; {hint}")
    chosen = [variant for variant in listed if not names or variant.name in names]
    results: list[VariantResult] = []
    interrupted = False
    click.echo(f"Running the scenarios with {len(chosen)} variants of the emulator")
    default = next(iter(versions))
    for api in versions:
        # The class of a variant of another API is the name of that API.
        tried = [variant for variant in chosen if (variant.area if variant.area in versions else default) == api]
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
    write_variants(results, f"{datetime.now(UTC):%Y-%m-%d}, {_names(versions, results)}: {verdict}.", reports)
    if interrupted:
        return ExitCode.INTERRUPTED
    is_kept = len(results) == len(chosen) and all(result.is_expected for result in results)
    return ExitCode.CONFORM if is_kept else ExitCode.VIOLATION


def _results(reports: Path, name: str) -> list[ItemResult]:
    folder = folder_of(reports, name)
    return read_results(folder) if (folder / ITEMS).exists() else []


def _names(versions: dict[str, str], results: Sequence[VariantResult]) -> str:
    areas = {result.area for result in results}
    default = next(iter(versions))
    return ", ".join(f"{api} {version}" for api, version in versions.items() if api in areas or api == default)
