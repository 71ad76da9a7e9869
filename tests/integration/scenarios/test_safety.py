"""What the scenarios send at each safety level."""

from urllib.parse import urlsplit

from ampeco_conformance.apis import Effect
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.safety import effect
from tests.support.scenario_runs import API_VERSION, run_scenarios
from tests.support.tampering import Tampering, tampering_proxy

PROBE = ["GET /public-api/notifications/v1.0", "GET /_emulator/"]


def test_at_read_only_every_story_is_skipped_for_that_reason_and_nothing_is_sent(emulator: str) -> None:
    watching = Tampering("NONE", "", lambda _: None)
    with tampering_proxy(emulator, watching) as base_url:
        outcomes = run_scenarios("", base_url, safety="read-only")
    assert not outcomes.failed
    assert not outcomes.passed
    assert len(outcomes.skipped) > 100
    assert all("is read-only: scenarios charge and pay" in reason for reason in outcomes.skipped.values())
    # What asks whether there is a target at all, before the first scenario.
    assert [request.partition("?")[0] for request in watching.seen] == PROBE


def test_at_own_data_no_hardware_is_commanded_and_no_money_moved(emulator: str) -> None:
    watching = Tampering("NONE", "", lambda _: None)
    with tampering_proxy(emulator, watching) as base_url:
        outcomes = run_scenarios("", base_url, safety="own-data")
    assert not outcomes.failed
    assert outcomes.passed
    assert outcomes.skipped
    contract = ApiContract(load_specification(API_VERSION))
    for request in watching.seen:
        method, url = request.split(" ", 1)
        operation = contract.operation_of(method, urlsplit(url).path)
        assert operation is None or effect(operation) not in (Effect.MONEY, Effect.DEVICE), request
