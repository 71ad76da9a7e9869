"""`./conform selftest --mutations N`: what became of random mutations of the emulator's responses."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from ampeco_conformance.contract.responses import contract_of
from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.emulator_client.mutations import DrawnMutation
from ampeco_conformance.reporting.mutations import (
    MISSED,
    mutation_results,
    mutations_table,
    summary,
    write_mutations,
)
from ampeco_conformance.reporting.selftest import SELFTEST_FILE, read_selftest
from ampeco_conformance.reporting.unknowable import Knowledge
from ampeco_conformance.specs import Specification

_WIDTH = 160


def report_on_mutations(mutations: Sequence[DrawnMutation], specification: Specification, reports: Path) -> ExitCode:
    """Show and write what found the mutations; a violation when one that can be known was not found, or not tried."""
    tried = read_selftest(reports) if (reports / SELFTEST_FILE).exists() else []
    results = mutation_results(mutations, tried, Knowledge(contract_of(specification)).why_unknowable)
    Console(width=_WIDTH).print(mutations_table(results))
    lines = summary(results)
    click.echo("\n".join(lines))
    head = f"{datetime.now(UTC):%Y-%m-%d}, {specification.api} {specification.version}"
    write_mutations(results, head, reports)
    if len(results) < len(mutations):
        click.echo(f"conform: the test process ended after {len(results)} of {len(mutations)} mutations", err=True)
        return ExitCode.VIOLATION
    return ExitCode.VIOLATION if any(result.outcome == MISSED for result in results) else ExitCode.CONFORM
