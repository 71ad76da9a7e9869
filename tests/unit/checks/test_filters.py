"""What a filter must keep, must leave out, and what is left open."""

from copy import deepcopy
from typing import Any

import pytest

from ampeco_conformance.checks.filters import (
    Filter,
    FilterOperator,
    distinguishing_pairs,
    distinguishing_value,
    filter_violations,
    filters_of,
    paged_filter,
    unused_value,
    unused_value_violations,
    value_in_another_zone,
)
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Specification
from ampeco_conformance.specs.model import read_operations
from tests.support.small_contract import DOCUMENT

USER = Filter("filter[userId]", ("userId", "user.id"), FilterOperator.SAME, {"type": "string", "format": "integer"})
STATUS = Filter("filter[status]", ("status",), FilterOperator.SAME, {"type": "string", "enum": ["a", "b"]})
NAME = Filter("filter[name]", ("name",), FilterOperator.TEXT, {"type": "string"})
PUBLIC = Filter("filter[isPublic]", ("isPublic",), FilterOperator.SAME, {"type": "string", "format": "boolean"})
LEVEL = Filter("filter[security.level]", ("security.level",), FilterOperator.SAME, {"type": "integer"})
AFTER = Filter(
    "filter[createdAfter]", ("createdAt", "created"), FilterOperator.AFTER, {"type": "string", "format": "date-time"}
)
SINCE = Filter(
    "filter[lastUpdatedAfter]",
    ("lastUpdatedAt",),
    FilterOperator.AFTER,
    {"type": "string", "format": "date-time"},
    is_inclusive=True,
)
BEFORE_DAY = Filter("filter[dateTo]", ("dateAt", "date"), FilterOperator.BEFORE, {"type": "string", "format": "date"})


def test_the_name_of_a_filter_says_how_it_compares() -> None:
    document = deepcopy(DOCUMENT)
    moment = {"type": "string", "format": "date-time"}
    names = ("createdAfter", "createdBefore", "startFrom", "startTo")
    properties = {**dict.fromkeys(names, moment), "status": {"type": "string", "enum": ["a"]}}
    document["paths"]["/users"]["get"]["parameters"][2]["schema"]["properties"] = properties
    contract = ApiContract(Specification("ampeco", "3.90.0", document, "0", tuple(read_operations(document))))
    found = filters_of(contract, contract.specification.operation("GET /users"))
    assert {rule.parameter: rule.operator for rule in found} == {
        "filter[createdAfter]": FilterOperator.AFTER,
        "filter[createdBefore]": FilterOperator.BEFORE,
        "filter[startFrom]": FilterOperator.AFTER,
        "filter[startTo]": FilterOperator.BEFORE,
        "filter[status]": FilterOperator.SAME,
    }


@pytest.mark.parametrize(
    ("rule", "item", "wanted", "keeps"),
    [
        (USER, {"userId": 7}, "7", True),
        (USER, {"user": {"id": 8}}, "7", False),
        (USER, {"userId": None}, "7", False),
        (USER, {"user": None}, "7", False),
        (USER, {"owner": None}, "7", None),
        (USER, {"user": {"id": None}}, "7", False),
        (AFTER, {"createdAt": None}, "2026-05-01T00:00:00Z", False),
        (PUBLIC, {"isPublic": None}, "false", None),
        (STATUS, {"status": "b"}, "a", False),
        (NAME, {"name": "Depot North"}, "depot", None),
        (NAME, {"name": "Depot"}, "Depot", True),
        (NAME, {"name": "Depot"}, "depot", None),
        (NAME, {"name": "Depot\x85"}, "Depot", None),
        (NAME, {"name": "Harbour"}, "depot", False),
        (PUBLIC, {"isPublic": True}, "true", True),
        (PUBLIC, {"isPublic": False}, "true", False),
        (LEVEL, {"security": {"level": 2}}, "2", True),
        (AFTER, {"createdAt": "2026-05-01T00:00:01Z"}, "2026-04-01T00:00:00Z", True),
        (AFTER, {"createdAt": "2026-05-01T02:00:00+02:00"}, "2026-05-01T00:00:00Z", None),
        (AFTER, {"createdAt": "2026-03-01"}, "2026-04-01T00:00:00Z", False),
        (SINCE, {"lastUpdatedAt": "2026-05-01T02:00:00+02:00"}, "2026-05-01T00:00:00Z", True),
        (SINCE, {"lastUpdatedAt": "2026-05-01T00:00:01Z"}, "2026-05-01T00:00:00Z", None),
        (BEFORE_DAY, {"date": "2026-05-02T23:00:00Z"}, "2026-05-02", None),
        (BEFORE_DAY, {"date": "2026-05-05T00:00:00Z"}, "2026-05-02", False),
    ],
)
def test_what_a_filter_must_keep(rule: Filter, item: dict[str, Any], wanted: str, keeps: bool | None) -> None:
    assert rule.keeps(item, wanted) is keeps


@pytest.mark.parametrize(
    ("rule", "items", "value"),
    [
        (STATUS, [{"status": "a"}, {"status": "a"}, {"status": "b"}], "b"),
        (STATUS, [{"status": "another spelling"}], None),
        (USER, [{"userId": "x-1"}], None),
        (PUBLIC, [{"isPublic": True}], "true"),
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
    assert distinguishing_value(rule, items) == value


ITEMS = [{"id": number, "status": status, "userId": number % 2} for number, status in enumerate("aabb")]


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


def test_an_unused_value_returns_nothing() -> None:
    assert unused_value(STATUS) is None
    assert unused_value(Filter("f", ("f",), FilterOperator.TEXT, {"type": "string", "maxLength": 3})) is None
    wanted = unused_value(NAME)
    assert wanted is not None
    assert list(unused_value_violations(NAME, wanted, [])) == []
    assert len(list(unused_value_violations(NAME, wanted, [{"name": "x"}]))) == 1


def test_the_filter_that_keeps_most_is_walked_over_pages() -> None:
    assert paged_filter({STATUS: "b", USER: "1"}, ITEMS) == (STATUS, 1)
    assert paged_filter({STATUS: "b"}, ITEMS[2:]) is None
    assert paged_filter({STATUS: "b"}, ITEMS[1:3]) is None


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
