"""What a recorder counts as lost, and what it thinks of findings after a loss."""

from dataclasses import replace

import pytest

from ampeco_conformance.checks.filters import FILTER_MATCHES_ONLY
from ampeco_conformance.checks.resources import RESOURCE_IDENTITY
from ampeco_conformance.checks.robustness import ANSWERS_IN_FULL
from ampeco_conformance.core.exchanges import Exchange, Request, Response
from ampeco_conformance.core.findings import ContractViolation, Finding, Standing
from ampeco_conformance.recording.recorder import Recorder
from tests.support.scripted_target import judge_with, scripted_contract

ANSWERED = Exchange(Request("GET", "http://127.0.0.1/users/1"), Response(200, body=b'{"data": {"id": 1}}'), 0.0, 0.1)
LOST = replace(ANSWERED, response=None, error="the connection failed", is_lost=True)
FOUND = Finding(FILTER_MATCHES_ONLY.violation("returns others"), "GET /users/{user}", "3.90.0", ANSWERED)


def recorder_of(*exchanges: Exchange) -> Recorder:
    recorder = Recorder(scripted_contract())
    for exchange in exchanges:
        recorder.observe(exchange)
    return recorder


def test_a_request_that_was_repeated_is_lost_once() -> None:
    recorder = recorder_of(replace(LOST, is_repeated=True), LOST)
    assert (recorder.lost, recorder.requests, recorder.statuses[0]) == (1, 2, 2)
    assert recorder_of(replace(LOST, is_repeated=True), ANSWERED).lost == 0


def test_a_finding_after_a_loss_does_not_fail_the_item() -> None:
    recorder = recorder_of(LOST, ANSWERED)
    recorder.expect_none([FOUND])
    assert [finding.standing for finding in recorder.tolerated] == [Standing.ADVISORY]
    assert "a request of the item got no response" in recorder.tolerated[0].setting


@pytest.mark.parametrize(
    ("exchanges", "finding"),
    [
        pytest.param([ANSWERED], FOUND, id="nothing was lost"),
        pytest.param(
            [LOST],
            replace(FOUND, violation=ANSWERS_IN_FULL.violation("gets no response"), exchange=LOST),
            id="the loss itself is the finding",
        ),
    ],
)
def test_other_findings_fail_the_item(exchanges: list[Exchange], finding: Finding) -> None:
    with pytest.raises(ContractViolation):
        recorder_of(*exchanges).expect_none([finding])


@pytest.mark.parametrize(
    ("location", "is_known"),
    [("/id", True), ("/data/id", True), ("/name", False), ("", False)],
    ids=["the field of the item", "the field of the body", "another field", "no field"],
)
def test_what_a_known_fault_of_a_field_does_to_comparisons_of_it_is_known_too(location: str, is_known: bool) -> None:
    contract = scripted_contract()
    without_id = replace(
        ANSWERED, response=Response(200, "OK", (("Content-Type", "application/json"),), b'{"data": {}}')
    )
    (known,) = contract.check_response(without_id)
    recorder = Recorder(contract, judge_with(contract, known))
    violation = RESOURCE_IDENTITY.violation("the read of item 1 has no id", location, expected=1)
    found = recorder.violations([Finding(violation, "POST /users", "3.90.0", without_id)])
    assert [finding.issue for finding in recorder.tolerated] == ["QA-1"] * is_known
    assert len(found) == (not is_known)
