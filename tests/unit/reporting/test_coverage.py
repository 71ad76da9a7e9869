"""The coverage of a run: in total and by operation, and why something was not reached."""

from ampeco_conformance.core.item_results import ItemResult
from ampeco_conformance.coverage.kinds import CoverageKind
from ampeco_conformance.reporting.coverage import KindCoverage, coverage_of
from tests.support.finished_runs import passed

LIST = "GET /public-api/resources/taxes/v2.0"
CHANGE = "PATCH /public-api/resources/taxes/v2.0/{tax}"
STATUSES = {CoverageKind.STATUSES.value: {LIST: ["200"]}}


def coverage(*results: ItemResult) -> dict[str, KindCoverage]:
    return {known.kind: known for known in coverage_of("ampeco", results)}


def reasons(known: KindCoverage) -> dict[str, list[str]]:
    """Reason to the places in all operations."""
    return {
        unreached.reason: [place for places in unreached.places.values() for place in places]
        for unreached in known.unreached
    }


def test_what_several_items_reach_counts_once() -> None:
    more = {CoverageKind.STATUSES.value: {LIST: ["200", "401"]}}
    statuses = coverage(passed(LIST, coverage=STATUSES), passed(LIST, aspect="filters", coverage=more))["statuses"]
    assert (statuses.reached, statuses.total, statuses.percent) == (2, 4, 50.0)
    assert statuses.operations == {LIST: (2, 4)}


def test_what_is_left_is_grouped_by_reason() -> None:
    found = coverage(passed(LIST, coverage=STATUSES))
    assert reasons(found["statuses"]) == {
        "no request was answered 401": ["401"],
        "no request was answered 403: no token was used that may not call the operation": ["403"],
        "no request was answered 429: the target was not driven into its rate limit": ["429"],
    }
    assert "no response showed it" in reasons(found["response-fields"])
    assert "401/message" in reasons(found["response-fields"])["no request was answered 401"]


def test_what_no_request_can_reach_is_listed_and_not_counted() -> None:
    users = "GET /public-api/resources/users/v1.0"
    invalid = coverage(passed(users, coverage=STATUSES))["invalid-keywords"]
    (known,) = invalid.unreachable
    assert (known.reason, known.count) == ("every text of a URL satisfies it", len(known.places[users]))
    assert invalid.total == sum(unreached.count for unreached in invalid.unreached)


def test_a_listing_whose_path_names_nothing_cannot_be_missing() -> None:
    points = "GET /public-api/resources/charge-points/v2.0"
    found = coverage(passed(points, coverage={CoverageKind.STATUSES.value: {points: ["200"]}}))
    assert "no request was answered 404: the path names nothing that could be missing" in reasons(found["not-found"])


def test_an_operation_that_was_not_called_is_the_reason() -> None:
    idle = passed(CHANGE, status="skipped", reason="safety read-only: it writes", reached=(), answers={})
    found = coverage(passed(LIST, coverage=STATUSES), idle)
    assert set(reasons(found["request-fields"])) == {"the operation was not called: policy"}


def test_what_a_test_says_of_a_gap_is_its_reason() -> None:
    gaps = {CoverageKind.CHANGED_FIELDS.value: {CHANGE: {"name": 'answered 422 {"message": "no"}'}}}
    reached = {**STATUSES, CoverageKind.CHANGED_FIELDS.value: {CHANGE: ["percentage"]}}
    changed = coverage(passed(LIST, coverage=reached), passed(CHANGE, aspect="write", gaps=gaps))["changed-fields"]
    assert reasons(changed)["answered 422"] == ["name"]
    assert changed.reached == 1


def test_a_test_that_was_skipped_says_why() -> None:
    skipped = passed(CHANGE, aspect="write", status="skipped", reason="it could not be created: no voucher")
    changed = coverage(passed(LIST, coverage=STATUSES), skipped)["changed-fields"]
    assert list(reasons(changed)) == ["it could not be created: no voucher"]
    untested = coverage(passed(LIST, coverage=STATUSES), passed(CHANGE))["changed-fields"]
    assert list(reasons(untested)) == ["no item of this run tests it (write or existing)"]


def test_versions_are_told_apart() -> None:
    older = passed(LIST, api_version="3.66.0", coverage=STATUSES)
    statuses = coverage(older, passed(LIST, coverage={}))["statuses"]
    assert {label: reached for label, (reached, _) in statuses.operations.items()} == {
        f"v3.66.0 {LIST}": 1,
        f"v3.90.0 {LIST}": 0,
    }


def test_a_run_without_records_has_no_coverage() -> None:
    assert coverage(passed(LIST)) == {}
