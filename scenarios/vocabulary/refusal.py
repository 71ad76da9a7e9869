"""A refused start: told so, and nothing happens.

Facts: a refused start is answered 202 with success=false, a message and an errorCode; the guide lets a charge point
also refuse later, when the accepted session fails. Either way no energy flows and nobody pays.
"""

from typing import Any

from allure import step

from scenarios.vocabulary.api import Answer
from scenarios.vocabulary.charging import Charging, Session
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.places import SESSIONS, Evse


def check_start_refused(charging: Charging, evse: Evse, driver: Driver, **body: Any) -> Answer:
    """A start is refused, at once or by the charge point, and leaves no session behind that runs or costs."""
    before = _sessions_of(charging, driver)
    answer = charging.try_to_start(evse, driver, **body)
    if answer["success"] and answer.get("sessionId") is not None:
        _check_session_fails(charging, charging.accepted(answer, evse))
        return answer
    answer.require(not answer["success"], "start-refused", "a start that must be refused had success")
    answer.require_equal(answer.get("sessionId"), None, "refusal-without-session", "sessionId of a refused start")
    answer.require(
        answer.get("message") is not None or answer.get("errorCode") is not None,
        "refusal-says-why",
        "a refused start has neither message nor errorCode",
    )
    with step("Nothing has happened"):
        after = _sessions_of(charging, driver)
        answer.require_equal(after, before, "refusal-changes-nothing", "running sessions of the driver")
    return answer


def _check_session_fails(charging: Charging, session: Session) -> None:
    over = charging.wait_until_over(session, rule="start-refused")
    over.require(over["status"] in ("failed", "expired"), "start-refused", f"the session is {over['status']}")
    over.require_equal(float(over["energy"]), 0.0, "failed-start-no-energy", "the energy of a failed session")
    over.require(not over.get("amount"), "failed-start-no-price", f"a failed session costs {over.get('amount')}")


def _sessions_of(charging: Charging, driver: Driver) -> list[str]:
    """The sessions of a driver that run now."""
    return sorted(
        str(entry["id"])
        for entry in charging.api.listing(SESSIONS, filter={"userId": driver.id})
        if entry["status"] in ("pending", "active")
    )
