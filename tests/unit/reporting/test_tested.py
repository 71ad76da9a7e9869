"""The memory of rolling runs: when each part was tested last."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ampeco_conformance.core.item_results import NOT_IN_BUDGET, ONLY_CALLED
from ampeco_conformance.reporting.tested import TESTED, Evidence, read_memory, remember
from tests.support.finished_runs import LIST, passed

OF = ("ampeco", "3.90.0", "staging")
RESULT = replace(passed(LIST), aspect="operation", stopped_at=100.0, requests=20)
WHOLE, CALLED = f"depth: {LIST}", f"operation: {LIST}"


def test_an_operation_with_its_depth_is_two_parts(tmp_path: Path) -> None:
    remember([RESULT], tmp_path)
    assert read_memory(tmp_path, *OF) == {CALLED: Evidence(100.0, 20), WHOLE: Evidence(100.0, 20)}
    assert read_memory(tmp_path, "ampeco", "3.99.0", "staging") == {}


def test_what_was_only_called_or_left_out_is_no_evidence_of_more(tmp_path: Path) -> None:
    remember([RESULT], tmp_path)
    left_out = replace(RESULT, aspect="filters", status="skipped", reason=NOT_IN_BUDGET)
    broken = replace(RESULT, aspect="reads", status="broken")
    remember([replace(RESULT, stopped_at=200.0, notes=(ONLY_CALLED,), requests=2), left_out, broken], tmp_path)
    assert read_memory(tmp_path, *OF) == {CALLED: Evidence(200.0, 2), WHOLE: Evidence(100.0, 20)}


def test_reports_that_are_made_again_make_nothing_older(tmp_path: Path) -> None:
    remember([replace(RESULT, stopped_at=200.0)], tmp_path)
    remember([RESULT], tmp_path)
    assert read_memory(tmp_path, *OF)[CALLED].at == 200.0


@pytest.mark.parametrize(
    "damaged",
    [
        "{",
        "[]",
        '{"ampeco 3.90.0 staging": 5}',
        '{"ampeco 3.90.0 staging": {"a": {"when": 1}}}',
        '{"ampeco 3.90.0 staging": {"a": {"at": "yesterday", "requests": 2}}}',
        '{"ampeco 3.90.0 staging": {"a": {"at": null, "requests": 2, "failed": false}}}',
        '{"ampeco 3.90.0 staging": {"a": {"at": 5.0, "requests": true}}}',
        '{"ampeco 3.90.0 staging": {"a": 5}}',
    ],
)
def test_what_is_damaged_of_a_memory_is_left_out_and_written_anew(tmp_path: Path, damaged: str) -> None:
    (tmp_path / TESTED).write_text(damaged)
    assert read_memory(tmp_path, *OF) == {}
    remember([RESULT], tmp_path)
    assert read_memory(tmp_path, *OF).keys() == {CALLED, WHOLE}


def test_what_is_whole_of_a_damaged_memory_is_kept(tmp_path: Path) -> None:
    entries = {"a": {"at": 5.0, "requests": 2, "of a later release": 1}, "b": {"at": "x", "requests": 2}}
    (tmp_path / TESTED).write_text(json.dumps({"ampeco 3.90.0 staging": entries, "ampeco 3.90.0 other": {"c": 1}}))
    remember([RESULT], tmp_path)
    assert read_memory(tmp_path, *OF).keys() == {"a", CALLED, WHOLE}
    assert json.loads((tmp_path / TESTED).read_text())["ampeco 3.90.0 other"] == {"c": 1}


def test_what_a_wrong_clock_has_dated_in_the_future_is_tested_again(tmp_path: Path) -> None:
    remember([replace(RESULT, stopped_at=time.time() + 1e6)], tmp_path)
    assert read_memory(tmp_path, *OF)[CALLED].at <= time.time()
    now = time.time()
    remember([replace(RESULT, stopped_at=now + 5)], tmp_path)
    assert now <= read_memory(tmp_path, *OF)[CALLED].at <= now + 5
