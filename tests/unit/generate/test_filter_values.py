"""The values that a filter is tried with."""

from typing import Any

import pytest

from ampeco_conformance.apis.filter_meaning import FilterOperator
from ampeco_conformance.contract.filters import Filter
from ampeco_conformance.generate.filter_values import (
    distinguishing_pairs,
    must_find,
    paged_filter,
    parting_values,
    unused_value,
    value_in_another_zone,
    value_of_all,
    values_to_try,
    without_values,
)
from tests.support.filters import (
    AFTER,
    BEFORE_DAY,
    DAY,
    HAS_GROUP,
    ITEMS,
    LONGER,
    NAME,
    PART,
    PREFIX,
    PUBLIC,
    STATUS,
    UNSEEN,
    UNSEEN_AFTER,
    USER,
)


@pytest.mark.parametrize(
    ("rule", "items", "value"),
    [
        (STATUS, [{"status": "a"}, {"status": "a"}, {"status": "b"}], "b"),
        (STATUS, [{"status": "another spelling"}], None),
        (USER, [{"userId": "x-1"}], None),
        (PUBLIC, [{"isPublic": True}], "true"),
        # Others begin with it, so that a filter that takes parts finds too much; but not that of the first item.
        (USER, [{"userId": number} for number in (1, 12, 2, 20, 9)], "2"),
        (USER, [{"userId": number} for number in (1, 12, 2, 30)], "30"),
        (NAME, [{"name": "Hub"}, {"name": "Depot"}, {"name": "Depot 2"}], "Hub"),
        (AFTER, [{"createdAt": f"2026-0{month}-01T00:00:00Z"} for month in (1, 2, 3)], "2026-02-01T00:00:00Z"),
        (AFTER, [{"createdAt": "2026-01-01T00:00:00Z"}], "2026-01-03T00:00:00Z"),
        (BEFORE_DAY, [{"date": "2026-01-05"}], "2026-01-03"),
        (NAME, [{"name": ""}, {}], None),
        (NAME, [{"name": " Depot"}, {"name": "a\x00b"}, {"name": "Z\u00fcrich"}], "Z\u00fcrich"),
    ],
)
def test_the_value_that_distinguishes_most_is_chosen(
    rule: Filter, items: list[dict[str, Any]], value: str | None
) -> None:
    assert next(iter(values_to_try(rule, items, 0)), None) == value


LOWER_BOUNDS = ["2026-05-11T12:00:00Z", "2026-05-09T09:00:00-05:00", "2026-05-07T12:00:00Z"]
COUNTRIES = [f"c{number}" for number in range(9)]
COUNTRY = Filter("filter[country]", ("country",), FilterOperator.SAME, {"type": "string", "enum": COUNTRIES})


@pytest.mark.parametrize(
    ("rule", "items", "values"),
    [
        (STATUS, [{"status": "a"}], ["a", "b"]),
        (STATUS, [{"status": "a"}, {"status": "a"}, {"status": "b"}], ["b", "a"]),
        (PUBLIC, [{"isPublic": False}, {"isPublic": False}, {"isPublic": True}], ["true", "false"]),
        (HAS_GROUP, [{"groupId": 1}, {}], ["true", "false"]),
        (USER, [{"userId": 3}, {"userId": 4}], ["4"]),
        (PREFIX, [{"version": "1.2.3"}], ["1.2.3", "1."]),
        (PART, [{"code": "WELCOME"}], ["WELCOME", "ELC"]),
        (PART, [{"code": "AB"}], []),
        (DAY, [{"createdAt": "2026-05-03T13:00:00Z"}], ["2026-05-03", "2026-05-04", "2026-04-29"]),
        (LONGER, [{"startedAt": "2026-05-01T10:00:00Z", "endedAt": "2026-05-01T12:00:59Z"}], ["120", "122"]),
        (AFTER, [{"createdAt": "2026-05-09T12:00:00Z"}], LOWER_BOUNDS),
        (BEFORE_DAY, [{"date": "2026-05-09"}], ["2026-05-07", "2026-05-11"]),
        (BEFORE_DAY, [{"date": "9999-12-31"}], ["9999-12-29", "9999-12-31"]),
        (UNSEEN, [{"id": 1}], []),
    ],
)
def test_every_value_of_a_closed_list_is_tried(rule: Filter, items: list[dict[str, Any]], values: list[str]) -> None:
    assert values_to_try(rule, items, 0) == values


def test_seeds_rotate_the_values_of_a_long_list() -> None:
    items = [{"country": country} for country in COUNTRIES]
    first, second = (values_to_try(COUNTRY, items, seed) for seed in (0, 1))
    assert len(first) == len(second) == 7
    assert {*first, *second} == {*COUNTRIES}


def test_a_filter_whose_field_is_not_shown_has_values_that_part_the_items() -> None:
    assert parting_values(UNSEEN, 0) == ["true", "false"]
    assert must_find(UNSEEN)
    assert parting_values(STATUS, 0) == []
    assert (unused_value(UNSEEN_AFTER), value_of_all(UNSEEN_AFTER)) == ("2999-01-01T00:00:00Z", "1970-01-02T00:00:00Z")
    assert value_of_all(AFTER) is None


def test_a_filter_is_judged_like_one_without_a_field_when_no_item_shows_a_value() -> None:
    flag, bound = without_values(PUBLIC), without_values(AFTER)
    assert parting_values(flag, 0) == ["true", "false"]
    assert not must_find(flag)
    assert (unused_value(bound), value_of_all(bound)) == ("2999-01-01T00:00:00Z", None)


def test_an_unused_value_is_one_that_may_be_sent() -> None:
    assert unused_value(STATUS) is None
    assert unused_value(AFTER) is None
    assert unused_value(Filter("f", ("f",), FilterOperator.TEXT, {"type": "string", "maxLength": 3})) == "xqz"
    assert unused_value(Filter("f", ("f",), FilterOperator.TEXT, {"type": "string", "pattern": "^A"})) is None
    assert unused_value(NAME) is not None


def test_the_filter_that_keeps_most_is_walked_over_pages() -> None:
    assert paged_filter({STATUS: "b", USER: "1"}, ITEMS, 9) == (STATUS, 1)
    assert paged_filter({STATUS: "b"}, ITEMS[2:], 9) is None
    assert paged_filter({STATUS: "b"}, ITEMS[1:3], 9) is None
    assert paged_filter({STATUS: "b", USER: "1"}, ITEMS * 500, 9) == (STATUS, 9)


def test_each_filter_is_shown_to_work_beside_another() -> None:
    assert distinguishing_pairs({STATUS: "b", USER: "1"}, ITEMS) == [{STATUS: "b", USER: "1"}]
    assert distinguishing_pairs({STATUS: "b"}, ITEMS) == []
    # Nobody has both: the one that is ignored still shows, by the item that the other keeps.
    assert distinguishing_pairs(
        {STATUS: "b", USER: "0"}, [{"status": "b", "userId": 1}, {"status": "a", "userId": 0}]
    ) == [{STATUS: "b", USER: "0"}]


def test_a_pair_that_keeps_something_is_always_tried() -> None:
    assert distinguishing_pairs({STATUS: "b", USER: "1"}, [{"status": "b", "userId": 1}]) == [{STATUS: "b", USER: "1"}]


def test_no_pair_bounds_one_field_twice() -> None:
    before = Filter("filter[createdBefore]", AFTER.fields, FilterOperator.BEFORE, AFTER.schema)
    items = [{"createdAt": f"2026-0{month}-01T00:00:00Z"} for month in (1, 2, 3)]
    assert distinguishing_pairs({AFTER: "2026-02-01T00:00:00Z", before: "2026-02-01T00:00:00Z"}, items) == []


@pytest.mark.parametrize(
    ("rule", "moments", "value"),
    [
        (AFTER, ["2026-01-01T00:00:00Z"], "2025-12-31T21:00:00-05:00"),
        (AFTER, ["2026-01-01T02:00:00+02:00"], "2025-12-31T21:00:00-05:00"),
        (AFTER, ["9999-12-31T23:59:59Z"], None),
        (AFTER, ["0001-01-01T00:00:00Z"], None),
        (AFTER, [], None),
        (BEFORE_DAY, ["2026-01-01"], None),
        (STATUS, ["2026-01-01T00:00:00Z"], None),
    ],
)
def test_a_bound_in_another_zone_has_a_moment_on_its_right_side_only(
    rule: Filter, moments: list[str], value: str | None
) -> None:
    items = [{"id": number, rule.fields[-1]: moment} for number, moment in enumerate(moments)]
    items += [{"createdAt": moment} for moment in moments]
    assert value_in_another_zone(rule, items) == value
    if value is not None:
        assert rule.keeps(items[0], value) is False
        assert rule.keeps(items[0], value.replace("-05:00", "Z")) is True
