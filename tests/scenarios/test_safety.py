"""What the stories send at each safety level."""

from urllib.parse import urlsplit

from ampeco_conformance.checks.conformance import Contract
from ampeco_conformance.specs import load_specification
from ampeco_conformance.tenants.safety import Effect, effect
from tests.scenarios.stories import API_VERSION, run_stories
from tests.scenarios.tampering import Tampering, tampering_proxy


def test_at_read_only_every_story_that_writes_is_skipped_and_nothing_is_written(emulator: str) -> None:
    watching = Tampering("NONE", "", lambda _: None)
    with tampering_proxy(emulator, watching) as base_url:
        outcomes = run_stories("", base_url, safety="read-only")
    assert not outcomes.failed
    skipped_for_safety = [reason for reason in outcomes.skipped.values() if "is read-only" in reason]
    assert len(skipped_for_safety) > 60
    assert all(request.startswith("GET ") for request in watching.seen)


def test_at_own_data_no_hardware_is_commanded_and_no_money_moved(emulator: str) -> None:
    watching = Tampering("NONE", "", lambda _: None)
    with tampering_proxy(emulator, watching) as base_url:
        outcomes = run_stories("", base_url, safety="own-data")
    assert not outcomes.failed
    assert outcomes.passed
    assert outcomes.skipped
    contract = Contract(load_specification(API_VERSION))
    for request in watching.seen:
        method, url = request.split(" ", 1)
        operation = contract.operation_of(method, urlsplit(url).path)
        assert operation is None or effect(operation) not in (Effect.MONEY, Effect.DEVICE), request
