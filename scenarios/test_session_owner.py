"""A session without a user is assigned to one user, once.

Business rule: a session without a user can be assigned when its billing is completed; afterwards it is the user's,
and a second assignment fails and changes nothing.
Documented: "Session / Assign to user" (202, 409): billing status completed and no user yet; one-off and permanent.
"""

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.people import Drivers
from scenarios.vocabulary.waiting import wait_for_answer

pytestmark = NORMAL

ASSIGN = "/actions/session/v1.0/{session}/assign-user"


def test_a_session_without_user_is_assigned_once(
    api: ScenarioApi, charging: Charging, evse: Evse, drivers: Drivers
) -> None:
    """An anonymous session can be assigned to one user, and to no other afterwards."""
    api.operation("POST", ASSIGN)
    with step("A session starts without a user"):
        answer = charging.try_to_start(evse, None)
        if not answer["success"]:
            pytest.skip(f"the target refuses sessions without a user ({answer.get('errorCode')})")
        session = charging.accepted(answer, evse)
    charging.wait_until_active(session)
    charging.stop(session)
    charging.wait_until_finished(session)
    owner, other = drivers.new(), drivers.new()
    with step("It cannot be assigned before its billing is completed"):
        early = api.post(ASSIGN, {"userId": owner.id}, expected=(202, 409), session=session.id)
        read = charging.read(session)
        is_billed = read["billingStatus"] == "completed"
        read.require(early.status == 409 or is_billed, "assigned-when-billed", "a session was assigned unbilled")
    clock = charging.clock
    over_at = clock.now()

    def is_decided(read: ScenarioResponse) -> bool:
        never = read["billingStatus"] is None and clock.now() - over_at >= clock.deadline
        return never or read["billingStatus"] in ("completed", "suspended")

    with step("Its billing is completed"):
        wait_for_answer(
            "billing-completed",
            "the billing is completed",
            lambda: charging.read(session),
            is_decided,
            clock=clock,
            describe=lambda read: str(read["billingStatus"]),
        )
    billed = charging.read(session)
    if billed["billingStatus"] != "completed":
        pytest.skip(f"the target does not bill sessions without a user: billingStatus is {billed['billingStatus']}")
    with step("It is assigned to a user"):
        if early.status == 409:
            api.post(ASSIGN, {"userId": owner.id}, session=session.id)
        owned = charging.read(session)
        owned.require_equal(owned["userId"], owner.id, "session-assigned", "userId")
    with step("It cannot be assigned to another"):
        api.post(ASSIGN, {"userId": other.id}, expected=(409,), session=session.id)
        kept = charging.read(session)
        kept.require_equal(kept["userId"], owner.id, "assigned-once", "userId")
