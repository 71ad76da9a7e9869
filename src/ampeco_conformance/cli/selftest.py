"""`./conform selftest`: runs the suite against every defect of the emulator, each until it is found."""

import os
import shutil
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from ampeco_conformance.apis import DEFAULT_API
from ampeco_conformance.cli.mutations import report_on_mutations
from ampeco_conformance.cli.options import declared
from ampeco_conformance.cli.pytest_process import run_quietly
from ampeco_conformance.cli.variants import try_variants
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError, ExitCode
from ampeco_conformance.core.project import COMMAND, SUITE, suite_arguments
from ampeco_conformance.core.suggestions import did_you_mean
from ampeco_conformance.emulator_client.mutations import DrawnMutation, drawn_mutations
from ampeco_conformance.emulator_client.process import NamedBehaviour, listed_defects, listed_variants
from ampeco_conformance.plugin.option_arguments import arguments as option_arguments
from ampeco_conformance.plugin.option_table import OPERATION, REPORTS
from ampeco_conformance.plugin.option_values import Option, count, integer
from ampeco_conformance.plugin.selection import matches, no_match
from ampeco_conformance.plugin.selftest_options import SELFTEST
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
from ampeco_conformance.specs import DEFAULT_VERSIONS, Specification, load_specification

_API = DEFAULT_API
_CONTROL = NamedBehaviour(HEALTHY, "control", "")
#: More mutations than a version has.
_EVERY = 10**6
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
@declared(
    replace(
        OPERATION,
        help="Only with the items of operations whose 'METHOD /path', operationId or tag matches, such as "
        "'*/sessions/*', and the scenarios that touch one of them; mutations are drawn from these; repeatable.",
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
    operation: tuple[str, ...],
    workers: int,
    time_limit: float,
    mutations: int | None,
    variants: bool,
    variant: tuple[str, ...],
    seed: int,
    reports: Path,
) -> int:
    """Run the suite against every defect of the emulator and show what found it; exit 1 when a defect is not found.

    Each run stops at its first finding. Tests that fit the class of the defect come first, but no test is left out
    unless --operation does so.
    """
    kinds = {"--defect": defect, "--mutations": mutations, "--variants or --variant": variants or variant}
    if len(given := [name for name, value in kinds.items() if value]) > 1:
        raise ConfigurationError(f"{' and '.join(given)} are different self-tests; give one of them")
    versions = DEFAULT_VERSIONS | {_API: api_version}
    specifications = {api: load_specification(version, api) for api, version in versions.items()}
    sessions = _Sessions(versions, operation, workers, time_limit, reports)
    if mutations is not None:
        drawn = _drawn(specifications[_API], operation, mutations, seed)
        sessions.clear()
        click.echo(f"Trying {len(drawn)} mutations on the emulator of {_API} {api_version}, {workers} at a time")
        was_interrupted = sessions.run(_API, [item.name for item in drawn])
        code = report_on_mutations(drawn, specifications[_API], reports)
        return ExitCode.INTERRUPTED if was_interrupted else code
    if variants or variant:
        chosen = _chosen("variant", listed_variants(), variant, specifications, operation)
        sessions.clear()
        return try_variants(chosen, versions, reports, sessions.run_variants)
    listed = [_CONTROL, *listed_defects()]
    chosen = _chosen("defect", listed, defect, specifications, operation)
    sessions.clear()
    return _try_defects(chosen, sessions)


@dataclass(frozen=True)
class _Sessions:
    """The test sessions of a selftest: one for each API."""

    versions: Mapping[str, str]
    patterns: Sequence[str]
    workers: int
    time_limit: float
    reports: Path

    def clear(self) -> None:
        """Delete what an earlier selftest left."""
        shutil.rmtree(self.reports / "selftest", ignore_errors=True)

    def run(self, api: str, names: Sequence[str], variants: Sequence[str] = ()) -> bool:
        """Run the suite against defects of one API, or its scenarios with variants; whether it was interrupted."""
        (self.reports / SELFTEST_FILE).unlink(missing_ok=True)
        selection = suite_arguments(SUITE[1:]) if variants else [*suite_arguments(), "--maxfail=1"]
        target = ["--api", api, "--api-version", self.versions[api]]
        arguments = [*selection, "--capture=no", *target, *OPERATION.words(self.patterns), *REPORTS.words(self.reports)]
        given = Namespace(
            selftest_defect=names,
            selftest_variant=variants,
            selftest_workers=self.workers,
            selftest_limit=self.time_limit,
        )
        words = [*arguments, *option_arguments(SELFTEST, given)]
        return run_quietly(words, progress="ampeco_conformance.plugin.selftest")[1]

    def run_variants(self, api: str, names: Sequence[str]) -> bool:
        """Run the scenarios of one API with variants, after its control; whether it was interrupted."""
        shutil.rmtree(folder_of(self.reports, HEALTHY), ignore_errors=True)
        return self.run(api, [HEALTHY], names)


def _chosen(
    what: str,
    listed: Sequence[NamedBehaviour],
    names: Sequence[str],
    specifications: Mapping[str, Specification],
    patterns: Sequence[str],
) -> list[NamedBehaviour]:
    """Those with the names, else all whose API has a selected operation. Raises ConfigurationError."""
    known = {item.name: item for item in listed}
    # Those with parameters are checked by the emulator.
    unknown = [name for name in names if ":" not in name and name not in known]
    if unknown:
        hint = did_you_mean(unknown[0], known, f"{COMMAND} emulator --list-{what}s lists them")
        raise ConfigurationError(f"unknown {what} {unknown[0]!r}; {hint}")
    chosen = [known.get(name) or NamedBehaviour(name, "", "") for name in dict.fromkeys(names)] or listed
    selected = [item for item in chosen if not patterns or _has_match(specifications[item.api], patterns)]
    if len(selected) < len(chosen) and (names or not selected):
        without = next(item for item in chosen if item not in selected)
        raise ConfigurationError(no_match(specifications[without.api], patterns))
    return selected


def _has_match(specification: Specification, patterns: Sequence[str]) -> bool:
    return any(matches(operation, patterns) for operation in specification.operations)


def _drawn(specification: Specification, patterns: Sequence[str], number: int, seed: int) -> list[DrawnMutation]:
    """So many mutations that leave the schema, and as many that keep it, of the selected operations."""
    if not patterns:
        return drawn_mutations(_API, specification.version, number, seed)
    if not _has_match(specification, patterns):
        raise ConfigurationError(no_match(specification, patterns))
    every = drawn_mutations(_API, specification.version, _EVERY, seed)
    selected = [item for item in every if matches(specification.operation(item.operation), patterns)]
    of_kind = ([item for item in selected if item.keeps_schema is keeps] for keeps in (False, True))
    return [item for kind in of_kind for item in kind[:number]]


def _try_defects(chosen: Sequence[NamedBehaviour], sessions: _Sessions) -> ExitCode:
    """Try the defects, and show and write what found them; a violation when one was not found."""
    reports, head = sessions.reports, f"{_API} {sessions.versions[_API]}"
    click.echo(f"Trying {counted(len(chosen), 'defect')} on the emulator of {head}, {sessions.workers} at a time")
    results: list[DefectResult] = []
    interrupted = False
    for api in sessions.versions:
        tried = [defect.name for defect in chosen if defect.api == api]
        if tried and not interrupted:
            interrupted = sessions.run(api, tried)
            results += read_selftest(reports) if (reports / SELFTEST_FILE).exists() else []
    write_selftest(results, reports)

    names = [defect.name for defect in chosen]
    results.sort(key=lambda result: names.index(result.defect))
    Console(width=_WIDTH).print(selftest_table(results))
    wrong = [result.defect for result in results if not result.is_expected]
    found = sum(result.is_expected for result in results if result.defect != HEALTHY)
    verdict = f"{found} of {counted(sum(name != HEALTHY for name in names), 'defect')} found"
    click.echo(verdict)
    summary = f"{datetime.now(UTC):%Y-%m-%d}, {head}: {verdict}."
    (reports / "selftest.md").write_text(f"{summary}\n\n{selftest_markdown(results)}", encoding="utf-8")
    if interrupted:
        return ExitCode.INTERRUPTED
    if len(results) < len(names):
        click.echo(f"conform: the test process ended after {len(results)} of {counted(len(names), 'defect')}", err=True)
    return ExitCode.VIOLATION if wrong or len(results) < len(names) else ExitCode.CONFORM
