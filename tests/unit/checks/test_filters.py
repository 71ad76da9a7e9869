"""What is wrong with the items that a filter returns."""

from typing import Any

import pytest

from ampeco_conformance.checks.filters import (
    filter_violations,
    nothing_violations,
    parting_violations,
    several_violations,
    unused_value_violations,
)
from tests.support.filters import ITEMS, NAME, STATUS, STATUSES, UNSEEN, USER


@pytest.mark.parametrize(
    ("kept", "complete", "found"),
    [
        (ITEMS[2:], True, []),
        (ITEMS, True, ["filter_matches_only"]),
        (ITEMS[3:], True, ["filter_matches_all"]),
        (ITEMS[3:], False, []),
        ([], True, ["filter_matches_all"]),
        (ITEMS[:2], True, ["filter_matches_only", "filter_matches_all"]),
    ],
)
def test_strangers_and_lost_items_are_found(kept: list[dict[str, Any]], complete: bool, found: list[str]) -> None:
    assert [
        violation.check.id for violation in filter_violations({STATUS: "b"}, ITEMS, kept, complete=complete)
    ] == found


def test_two_filters_keep_what_matches_both() -> None:
    both = {STATUS: "b", USER: "1"}
    assert list(filter_violations(both, ITEMS, [ITEMS[3]], complete=True)) == []
    assert [violation.check.id for violation in filter_violations(both, ITEMS, ITEMS[2:], complete=True)] == [
        "filter_matches_only"
    ]


def test_items_without_ids_are_counted() -> None:
    items = [{"status": "b"}, {"status": "b"}, {"status": "a"}]
    assert list(filter_violations({STATUS: "b"}, items, items[:2], complete=True)) == []
    assert len(list(filter_violations({STATUS: "b"}, items, items[:1], complete=True))) == 1


def test_an_unused_value_returns_nothing() -> None:
    assert list(unused_value_violations(NAME, "nobody", [])) == []
    assert len(list(unused_value_violations(NAME, "nobody", [{"name": "x"}]))) == 1


def test_values_of_a_field_that_is_not_shown_part_the_items() -> None:
    assert list(parting_violations(UNSEEN, {"true": ITEMS[:1], "false": ITEMS[1:]})) == []
    assert len(list(parting_violations(UNSEEN, {"true": ITEMS, "false": ITEMS}))) == 1


def test_one_of_the_values_must_return_something() -> None:
    assert list(nothing_violations(UNSEEN, ["true", "false"], ITEMS)) == []
    assert len(list(nothing_violations(UNSEEN, ["true", "false"], []))) == 1


@pytest.mark.parametrize(
    ("together", "found"),
    [
        (ITEMS, []),
        (ITEMS[2:], ["filter_matches_all"]),
        ([*ITEMS, {"id": 9}], ["filter_matches_only"]),
        ([], ["filter_matches_all"]),
    ],
)
def test_several_values_return_what_each_returns_alone(together: list[dict[str, Any]], found: list[str]) -> None:
    alone = {"a": ITEMS[:2], "b": ITEMS[2:]}
    assert [violation.check.id for violation in several_violations(STATUSES, alone, together)] == found
