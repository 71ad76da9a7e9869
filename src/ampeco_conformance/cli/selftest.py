"""`./conform selftest`: runs the suite against every defect of the emulator, each until it is found."""

import os
import shutil
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from ampeco_conformance.apis import DEFAULT_API
from ampeco_conformance.cli.mutations import report_on_mutations
from ampeco_conformance.cli.options import declared
from ampeco_conformance.cli.pytest_process import run_quietly
from ampeco_conformance.cli.variants import try_variants
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.project import COMMAND, SUITE, suite_arguments
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.emulator_client.mutations import drawn_mutations
from ampeco_conformance.emulator_client.process import listed_defects
from ampeco_conformance.plugin.option_arguments import arguments as option_arguments
from ampeco_conformance.plugin.option_table import REPORTS, SELFTEST
from ampeco_conformance.plugin.option_values import Option, count, integer
from ampeco_conformance.reporting.selftest import (
    HEALTHY,
    SELFTEST_FILE,
    DefectResult,
    folder_of,
    read_selftest,
    selftest_markdown,
    selftest_table,
    write_selftest,
)
from ampeco_conformance.specs import DEFAULT_VERSIONS, load_specification

_API = DEFAULT_API
_WIDTH = 140
_DEFECT, _VARIANT, _WORKERS, _LIMIT = SELFTEST


@click.command(context_settings={"max_content_width": 110})
@click.option("--api-version", default=DEFAULT_VERSIONS[_API], show_default=True, metavar="VERSION")
@declared(
    replace(
        _DEFECT,
        name="--defect",
        help=f"Only this defect; repeatable. `{HEALTHY}` is the control without a defect (default: all of them).",
    )
)
@declared(replace(_WORKERS, name="--workers", run_name=None, default=os.cpu_count() or 1))
@declared(replace(_LIMIT, name="--time-limit"))
@declared(
    Option(
        name="--mutations",
        parse=count,
        metavar="N",
        help="Instead of defects, try N random mutations of responses that leave the schema, and N that keep it.",
    )
)
@click.option(
    "--variants",
    is_flag=True,
    help="Instead of defects, run the scenarios with each variant of the emulator, where nothing may fail.",
)
@declared(replace(_VARIANT, name="--variant", help="Only this variant; repeatable (default: all of them)."))
@declared(Option(name="--seed", parse=integer, default=0, metavar="S", help="Seed of the mutations."))
@declared(replace(REPORTS, help="Folder for selftest.json, selftest.md and the reports per defect."))
def command(
    api_version: str,
    defect: tuple[str, ...],
    workers: int,
    time_limit: float,
    mutations: int | None,
    variants: bool,
    variant: tuple[str, ...],
    seed: int,
    reports: Path,
) -> int:
    """Run the suite against every defect of the emulator and show what found it; exit 1 when a defect is not found.

    Each run stops at its first finding. Tests that fit the class of the defect come first, but no test is left out.
    """
    kinds = {"--defect": defect, "--mutations": mutations, "--variants or --variant": variants or variant}
    if len(given := [name for name, value in kinds.items() if value]) > 1:
        raise ConfigurationError(f"{' and '.join(given)} are different self-tests; give one of them")
    specification = load_specification(api_version, _API)
    if mutations is not None:
        drawn = drawn_mutations(_API, api_version, mutations, seed)
        shutil.rmtree(reports / "selftest", ignore_errors=True)
        click.echo(f"Trying {len(drawn)} mutations on the emulator of {_API} {api_version}, {workers} at a time")
        was_interrupted = _try([item.name for item in drawn], _API, api_version, workers, time_limit, reports)
        code = report_on_mutations(drawn, specification, reports)
        return ExitCode.INTERRUPTED if was_interrupted else code
    if variants or variant:
        shutil.rmtree(reports / "selftest", ignore_errors=True)
        versions = {_API: api_version} | {api: version for api, version in DEFAULT_VERSIONS.items() if api != _API}

        def run(api: str, names: Sequence[str]) -> bool:
            # Each API has a control of its own.
            shutil.rmtree(folder_of(reports, HEALTHY), ignore_errors=True)
            return _try([HEALTHY], api, versions[api], workers, time_limit, reports, names)

        return try_variants(variant, versions, reports, run)
    areas = {HEALTHY: "control"} | {defect.name: defect.area for defect in listed_defects()}
    names = tuple(dict.fromkeys(defect)) or tuple(areas)
    # Defects with parameters are checked by the emulator.
    for name in names:
        if ":" not in name and name not in areas:
            hint = did_you_mean(name, areas, f"{COMMAND} emulator --list-defects lists them")
            raise ConfigurationError(f"unknown defect {name!r}; {hint}")
    shutil.rmtree(reports / "selftest", ignore_errors=True)
    click.echo(f"Trying {len(names)} defects on the emulator of {_API} {api_version}, {workers} at a time")
    results: list[DefectResult] = []
    interrupted = False
    for api, version in (DEFAULT_VERSIONS | {_API: api_version}).items():
        # The class of a defect of another API is the name of that API.
        tried = [name for name in names if (api == _API) == (areas.get(name) not in DEFAULT_VERSIONS)]
        if tried and not interrupted:
            interrupted = _try(tried, api, version, workers, time_limit, reports)
            results += read_selftest(reports) if (reports / SELFTEST_FILE).exists() else []
    write_selftest(results, reports)

    results.sort(key=lambda result: names.index(result.defect))
    Console(width=_WIDTH).print(selftest_table(results))
    wrong = [result.defect for result in results if not result.is_expected]
    found = sum(result.is_expected for result in results if result.defect != HEALTHY)
    verdict = f"{found} of {sum(name != HEALTHY for name in names)} defects found"
    click.echo(verdict)
    head = f"{datetime.now(UTC):%Y-%m-%d}, {_API} {api_version}: {verdict}."
    (reports / "selftest.md").write_text(f"{head}\n\n{selftest_markdown(results)}", encoding="utf-8")
    if interrupted:
        return ExitCode.INTERRUPTED
    if len(results) < len(names):
        click.echo(f"conform: the test process ended after {len(results)} of {len(names)} defects", err=True)
    return ExitCode.VIOLATION if wrong or len(results) < len(names) else ExitCode.CONFORM


def _try(
    names: list[str],
    api: str,
    version: str,
    workers: int,
    time_limit: float,
    reports: Path,
    variants: Sequence[str] = (),
) -> bool:
    """Run the suite against defects of one API, or its scenarios with variants; returns whether it was interrupted."""
    (reports / SELFTEST_FILE).unlink(missing_ok=True)
    selection = suite_arguments(SUITE[1:]) if variants else [*suite_arguments(), "--maxfail=1"]
    arguments = [*selection, "--capture=no", "--api", api, "--api-version", version, *REPORTS.words(reports)]
    given = Namespace(
        selftest_defect=names, selftest_variant=variants, selftest_workers=workers, selftest_limit=time_limit
    )
    return run_quietly(arguments + option_arguments(SELFTEST, given), progress="ampeco_conformance.plugin.selftest")[1]
