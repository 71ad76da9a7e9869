"""Shards: `--shard 2/4` runs the second of four parts, and every run writes its plan before its first request.

Each part takes every n-th item, so that all parts get items of all aspects and all machines divide alike.
"""

import shlex
import sys
import time
from argparse import Namespace
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ampeco_conformance import __version__
from ampeco_conformance.apis import owner_of_scenario
from ampeco_conformance.core.counting import counted
from ampeco_conformance.core.errors import ConfigurationError, ExitCode, unwritable
from ampeco_conformance.core.profiles import PROFILES
from ampeco_conformance.core.project import OWN_SCENARIOS, commit
from ampeco_conformance.plugin.budget import Allocation, allocate
from ampeco_conformance.plugin.costs import costs_of
from ampeco_conformance.plugin.masking import redactor_of_run
from ampeco_conformance.plugin.options import configured_target, run_options
from ampeco_conformance.plugin.results import SUITE_FOLDERS, is_suite_run
from ampeco_conformance.plugin.selection import (
    configured_policy,
    configured_specification,
    is_placeholder,
    operation_of,
)
from ampeco_conformance.reporting.plan import Plan, parse_shard, read_plan, write_plan
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.connection import without_header_values
from ampeco_conformance.target.safety import SafetyPolicy

#: pytest's own options that leave items out, by the name of their value.
_PYTEST_FILTERS = {
    "keyword": "-k",
    "markexpr": "-m",
    "deselect": "--deselect",
    "ignore": "--ignore",
    "ignore_glob": "--ignore-glob",
}
#: Those that leave out whatever did not fail before.
_FAILED_ONLY = {"lf": "--last-failed", "stepwise": "--stepwise"}
_SKIPPED_FILES = pytest.StashKey[dict[str, str]]()


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Remember the files that skip themselves as a whole, with their reasons: their items are in no plan."""
    report = yield
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        collector.config.stash.setdefault(_SKIPPED_FILES, {})[report.nodeid] = reason
    return report


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, None, None]:
    """Deselect the items of other shards, and write the plan with this shard's part."""
    collected = list(items)
    yield
    if not is_suite_run(config):
        return
    try:
        shard, shards = parse_shard(run_options(config).shard)
    except ConfigurationError as error:
        pytest.exit(str(error), returncode=ExitCode.CONFIGURATION)
    allocation, narrowed = allocate(config, items), _narrowed(config, collected, items)
    selected = allocation.items
    own = selected[shard - 1 :: shards]
    plan = _plan(config, selected, own, narrowed, allocation)
    if others := [*{*items} - {*own}]:
        config.hook.pytest_deselected(items=others)
    items[:] = own
    # In a parallel run all workers collect the same items and the controller collects none.
    is_first = getattr(config, "workerinput", {}).get("workerid", "gw0") == "gw0"
    if is_first and not runs_nothing(config):
        reports: Path = run_options(config).reports
        try:
            if allocation.warning is not None:
                (sys.__stderr__ or sys.stderr).write(f"conform: {allocation.warning}\n")
            write_plan(read_plan(reports).joined(plan) if run_options(config).append else plan, reports)
        except OSError as error:
            # In a parallel run the controller, which writes to the same folder, reports it.
            if not hasattr(config, "workerinput"):
                pytest.exit(unwritable(error, run_options(config).reports), returncode=ExitCode.ENVIRONMENT)


#: The options with which pytest runs no item, by the name of their value.
_RUNNING_NOTHING = (
    *("collectonly", "setupplan", "setuponly", "help", "version", "markers"),
    *("showfixtures", "show_fixtures_per_test", "cacheshow"),
)


def runs_nothing(config: pytest.Config) -> bool:
    """Whether pytest was told to do something else than to run items."""
    return any(getattr(config.option, name, None) for name in _RUNNING_NOTHING)


def bare_plan(target: Target, options: Namespace) -> Plan:
    """What is known of a run before its items are."""
    shard, shards = parse_shard(options.shard)
    return Plan(
        shard=shard,
        shards=shards,
        seed=options.seed,
        selected=[],
        own=[],
        run=options.run_group,
        command=options.command or "",
        ledger=str(options.known_issues.resolve()) if options.known_issues else "",
        tool=__version__,
        commit=commit(),
        started_at=time.time(),
        api=target.api,
        versions=[target.api_version],
        target=target.name,
        safety=str(target.safety),
        min_reached=options.min_reached,
        min_coverage={wanted.kind.value: wanted.percent for wanted in options.min_coverage},
        strict=options.strict_verdict,
    )


def _plan(
    config: pytest.Config,
    selected: Sequence[pytest.Item],
    own: Sequence[pytest.Item],
    narrowed: list[str],
    allocation: Allocation,
) -> Plan:
    operations = configured_specification(config).operations
    policy = configured_policy(config)
    return replace(
        bare_plan(configured_target(config), run_options(config)),
        command=run_options(config).command or _command(config),
        selected=[item.nodeid for item in selected],
        own=[item.nodeid for item in own],
        operations=len(operations),
        permitted=sum(policy.refusal(operation) is None for operation in operations),
        planned=len(permitted_operations(selected, policy)),
        narrowed=narrowed,
        costs=costs_of(config, selected),
        max_requests=allocation.limits.affordable,
        left_out=[part.name for part in allocation.left_out],
        nights=allocation.nights if allocation.is_rolling else None,
    )


def permitted_operations(items: Sequence[pytest.Item], policy: SafetyPolicy) -> set[str]:
    """The labels of the operations that items test and that the safety level permits."""
    operations = (operation for item in items if (operation := operation_of(item)) is not None)
    return {operation.label for operation in operations if policy.refusal(operation) is None}


def _command(config: pytest.Config) -> str:
    """The command line of pytest, without secrets."""
    words = without_header_values(map(str, config.invocation_params.args))
    return redactor_of_run(config).text(shlex.join(["pytest", *words]))


def _narrowed(config: pytest.Config, collected: Sequence[pytest.Item], kept: Sequence[pytest.Item]) -> list[str]:
    """What leaves out items of the whole suite, in the words of the command line."""
    option, given = config.option, run_options(config)
    found = [f"--operation {pattern}" for pattern in given.operation]
    found += [f"--exclude-operation {pattern}" for pattern in given.exclude_operation]
    if PROFILES[given.profile].aspects is not None:
        found.append(f"--profile {given.profile}")
    if given.only_items is not None:
        found.append("the items of an earlier run that failed")
    for name, words in _PYTEST_FILTERS.items():
        value = getattr(option, name, None)
        values = value if isinstance(value, list) else [value] if value else []
        found += [f"{words} {single}" for single in values]
    found += [words for name, words in _FAILED_ONLY.items() if getattr(option, name, False)]
    skipped = config.stash.get(_SKIPPED_FILES, None) or {}
    found += [f"{file} left itself out: {reason}" for file, reason in skipped.items()]
    folders = [folder for folder in SUITE_FOLDERS if (config.rootpath / folder).is_dir()]
    named = {(config.invocation_params.dir / argument).resolve() for argument in config.args}
    own = {OWN_SCENARIOS.resolve()} if OWN_SCENARIOS.is_dir() else set()
    if named - own != {(config.rootpath / folder).resolve() for folder in folders}:
        found += sorted(config.args)
    else:
        files = (path for folder in folders for path in sorted((config.rootpath / folder).rglob("test_*.py")))
        seen = {*(item.path for item in collected), *(config.rootpath / file for file in skipped)}
        found += [
            f"{_relative(file, config)} has no items" for file in files if _is_for(file, config) and file not in seen
        ]
    left_out = {*collected} - {*kept}
    if not found and (lost := sum(not is_placeholder(item) for item in left_out)):
        found.append(f"{counted(lost, 'item')} deselected")
    return found


def _is_for(file: Path, config: pytest.Config) -> bool:
    """Whether a file is of the tested API; contract tests are of all."""
    path = _relative(file, config)
    return path.parts[0] != "scenarios" or owner_of_scenario(path).name == configured_target(config).api


def _relative(file: Path, config: pytest.Config) -> Path:
    return file.relative_to(config.rootpath)
