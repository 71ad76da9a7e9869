"""The memory of rolling runs: when each part was tested last."""

from dataclasses import replace
from pathlib import Path

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


def test_a_damaged_memory_is_none(tmp_path: Path) -> None:
    for content in ("{", "[]", '{"ampeco 3.90.0 staging": {"a": {"when": 1}}}'):
        (tmp_path / TESTED).write_text(content)
        assert read_memory(tmp_path, *OF) == {}
