"""The decision: a run is a success only when all that was planned was done, and it says so in parts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ampeco_conformance.core.errors import ExitCode
from ampeco_conformance.core.findings import Standing
from ampeco_conformance.core.item_results import NOT_ENABLED, NOTHING_SEEN, ItemResult
from ampeco_conformance.reporting.decision import Event, decide
from tests.support.finished_runs import LIST, OTHER, READ, failed, passed, plan_of, scenario

BROKEN = passed(LIST, status="broken", message="NotPermitted: POST /users", reached=())
UNANSWERED = passed(LIST, status="broken", message="no answer", environment="no answer from http://x", reached=())
INTERRUPTED = Event(ExitCode.INTERRUPTED, "it was interrupted")
IMPORT_ERROR = Event(ExitCode.CONFIGURATION, "scenarios/test_mine.py cannot be collected")
OUTAGE = Event(ExitCode.ENVIRONMENT, "the disk is full")
KNOWN_IS_GONE = Event(ExitCode.EXPIRED_KNOWN_ISSUE, "known issue QA-1 is no longer reproduced")


def decided(
    *results: ItemResult, events: Sequence[Event] = (), unended: Sequence[str] = (), **plan: Any
) -> tuple[str, ExitCode]:
    """Word and exit code for a run of everything, unless `plan` says otherwise."""
    decision = decide(plan_of(results, unended, **plan), results, events)
    assert (decision.word == "go") == (not decision.reasons)
    return decision.word, decision.code


@pytest.mark.parametrize(
    ("results", "events", "word", "code"),
    [
        ([passed()], [], "go", 0),
        ([passed(), passed(LIST, status="skipped", reason="read-only", reached=())], [], "go", 0),
        ([scenario("passed")], [], "go", 0),
        ([passed(), failed(LIST, standing=Standing.KNOWN)], [], "unknown", 4),
        ([passed(), replace(failed(LIST, standing=Standing.KNOWN), status="passed")], [], "go", 0),
        ([passed(), failed(LIST)], [], "no-go", 1),
        ([passed(), scenario("failed", "2 receipts")], [], "no-go", 1),
        # A finding counts whatever else happened.
        ([BROKEN, failed()], [INTERRUPTED, IMPORT_ERROR, OUTAGE], "no-go", 1),
        # What the suite, its guard or the environment broke says nothing about the contract.
        ([passed(), BROKEN], [], "unknown", 4),
        ([passed(), BROKEN, replace(UNANSWERED, node_id="x")], [], "unknown", 3),
        ([passed(), passed(LIST, status="failed", message="AssertionError", reached=())], [], "unknown", 4),
        ([passed(), UNANSWERED], [], "unknown", 3),
        # A few lost requests leave some items unjudged, many of them everything.
        ([passed(requests=98), replace(UNANSWERED, lost=2)], [], "partial", 0),
        ([passed(requests=98, lost=1)], [], "partial", 0),
        ([passed(requests=98), replace(UNANSWERED, lost=2), replace(UNANSWERED, node_id="x")], [], "unknown", 3),
        ([passed(requests=30), replace(UNANSWERED, lost=2)], [], "unknown", 3),
        ([BROKEN, passed(requests=98), replace(UNANSWERED, lost=2, node_id="x")], [], "unknown", 4),
        ([passed()], [INTERRUPTED], "unknown", 130),
        ([passed()], [IMPORT_ERROR, INTERRUPTED], "unknown", 2),
        ([passed()], [OUTAGE, INTERRUPTED], "unknown", 3),
        ([passed()], [KNOWN_IS_GONE], "partial", 5),
        # Nothing that was tested.
        ([], [], "unknown", 4),
        ([passed(reached=())], [], "unknown", 4),
        ([passed(LIST, notes=(NOTHING_SEEN,))], [], "unknown", 4),
        ([passed(), passed(LIST, notes=(NOTHING_SEEN,))], [], "go", 0),
        ([scenario("skipped", "no place")], [], "unknown", 4),
        ([replace(scenario("passed"), requests=0)], [], "unknown", 4),
        ([passed(), replace(scenario("passed"), requests=0)], [], "partial", 0),
        ([passed(), passed()], [], "unknown", 4),
    ],
)
def test_the_decision_follows_from_items_and_events(
    results: list[ItemResult], events: list[Event], word: str, code: int
) -> None:
    assert decided(*results, events=events) == (word, code)


@pytest.mark.parametrize(
    ("plan", "word", "code"),
    [
        ({"narrowed": ["--operation */taxes/*"]}, "partial", 0),
        ({"planned": 2}, "partial", 0),
        ({"shard": 2, "shards": 4}, "partial", 0),
        ({"run": ""}, "partial", 0),
        ({"own": []}, "unknown", 4),
        ({"min_reached": 100.0}, "go", 0),
    ],
)
def test_a_part_is_never_everything(plan: dict[str, Any], word: str, code: int) -> None:
    assert decided(passed(), **plan) == (word, code)


def test_an_item_that_did_not_run_is_no_success_but_hides_no_finding() -> None:
    assert decided(passed(), unended=["scenarios/test_tax.py::test_tax"]) == ("unknown", 4)
    assert decided(failed(), unended=["scenarios/test_tax.py::test_tax"]) == ("no-go", 1)


def test_too_few_operations_that_succeeded_are_no_success() -> None:
    half = (passed(), passed(OTHER, status="skipped", reason="no id", reached=()))
    assert decided(*half, min_reached=50.0) == ("go", 0)
    assert decided(*half, min_reached=51.0) == ("unknown", 4)
    with_an_empty_listing = (passed(), passed(LIST, notes=(NOTHING_SEEN,)))
    assert decided(*with_an_empty_listing, min_reached=50.0) == ("go", 0)
    assert decided(*with_an_empty_listing, min_reached=51.0) == ("unknown", 4)


def test_two_versions_are_counted_apart() -> None:
    older = passed(READ, api_version="3.66.0", status="skipped", reason="no id", reached=(), node_id="older")
    assert decided(passed(), older, min_reached=51.0) == ("unknown", 4)


def test_the_sentence_says_what_was_tested() -> None:
    sentence = decide(plan_of([passed()]), [passed()], []).sentence
    assert sentence == "The contract is kept by all 3 operations that safety level read-only permits."
    part = decide(plan_of([passed()], planned=2, narrowed=["--profile smoke"]), [passed()], [])
    assert (part.sentence, part.reasons) == ("The contract is kept by a part: 2 of 5 operations.", ("--profile smoke",))


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ([failed(LIST)], "1 cause on 1 operation"),
        (
            [failed(LIST), failed(OTHER), replace(failed(LIST), node_id="again")],
            "1 cause on 2 operations",
        ),
        (
            [failed(LIST), scenario("failed", "2 receipts")],
            "2 causes on 1 operation and 1 scenario",
        ),
        ([scenario("failed", "2 receipts")], "1 cause on 1 scenario"),
        (
            [replace(scenario("failed", "2 receipts"), findings=failed(LIST, standing=Standing.KNOWN).findings)],
            "1 scenario",
        ),
    ],
)
def test_the_reason_counts_causes_and_where_they_were_seen(results: list[ItemResult], reason: str) -> None:
    decision = decide(plan_of(results), results, [])
    assert (decision.reasons[0], decision.sentence) == (reason, f"The contract is violated: {reason}.")


@pytest.mark.parametrize(
    ("least", "shards", "code"), [(25.0, 1, 0), (26.0, 1, 4), (26.0, 2, 0)], ids=["enough", "too little", "a shard"]
)
def test_too_little_coverage_is_no_verdict(least: float, shards: int, code: int) -> None:
    listing = "GET /public-api/resources/taxes/v2.0"
    one_of_four = passed(listing, coverage={"statuses": {listing: ["200"]}})
    assert decided(one_of_four, min_coverage={"statuses": least, "filters": 100.0}, shards=shards)[1] == code


def test_a_minimum_of_coverage_needs_a_record() -> None:
    assert decided(passed(), min_coverage={"statuses": 0.0}) == ("unknown", 4)


def test_what_is_not_enabled_lowers_nothing_up_to_a_share() -> None:
    off = passed(OTHER, status="skipped", reason=f"{NOT_ENABLED}{OTHER}", reached=())
    assert decided(passed(), off, min_reached=100.0, permitted=4, planned=4) == ("go", 0)
    assert decided(passed(), off, min_reached=100.0, permitted=3) == ("unknown", 4)


def test_a_part_that_is_not_enabled_at_all_is_no_failure() -> None:
    off = passed(OTHER, status="skipped", reason=f"{NOT_ENABLED}{OTHER}", reached=())
    assert decided(off, permitted=10, planned=1, narrowed=["--operation */taxes"]) == ("partial", 0)
    assert decided(off, permitted=1, planned=1) == ("unknown", 4)
