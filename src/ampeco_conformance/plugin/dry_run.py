"""`--dry-run` lists what would be tested, what would not be and why, and what it takes; it sends nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from ampeco_conformance.core.errors import ExitCode, unwritable
from ampeco_conformance.plugin.budget import allocation_of
from ampeco_conformance.plugin.costs import costs_of
from ampeco_conformance.plugin.options import run_options
from ampeco_conformance.plugin.permission import aspect_of, refusal
from ampeco_conformance.plugin.selection import is_suite_item, operation_of


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Only collect."""
    if run_options(config).dry_run is not None:
        config.option.collectonly = True


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write the dry run: one line per operation or scenario, with the reason where nothing would be sent, and costs."""
    file: Path | None = run_options(session.config).dry_run
    if file is None:
        return
    lines: dict[str, list[str]] = defaultdict(list)
    for item in filter(is_suite_item, session.items):
        operation = operation_of(item)
        subject = operation.label if operation is not None else item.nodeid.partition("[")[0]
        reason = refusal(item)
        lines[f"{subject}: not sent: {reason}" if reason else subject].append(aspect_of(item))
    output = [line if ": not sent: " in line else f"{line}: {_listed(aspects)}" for line, aspects in lines.items()]
    output += [f"cost: {cost}" for cost in costs_of(session.config, session.items)]
    if (allocation := allocation_of(session.config)) is not None:
        output += allocation.forecast
    try:
        file.write_text("".join(f"{line}\n" for line in output), encoding="utf-8")
    except OSError as error:
        file.unlink(missing_ok=True)
        pytest.exit(unwritable(error, file.parent), returncode=ExitCode.ENVIRONMENT)


def _listed(aspects: Iterable[str]) -> str:
    """The aspects, each once, and how many items it has when they are several."""
    return ", ".join(name if count == 1 else f"{name} ({count} items)" for name, count in Counter(aspects).items())
