"""What scenarios wait for, and what they look at again."""

from collections.abc import Callable

import pytest

from ampeco_conformance.checks.registry import CHECKS
from ampeco_conformance.core.checks import Severity, Violation, scenario_check
from ampeco_conformance.core.exchanges import Exchange, Request
from ampeco_conformance.core.findings import ContractViolation, Finding
from ampeco_conformance.specs import load_specification
from scenarios.vocabulary.api import ScenarioResponse
from scenarios.vocabulary.waiting import A_DAY, looks, wait_for_answer
from tests.support.counting_clock import CountingClock

EXCHANGE = Exchange(Request("GET", "http://127.0.0.1/public-api/resources/taxes/v2.0"), None, 0.0, 0.0)


def finding(violation: Violation) -> ContractViolation:
    return ContractViolation([Finding(violation, "GET /taxes", "3.90.0", EXCHANGE)])


def broken_rule() -> ContractViolation:
    return finding(scenario_check("tax-listed", Severity.CRITICAL).violation("it is not listed"))


def answer() -> ScenarioResponse:
    operation = load_specification("3.90.0").operations[0]
    return ScenarioResponse(EXCHANGE, operation, "3.90.0", 200, {}, Severity.CRITICAL)


def wait(clock: CountingClock, is_reached: Callable[[ScenarioResponse], bool], deadline: float = A_DAY) -> None:
    wait_for_answer("session-paid", "the session is paid", answer, is_reached, clock=clock, deadline=deadline)


def test_what_has_no_stated_time_may_take_a_day() -> None:
    clock = CountingClock()
    wait(clock, lambda _: clock.passed > 20 * 3600)


def test_what_does_not_come_in_a_day_is_a_violation() -> None:
    with pytest.raises(ContractViolation, match=r"\[session-paid\] .* the session is paid: not within 24 h"):
        wait(CountingClock(), lambda _: False)


def test_a_target_with_less_patience_leaves_it_open() -> None:
    clock = CountingClock()
    clock.patience = 300.0
    with pytest.raises(pytest.skip.Exception, match=r"not settled: the session is paid: not within 300 s; .*patience"):
        wait(clock, lambda _: False)


def test_a_stated_time_that_is_over_is_a_violation() -> None:
    clock = CountingClock()
    clock.patience = 300.0
    with pytest.raises(ContractViolation, match="not within 60 s"):
        wait(clock, lambda _: False, deadline=60.0)


def test_a_rule_may_hold_at_a_later_look() -> None:
    clock = CountingClock()
    begun = clock.passed
    for look in looks(clock):
        with look:
            if clock.passed < begun + 15:
                raise broken_rule()
    assert clock.passed == begun + 15


def look_until_it_holds(clock: CountingClock, violation: ContractViolation) -> None:
    for look in looks(clock):
        with look:
            raise violation


def test_the_last_look_counts() -> None:
    clock = CountingClock()
    begun = clock.passed
    with pytest.raises(ContractViolation, match="tax-listed"):
        look_until_it_holds(clock, broken_rule())
    assert clock.passed >= begun + clock.deadline


def test_a_response_that_breaks_the_contract_counts_at_once() -> None:
    clock = CountingClock()
    begun = clock.passed
    with pytest.raises(ContractViolation):
        look_until_it_holds(clock, finding(CHECKS["read_as_listed"].violation("it differs")))
    assert clock.passed == begun
