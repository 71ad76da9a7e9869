from datetime import UTC, datetime
from typing import Any

import pytest

from ampeco_conformance.checks.acceptance import refused_body_violations
from ampeco_conformance.checks.resource_fields import (
    READ_ONLY_OVERRIDES,
    Field,
    answered_values,
    clearable_fields,
    comparable_fields,
    fields_of_same_form,
    non_utc_fields,
    read_only_values,
    undocumented_values,
)
from ampeco_conformance.checks.resources import (
    answered_time_violations,
    answered_violations,
    clearing_violations,
    identity_violations,
    kept_violations,
    left_out_violations,
    leftover_violations,
    listed_violations,
    present_time_violations,
    read_only_violations,
    time_violations,
    untouched_violations,
)
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import load_specification
from tests.support.small_contract import MakeAnswer

NAME = Field("first_name", "firstName", {"type": "string"}, always_shown=True)
LIMIT = Field("limit", "limit", {"type": "number"}, always_shown=False)
FIELDS = [NAME, LIMIT]


def test_only_fields_the_caller_sets_and_reads_are_compared(contract: ApiContract) -> None:
    creating = contract.specification.operation("POST /users")
    listing = contract.specification.operation("GET /users")
    assert {field.name for field in comparable_fields(contract, creating, listing)} == {
        "email",
        "nickname",
        "default",
        "createdAt",
    }


@pytest.mark.parametrize(
    ("shown", "locations"),
    [
        ({"firstName": "Ann", "limit": 1.0}, []),
        ({"firstName": "Ann"}, []),  # a field of some variants only
        ({"firstName": "Bob", "limit": 1}, ["/firstName"]),
        ({"first_name": "Ann", "limit": 2}, ["/firstName", "/limit"]),
    ],
)
def test_fields_must_read_as_they_were_written(shown: dict[str, Any], locations: list[str]) -> None:
    found = kept_violations(FIELDS, {"first_name": "Ann", "limit": 1}, shown)
    assert [violation.location for violation in found] == locations


@pytest.mark.parametrize(
    ("other", "locations"),
    [
        ({"firstName": "Ann", "limit": 1.0}, []),
        ({}, []),
        ({"firstName": "Bob"}, ["/firstName"]),
        ({"firstName": "Ann", "limit": None}, ["/limit"]),
    ],
)
def test_another_response_agrees_with_the_read(other: dict[str, Any], locations: list[str]) -> None:
    found = answered_violations(FIELDS, other, {"firstName": "Ann", "limit": 1})
    assert [violation.location for violation in found] == locations
    listed = listed_violations(FIELDS, other, {"firstName": "Ann", "limit": 1})
    assert [violation.location for violation in listed] == locations
    # What the read leaves out is not judged; null is a value.
    assert not list(answered_violations(FIELDS, other, {}))
    assert len(list(answered_violations(FIELDS, other, {"firstName": None}))) == ("firstName" in other)


def test_a_null_in_the_answer_counts_where_something_was_sent() -> None:
    answered = {"firstName": None, "limit": 1, "other": 2}
    assert answered_values(FIELDS, {}, answered) == {"limit": 1}
    assert answered_values(FIELDS, {"first_name": "Ann"}, answered) == {"firstName": None, "limit": 1}


def test_only_fields_of_the_same_form_are_compared(contract: ApiContract) -> None:
    creating = contract.specification.operation("POST /users")
    listing = contract.specification.operation("GET /users")
    fields = comparable_fields(contract, creating, listing)
    assert fields_of_same_form(contract, fields, listing, listing) == fields
    assert fields_of_same_form(contract, fields, contract.specification.operation("GET /users/me"), listing) == []


def test_only_read_only_fields_are_overridden(contract: ApiContract) -> None:
    users = contract.specification
    assert read_only_values(contract, users.operation("POST /users"), users.operation("GET /users")) == {}
    vendor = ApiContract(load_specification("3.90.0"))
    tags = "/public-api/resources/id-tags/v2.0/{idTag}"
    forged = read_only_values(
        vendor, *(vendor.specification.operation(f"{method} {tags}") for method in ("PATCH", "GET"))
    )
    assert forged == dict.fromkeys(("createdAt", "lastUpdatedAt"), READ_ONLY_OVERRIDES["date-time"])


def test_what_an_update_does_not_document_is_sent_with_another_value() -> None:
    vendor = ApiContract(load_specification("3.90.0"))
    users = "/public-api/resources/users/v1.0/{user}"
    patch, read = (vendor.specification.operation(f"{method} {users}") for method in ("PATCH", "GET"))
    shown = {"balance": 5.5, "status": "enabled", "firstName": "Ada", "subscriptionId": 1, "id": "7"}
    assert undocumented_values(vendor, patch, read, shown) == {"balance": 12350.5, "status": "disabled"}


def test_a_read_only_override_must_not_be_stored() -> None:
    forged = {"createdAt": READ_ONLY_OVERRIDES["date-time"]}
    before = {"createdAt": "2026-01-01T00:00:00Z"}
    assert not list(read_only_violations(forged, before, before))
    assert not list(read_only_violations(forged, before, {}))
    (taken,) = read_only_violations(forged, before, {"createdAt": "2001-02-03T04:05:06+00:00"})
    assert (taken.location, taken.is_growth) == ("/createdAt", False)


def test_what_an_update_does_not_document_may_be_written_in_a_newer_version() -> None:
    forged = {"createdAt": READ_ONLY_OVERRIDES["date-time"], "name": "forged"}
    taken = read_only_violations(forged, {"name": "Ada"}, forged, ["name"])
    assert {violation.location: violation.is_growth for violation in taken} == {"/createdAt": False, "/name": True}


@pytest.mark.parametrize(
    ("schema", "is_plain", "is_words"),
    [
        ({"type": "string"}, True, True),
        ({"type": "string", "oneOf": [{"enum": ["AL"]}]}, False, False),
        ({"type": "string", "pattern": "x"}, False, False),
        ({"type": "number"}, False, False),
    ],
)
def test_only_a_text_without_a_form_may_be_any_text(schema: dict[str, Any], is_plain: bool, is_words: bool) -> None:
    assert Field("name", "name", schema, always_shown=True).is_plain_text is is_plain
    assert Field("name", "name", schema, always_shown=True).is_words is is_words
    assert not Field("networkId", "networkId", schema, always_shown=True).is_words


def test_texts_that_may_be_null_are_cleared() -> None:
    vendor = ApiContract(load_specification("3.90.0"))
    group = "/public-api/resources/user-groups/v1.0/{userGroup}"
    operations = (vendor.specification.operation(f"{method} {group}") for method in ("PATCH", "GET"))
    assert [field.name for field in clearable_fields(vendor, *operations)] == ["description"]


@pytest.mark.parametrize(
    ("shown", "is_wrong"),
    [({"firstName": "Ann"}, True), ({"firstName": None}, False), ({}, False), ({"firstName": "None"}, False)],
)
def test_a_field_that_was_cleared_does_not_read_as_before(shown: dict[str, Any], is_wrong: bool) -> None:
    assert bool(list(clearing_violations(NAME, {"firstName": "Ann"}, shown))) is is_wrong


def test_a_replacement_clears_what_it_leaves_out() -> None:
    before = {"firstName": "Ann", "limit": 1}
    (kept,) = left_out_violations(FIELDS, before, {"firstName": "Ann", "limit": None})
    assert kept.location == "/firstName"
    default = Field("limit", "limit", {"type": "number", "default": 1}, always_shown=True)
    reference = Field("userId", "userId", {"type": "integer"}, always_shown=True)
    assert not list(left_out_violations([default, reference], before | {"userId": 7}, before | {"userId": 7}))


def test_a_replaced_list_has_no_more_elements_than_were_written() -> None:
    (leftover,) = leftover_violations({"periods": [1]}, {"periods": [1, 2]})
    assert leftover.location == "/periods"
    assert not list(leftover_violations({"periods": [1], "name": "A"}, {"periods": [1], "name": "B"}))


def test_unchanged_fields_must_stay() -> None:
    before = {"firstName": "Ann", "limit": 1}
    assert not list(untouched_violations(FIELDS, before, {"firstName": "Eve", "limit": 1}, "first_name"))
    (lost,) = untouched_violations(FIELDS, before, {"firstName": "Eve"}, "first_name")
    assert lost.location == "/limit"
    (filled,) = untouched_violations(FIELDS, {"limit": None}, {"limit": 1}, "first_name")
    assert filled.location == "/limit"
    assert not list(untouched_violations(FIELDS, {"limit": None}, {}, "first_name"))
    (touched,) = untouched_violations(FIELDS, before, {"firstName": "Eve", "limit": 1}, None)
    assert "another item" in touched.message


@pytest.mark.parametrize(
    ("shown", "is_wrong"), [({"id": 7}, False), ({"id": "7"}, False), ({"id": 8}, True), ({}, True)]
)
def test_an_item_is_read_under_its_id(shown: dict[str, Any], is_wrong: bool) -> None:
    assert bool(list(identity_violations(7, shown, {"id": None}, "id"))) is is_wrong
    assert not list(identity_violations(7, shown, {}, "id"))  # reads of this resource have no id


@pytest.mark.parametrize(
    ("reads", "must_move", "checks"),
    [
        ({"lastUpdatedAt": "2026-01-01T10:00:02Z"}, True, []),
        ({"lastUpdatedAt": "2026-01-01T12:00:00+02:00"}, False, []),
        ({"lastUpdatedAt": "2026-01-01T10:00:00Z"}, True, ["resource_update_time"]),
        ({"lastUpdatedAt": "2026-01-01T09:59:59Z"}, False, ["resource_update_time"]),
        ({"createdAt": "2026-01-02T00:00:00Z"}, False, ["resource_creation_time"]),
        ({"lastUpdatedAt": None}, False, ["resource_update_time"]),
        ({}, True, []),
    ],
)
def test_times_of_an_item(reads: dict[str, str], must_move: bool, checks: list[str]) -> None:
    before = {"lastUpdatedAt": "2026-01-01T10:00:00Z", "createdAt": "2026-01-01T00:00:00Z"}
    assert [violation.check.id for violation in time_violations(before, reads, must_move=must_move)] == checks


@pytest.mark.parametrize(
    ("shown", "settable", "places"),
    [
        ({"lastUpdatedAt": "2026-01-01T12:20:00+02:00", "createdAt": None}, (), []),
        ({"lastUpdatedAt": "2099-01-01T10:00:00Z"}, (), ["/lastUpdatedAt"]),
        ({"createdAt": "2026-01-02T10:00:00Z"}, (), ["/createdAt"]),
        ({"createdAt": "2026-01-02T10:00:00Z"}, ("createdAt",), []),
        ({"createdAt": "2026-01-02T10:00:00"}, (), []),  # without a zone nobody knows
    ],
)
def test_times_of_a_write_are_the_present(shown: dict[str, Any], settable: tuple[str, ...], places: list[str]) -> None:
    now = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)
    assert [found.location for found in present_time_violations(shown, now, settable=settable)] == places


def test_the_response_to_a_write_has_the_times_of_the_read() -> None:
    shown = {"lastUpdatedAt": "2026-01-01T10:00:00Z"}
    assert not list(answered_time_violations({"lastUpdatedAt": "2026-01-01T12:00:01+02:00"}, shown))
    (ahead,) = answered_time_violations({"lastUpdatedAt": "2026-01-02T10:00:00Z"}, shown)
    assert ahead.location == "/lastUpdatedAt"


def test_times_in_another_zone_are_found() -> None:
    schemas: dict[str, Any] = {name: ({"type": "string", "format": "date-time"}, True) for name in ("a", "b", "c")}
    shown = {"a": "2026-01-01T10:00:00Z", "b": "2026-01-01T10:00:00+02:00", "c": None}
    assert non_utc_fields(shown, schemas) == ["b"]


@pytest.mark.parametrize(
    ("sent", "status", "body", "is_wrong"),
    [
        ({"name": "a"}, 422, {"message": "no", "errors": {"body": ["no"]}}, True),
        ({"name": "a"}, 422, {"message": "no", "errors": {"name": ["no"]}}, True),
        ({"name": "a"}, 422, {"message": "no", "errors": {"operatorId": ["missing"]}}, False),
        ({"name": "a", "color": "a"}, 422, {"message": "no"}, False),
        ({"name": "a"}, 403, {"message": "no"}, False),
    ],
)
def test_a_body_of_names_is_not_refused_without_a_reason(
    answer: MakeAnswer, sent: dict[str, str], status: int, body: Any, is_wrong: bool
) -> None:
    schemas: dict[str, dict[str, Any]] = {"name": {}, "operatorId": {}, "color": {}}
    exchange = answer("POST", "/users", status, body, sent=sent)
    assert bool(list(refused_body_violations(schemas, sent, exchange))) is is_wrong
