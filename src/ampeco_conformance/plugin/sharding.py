"""Shards: `--shard 2/4` runs the second of four parts, and every run writes its plan before its first request.

Each part takes every n-th item, so that all parts get items of all aspects and all machines divide alike.
"""

import time
from argparse import Namespace
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ampeco_conformance import __version__
from ampeco_conformance.core.errors import ConfigurationError, ExitCode, unwritable
from ampeco_conformance.core.profiles import PROFILES
from ampeco_conformance.core.project import commit
from ampeco_conformance.plugin.costs import costs_of
from ampeco_conformance.plugin.options import configured_target
from ampeco_conformance.plugin.results import SUITE_FOLDERS, is_suite_run
from ampeco_conformance.plugin.selection import configured_policy, configured_specification, operation_of
from ampeco_conformance.reporting.plan import Plan, parse_shard, read_plan, write_plan
from ampeco_conformance.target.configuration import Target

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
_LEFT_OUT = pytest.StashKey[int]()
_SKIPPED_FILES = pytest.StashKey[list[str]]()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count the items that are left out, but not the placeholders of aspects without an operation."""
    for item in items:
        if "operation" not in getattr(item, "fixturenames", ()) or operation_of(item) is not None:
            item.config.stash[_LEFT_OUT] = item.config.stash.get(_LEFT_OUT, 0) + 1


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Remember the files that skip themselves as a whole, with their reasons: their items are in no plan."""
    report = yield
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        collector.config.stash.setdefault(_SKIPPED_FILES, []).append(f"{report.nodeid} left itself out: {reason}")
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the items of other shards, and write the plan with this shard's part."""
    if not is_suite_run(config):
        return
    try:
        shard, shards = parse_shard(config.option.shard)
    except ConfigurationError as error:
        pytest.exit(str(error), returncode=ExitCode.CONFIGURATION)
    plan = _plan(config, items, items[shard - 1 :: shards])
    others = [item for index, item in enumerate(items) if index % shards != shard - 1]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = items[shard - 1 :: shards]
    # In a parallel run all workers collect the same items and the controller collects none.
    is_first = getattr(config, "workerinput", {}).get("workerid", "gw0") == "gw0"
    if is_first and not runs_nothing(config):
        reports: Path = config.option.reports
        try:
            write_plan(read_plan(reports).joined(plan) if config.option.append else plan, reports)
        except OSError as error:
            # In a parallel run the controller, which writes to the same folder, reports it.
            if not hasattr(config, "workerinput"):
                pytest.exit(unwritable(error, config.option.reports), returncode=ExitCode.ENVIRONMENT)


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


def _plan(config: pytest.Config, selected: Sequence[pytest.Item], own: Sequence[pytest.Item]) -> Plan:
    operations = configured_specification(config).operations
    policy = configured_policy(config)
    return replace(
        bare_plan(configured_target(config), config.option),
        selected=[item.nodeid for item in selected],
        own=[item.nodeid for item in own],
        operations=len(operations),
        permitted=sum(policy.refusal(operation) is None for operation in operations),
        planned=len({operation.label for item in selected if (operation := operation_of(item)) is not None}),
        narrowed=_narrowed(config),
        costs=costs_of(config, selected),
    )


def _narrowed(config: pytest.Config) -> list[str]:
    """What leaves out items of the whole suite, in the words of the command line."""
    option = config.option
    found = [f"--operation {pattern}" for pattern in option.operation]
    if PROFILES[option.profile].aspects is not None:
        found.append(f"--profile {option.profile}")
    if option.only_items is not None:
        found.append("the items of an earlier run that failed")
    for name, words in _PYTEST_FILTERS.items():
        value = getattr(option, name, None)
        values = value if isinstance(value, list) else [value] if value else []
        found += [f"{words} {single}" for single in values]
    found += [words for name, words in _FAILED_ONLY.items() if getattr(option, name, False)]
    skipped_files = config.stash.get(_SKIPPED_FILES, None)
    found += skipped_files or []
    folders = [folder for folder in SUITE_FOLDERS if (config.rootpath / folder).is_dir()]
    given = {(config.invocation_params.dir / argument).resolve() for argument in config.args}
    if given != {(config.rootpath / folder).resolve() for folder in folders}:
        found += sorted(config.args)
    if not found and (left_out := config.stash.get(_LEFT_OUT, 0)):
        found.append(f"{left_out} items were deselected")
    return found
