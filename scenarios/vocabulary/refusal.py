"""What a refused start must look like and must not change.

Facts: a refused start is answered 202 with success=false, a message and an errorCode; the guide lets a charge point
also refuse later, when the accepted session fails. Either way no energy flows and nobody pays.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allure import step

from scenarios.vocabulary.api import ScenarioResponse
from scenarios.vocabulary.charging import Charging, ChargingSession
from scenarios.vocabulary.evses import SESSIONS, START_EVSE, Evse
from scenarios.vocabulary.people import Driver, balance
from scenarios.vocabulary.waiting import GLANCE


@dataclass(frozen=True)
class DriverStanding:
    """What a refusal must not change: the running sessions and, of a driver that the scenario created, the balance."""

    sessions: list[str]
    balance: Decimal | None


def standing_of(charging: Charging, driver: Driver) -> DriverStanding:
    """How things stand for a driver now."""
    sessions = sorted(
        str(entry["id"])
        for entry in charging.api.listing(SESSIONS, filter={"userId": driver.id})
        if entry["status"] in ("pending", "active")
    )
    # A running session may take money at any moment, and a configured user's balance is not the scenario's.
    is_at_rest = driver.is_ours and not sessions
    return DriverStanding(sessions, balance(charging.api, driver) if is_at_rest else None)


def check_start_refused(
    charging: Charging,
    evse: Evse,
    driver: Driver,
    way: str = START_EVSE,
    **body: Any,
) -> ScenarioResponse:
    """A start is refused, at once or by the charge point, and leaves no session behind that runs or costs.

    Which of the documented codes belongs to which reason is not documented.
    """
    # What has begun a moment ago may not be listed yet.
    charging.clock.let_pass(min(charging.clock.a_while, 2 * GLANCE))
    before = standing_of(charging, driver)
    answer = charging.try_to_start(evse, driver, way, **body)
    if answer["success"] and answer.get("sessionId") is not None:
        _check_session_fails(charging, charging.accepted(answer, evse))
        return answer
    check_is_refusal(answer)
    check_unchanged(charging, driver, before, answer)
    return answer


def check_unchanged(charging: Charging, driver: Driver, before: DriverStanding, answer: ScenarioResponse) -> None:
    """What was refused, last by this answer, has begun nothing and costs nothing."""
    with step("Nothing has changed"):
        # What a refusal caused by mistake would show as late as what a success causes.
        charging.clock.let_pass(min(charging.clock.a_while, 2 * GLANCE))
        after = standing_of(charging, driver)
        answer.require_equal(after.sessions, before.sessions, "refusal-changes-nothing", "running sessions")
        answer.require_equal(after.balance, before.balance, "refusal-costs-nothing", "the balance of the driver")


def check_is_refusal(answer: ScenarioResponse) -> None:
    """The answer refuses the start, names no session, and says why."""
    answer.require(not answer["success"], "start-refused", "a start that must be refused had success")
    answer.require_equal(answer.get("sessionId"), None, "refusal-without-session", "sessionId of a refused start")
    code = answer.get("errorCode")
    answer.require(
        answer.get("message") is not None or code is not None,
        "refusal-says-why",
        "a refused start has neither message nor errorCode",
    )


def _check_session_fails(charging: Charging, session: ChargingSession) -> None:
    over = charging.wait_until_over(session, rule="start-refused")
    over.require(over["status"] in ("failed", "expired"), "start-refused", f"the session is {over['status']}")
    over.require_equal(float(over["energy"]), 0.0, "failed-start-no-energy", "the energy of a failed session")
    over.require(not over.get("amount"), "failed-start-no-price", f"a failed session costs {over.get('amount')}")
