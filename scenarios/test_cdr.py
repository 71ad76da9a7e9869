"""Roaming charge records are local or received, and every filter of the listing finds them.

Business rule: a record is issued here (local) or received, never both; its roaming id is its own; a record of a time is
listed in that time; reading it by id gives the same values.
Documented: CDRs 2.0 (read only): isLocal true = issued as CPO, false = received as eMSP; roamingId is unique; all date
bounds are inclusive; filters operatorId, platformId, isLocal, roamingId, startDateTimeFrom and -To.
"""

from datetime import datetime
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse

pytestmark = NORMAL

CDRS = "/resources/cdrs/v2.0"
CDR = "/resources/cdrs/v2.0/{cdr}"


@pytest.fixture
def page(api: ScenarioApi) -> ScenarioResponse:
    """The first page of the records."""
    with step("The roaming charge records are listed"):
        page = api.get(CDRS)
    if not page.items:
        pytest.skip("the target has no roaming charge records")
    return page


def test_a_record_reads_the_same_by_its_id(api: ScenarioApi, page: ScenarioResponse) -> None:
    """The listing agrees with the record, and every record ends after it starts."""
    entry = page.items[0]
    read = api.get(CDR, cdr=entry["id"])
    changed = sorted(name for name, value in entry.items() if name in read.item and read[name] != value)
    read.require_equal(changed, [], "listed-as-read", "the fields that differ from the listing")
    for record in page.items:
        begin, end = moment(record["startTime"]), moment(record["endTime"])
        page.require(
            begin is None or end is None or begin <= end,
            "record-ends-after-start",
            f"record {record['id']} ends at {record['endTime']} and starts at {record['startTime']}",
        )


def test_a_record_is_local_or_received(api: ScenarioApi, page: ScenarioResponse) -> None:
    """The filter by origin splits the records: each listing has only its own, and a record is in exactly one."""
    first = page.items[0]
    with step("Both origins are listed"):
        for is_local in (True, False):
            half = api.get(CDRS, query={"filter": {"isLocal": is_local}})
            wrong = [entry["id"] for entry in half.items if entry["isLocal"] != is_local]
            half.require_equal(wrong, [], "filter-holds", f"the records that are not isLocal={is_local}")
    with step("The first record is listed under its origin only"):
        check_found(api, first, {"isLocal": first["isLocal"]})


def test_a_record_is_listed_under_each_filter(api: ScenarioApi, page: ScenarioResponse) -> None:
    """A record is found by its operator, platform, roaming id and start time."""
    first = page.items[0]
    for name in ("operatorId", "platformId"):
        with step(f"It is listed under its {name}"):
            check_found(api, first, {name: first[name]})
    if first.get("roamingId"):
        with step("Its roaming id is unique"):
            answer = api.get(CDRS, query={"filter": {"roamingId": first["roamingId"]}})
            found = [entry["id"] for entry in answer.items]
            answer.require_equal(found, [first["id"]], "roaming-id-unique", "the records with the roaming id")
    if moment(first["startTime"]) is not None:
        with step("It is listed at its start time, since bounds are inclusive"):
            check_found(api, first, {"startDateTimeFrom": first["startTime"], "startDateTimeTo": first["startTime"]})


def check_found(api: ScenarioApi, record: dict[str, Any], filter: dict[str, Any]) -> None:
    """The listing under a filter holds the record, and no record that the filter excludes."""
    for page in api.pages(CDRS, filter=filter):
        for entry in page.items:
            wrong = {name: entry[name] for name in filter if name in entry and entry[name] != filter[name]}
            page.require_equal(wrong, {}, "filter-holds", f"what record {entry['id']} has instead")
        if record["id"] in {entry["id"] for entry in page.items}:
            return
    page.violates("filter-finds", f"record {record['id']} is not listed under {filter}")


def moment(text: str) -> datetime | None:
    """A time of a record; None for one that is not written as the specification's date-time."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else None
