"""What a filter must keep, must leave out, and what is left open."""

from copy import deepcopy
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from ampeco_conformance.apis import describe
from ampeco_conformance.apis.filter_meaning import FilterMeaning, FilterOperator, Lookup
from ampeco_conformance.contract.filters import Filter, filters_of
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import Specification, load_specification
from ampeco_conformance.specs.model import read_operations
from tests.support.filters import (
    AFTER,
    BEFORE_DAY,
    DAY,
    HAS_GROUP,
    LEVEL,
    LONGER,
    NAME,
    NO_PARTNER,
    PART,
    PERIOD,
    PREFIX,
    PUBLIC,
    SINCE,
    STATUS,
    TAGS,
    USER,
)
from tests.support.small_contract import DOCUMENT


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
        (USER, {}, "7", None),
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
        (BEFORE_DAY, {"date": None}, "2026-05-02", False),
        (DAY, {"createdAt": "2026-05-03T01:00:00Z"}, "2026-05-02", None),
        (DAY, {"createdAt": "2026-05-05T01:00:00Z"}, "2026-05-02", False),
        (PREFIX, {"version": "1.2.3"}, "1.2", True),
        (PREFIX, {"version": "3.1.2"}, "1.2", False),
        (PART, {"code": "WELCOME"}, "ELCO", True),
        (PART, {"code": "WELCOME"}, "elco", None),
        (PART, {"code": "OTHER"}, "ELCO", False),
        (LONGER, {"startedAt": "2026-05-01T10:00:00Z", "endedAt": "2026-05-01T12:00:00Z"}, "120", True),
        (LONGER, {"startedAt": "2026-05-01T10:00:00Z", "endedAt": "2026-05-01T12:00:30Z"}, "120", None),
        (LONGER, {"startedAt": "2026-05-01T10:00:00Z", "endedAt": "2026-05-01T11:00:00Z"}, "120", False),
        (LONGER, {"startedAt": "2026-05-01T10:00:00Z", "endedAt": None}, "120", None),
        (HAS_GROUP, {"groupId": 3}, "true", True),
        (HAS_GROUP, {"groupId": 3}, "false", False),
        (NO_PARTNER, {"partnerId": None}, "true", True),
        (TAGS, {"tags": ["a", "b"]}, "b", True),
        (TAGS, {"tags": []}, "b", False),
        (PERIOD, {"periodStart": "2026-05-01", "periodEnd": "2026-05-31"}, "2026-04-01", True),
        (PERIOD, {"periodStart": "2026-05-01", "periodEnd": "2026-05-31"}, "2026-05-15", None),
        (PERIOD, {"periodStart": "2026-05-01", "periodEnd": "2026-05-31"}, "2026-07-01", False),
    ],
)
def test_what_a_filter_must_keep(rule: Filter, item: dict[str, Any], wanted: str, keeps: bool | None) -> None:
    assert rule.keeps(item, wanted) is keeps


def test_a_value_is_compared_with_its_spelling_in_the_response() -> None:
    meaning = FilterMeaning(listings="*", names=frozenset(), source="", values={"rfid": "id_tag", "null": None})
    rule = Filter("filter[method]", ("method",), FilterOperator.SAME, {"type": "string"}, meaning=meaning)
    assert rule.keeps({"method": "id_tag"}, "rfid") is True
    assert rule.keeps({"method": "rfid"}, "rfid") is False
    assert rule.keeps({"method": None}, "null") is True
    assert rule.keeps({"method": "admin"}, "null") is False


def test_a_condition_must_be_met_besides() -> None:
    meaning = FilterMeaning(listings="*", names=frozenset(), source="", condition={"type": "personal"})
    rule = Filter("filter[code]", ("code",), FilterOperator.SAME, {"type": "string"}, meaning=meaning)
    assert rule.keeps({"code": "x", "type": "personal"}, "x") is True
    assert rule.keeps({"code": "x", "type": "public"}, "x") is False
    assert rule.keeps({"code": "x"}, "x") is None


@pytest.mark.parametrize(
    ("theirs", "item", "keeps"),
    [("id", {"modelId": 5}, True), ("id", {"modelId": 6}, None), ("id", {}, None), ("modelId", {"modelId": 6}, False)],
)
def test_a_value_may_be_shown_by_another_listing(theirs: str, item: dict[str, Any], keeps: bool | None) -> None:
    lookup = Lookup("models/v1.0", own="modelId", theirs=theirs)
    meaning = FilterMeaning(listings="*", names=frozenset(), source="", lookup=lookup)
    rule = Filter("filter[vendorId]", ("vendorId",), FilterOperator.SAME, {"type": "integer"}, meaning=meaning)
    assert replace(rule, looked_up={"5": [3]}).keeps(item, "3") is keeps


@pytest.mark.parametrize("version", ["3.49.0", "3.99.0", "3.110.0"])
def test_every_documented_filter_is_compared_or_has_a_reason(version: str) -> None:
    contract = ApiContract(load_specification(version))
    listings = [operation for operation in contract.specification.operations if operation.method == "GET"]
    rules = [rule for operation in listings for rule in filters_of(contract, operation)]
    assert len(rules) > 300
    assert [rule.parameter for rule in rules if bool(rule.fields) == bool(rule.reason)] == []


def test_every_row_of_the_descriptor_means_a_documented_filter() -> None:
    documented = {
        (operation.path.partition("/resources/")[2], rule.name.removeprefix("filter[").removesuffix("]").split(".")[0])
        for version in ("3.49.0", "3.99.0", "3.110.0")
        for contract in [ApiContract(load_specification(version))]
        for operation in contract.specification.operations
        for rule in filters_of(contract, operation)
    }
    unknown = [
        (meaning.listings, name)
        for meaning in describe("ampeco").filters
        for name in meaning.names
        if not any(name == known and fnmatchcase(listing, meaning.listings) for listing, known in documented)
    ]
    assert unknown == []
