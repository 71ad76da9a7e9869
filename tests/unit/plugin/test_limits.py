"""How many requests a run may send: the checks of the target are within the budget, in every shard."""

import time
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ampeco_conformance.core.errors import ConfigurationError, TargetError
from ampeco_conformance.plugin.budget import limits_for
from ampeco_conformance.plugin.sharding import permitted_operations
from ampeco_conformance.reporting.history import read_history, write_history
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import Safety, SafetyPolicy
from tests.support.old_release import OLD

CHECKS = 20


def target(**settings: Any) -> Target:
    given: dict[str, Any] = {"base_url": "https://staging.example.com", "safety": Safety.READ_ONLY} | settings
    return Target(name="staging", api="ampeco", api_version="3.90.0", token="secret", **given)


def options(folder: Path, **given: Any) -> Namespace:
    return Namespace(**({"max_requests": None, "shard": "1/1", "history": folder, "time_limit": None} | given))


@pytest.mark.parametrize(("wanted", "shards"), [(21, 1), (500, 3), (61, 3), (5000, 2), (10_000, 8)])
def test_all_shards_together_stay_within_the_budget(tmp_path: Path, wanted: int, shards: int) -> None:
    limits = limits_for(options(tmp_path, max_requests=wanted, shard=f"1/{shards}"), target())
    assert wanted - limits.reserved > 0
    assert wanted - limits.reserved + shards * CHECKS <= wanted


@pytest.mark.parametrize(("wanted", "shards"), [(1, 1), (20, 1), (60, 3)])
def test_a_budget_that_the_checks_use_up_is_refused(tmp_path: Path, wanted: int, shards: int) -> None:
    with pytest.raises(ConfigurationError, match=f"--max-requests {wanted}: the checks of the target take .*; allow"):
        limits_for(options(tmp_path, max_requests=wanted, shard=f"1/{shards}"), target())
    assert limits_for(options(tmp_path, max_requests=wanted), target(base_url=None)).requests == wanted


def test_a_quota_that_is_used_up_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    earlier = replace(read_history(OLD / "history")[-1], target="staging", at=time.time(), requests=795)
    write_history([], earlier, tmp_path)
    with pytest.raises(TargetError, match=r"leave 5 of 1000 requests a day, .*; run again tomorrow, or raise"):
        limits_for(options(tmp_path, max_requests=500), target(daily_requests=1000, keep_free=20.0))


def test_only_permitted_operations_count_as_planned() -> None:
    operations = load_specification("3.90.0", "ampeco").operations
    items: list[Any] = [SimpleNamespace(callspec=SimpleNamespace(params={"operation": item})) for item in operations]
    planned = permitted_operations(items, SafetyPolicy(Safety.READ_ONLY, frozenset(), operations))
    assert planned
    assert all(label.startswith("GET ") for label in planned)
