"""What of a run fits its budget: the most valuable first, and by turns in rolling runs."""

import pytest

from ampeco_conformance.plugin.allocation import RunPart, Worth, fitting, nights, total

CALLS = [RunPart(f"operation: {n}", Worth.VALID_CALL, 2, n) for n in range(10)]
FILTERS = [RunPart(f"filters: {n}", Worth.ASPECT, 10, n) for n in range(10)]
DEPTHS = [RunPart(f"depth: {n}", Worth.DEPTH, 30, n) for n in range(10)]
PARTS = [*DEPTHS, *FILTERS, *CALLS]


def test_all_parts_stay_as_they_are_when_they_fit() -> None:
    assert fitting(PARTS, total(PARTS)) == PARTS


@pytest.mark.parametrize(("budget", "filters", "depths"), [(80, 5, 0), (200, 10, 2), (410, 10, 8)])
def test_valid_calls_come_before_aspects_and_these_before_depth(budget: int, filters: int, depths: int) -> None:
    assert fitting(PARTS, budget) == [*CALLS, *FILTERS[:filters], *DEPTHS[:depths]]


def test_what_failed_lately_comes_before_what_did_not() -> None:
    failed = RunPart("filters: failed", Worth.LATELY_FAILED, 10, 99)
    assert fitting([*FILTERS, failed], 11)[0] is failed


@pytest.mark.parametrize("budget", [60, 100, 250, 409])
def test_rolling_runs_cover_everything_in_the_nights_that_were_told_and_start_over(budget: int) -> None:
    ages: dict[str, float] = {}
    told = nights(PARTS, budget, ages)
    assert told is not None
    waiting = {part.name for part in PARTS}
    for night in range(1, 2 * told + 1):
        tonight = fitting(PARTS, budget, ages)
        assert total(tonight) <= budget
        assert {part.name for part in CALLS} <= {part.name for part in tonight}
        waiting -= {part.name for part in tonight}
        assert bool(waiting) == (night < told)
        ages |= dict.fromkeys((part.name for part in tonight), float(night))
    assert nights(PARTS, budget, ages) in (told - 1, told, told + 1)


def test_a_part_that_never_fits_has_no_night() -> None:
    assert nights([*CALLS, RunPart("filters: huge", Worth.ASPECT, 1000)], 100, {}) is None


def test_a_budget_that_is_too_small_for_all_valid_calls_takes_turns_with_them() -> None:
    ages = {part.name: 1.0 for part in fitting(PARTS, 15, {})}
    again = {part.name for part in fitting(PARTS, 15, ages)}
    assert {part.name for part in CALLS} - ages.keys() < again
