"""A charging profile limits what a car gets until it is cleared.

Business rule: a profile that is set on an EVSE, or comes with a start, limits the power of the session; it is shown at
its EVSE until one is cleared that meets all criteria; without criteria the maximum profile of the charge point is
cleared.
Documented: "Set Charging Profile", "Clear Charging Profile" (criteria are combined; none of them: the
ChargePointMaxProfile of the charge point; network id 0 is the charge point), chargingProfile of a start, of EVSEs 2.1
and of charge points 2.0 (include).
"""

from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT, EVSE, Evse
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import Driver

pytestmark = CRITICAL

SET = "/actions/charge-point/v1.0/{chargePoint}/set-charging-profile/{evseNetworkId}"
CLEAR = "/actions/charge-point/v1.0/{chargePoint}/clear-charging-profile"
PROFILE = {"include": ["chargingProfile"]}
#: W, far below what a car takes at any EVSE, and what its meter may show above.
LIMIT, TOLERANCE = 2000, 1.1
A_QUARTER = 15 * 60.0


def profile(purpose: str, level: int) -> dict[str, Any]:
    """A profile that limits the power, whatever the time."""
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": LIMIT}]}
    kind = {"chargingProfilePurpose": purpose, "chargingProfileKind": "Relative"}
    return {"stackLevel": level, **kind, "chargingSchedule": schedule}


def set_profile(api: ScenarioApi, cleanup: Cleanup, evse: Evse, number: str, purpose: str, level: int) -> None:
    """The charge point takes a profile, for one EVSE or, with number 0, as a whole; skips the scenario if not."""
    with step(f"A profile of {LIMIT} W is set"):
        ids = {"chargePoint": evse.charge_point}
        cleanup.later("POST", CLEAR, {"chargingProfilePurpose": purpose, "stackLevel": level}, **ids)
        answer = api.post(SET, profile(purpose, level), expected=(202, 406), evseNetworkId=number, **ids)
    if answer.status == 406:
        pytest.skip("the charge point takes no charging profile")


def check_shown(answer: ScenarioResponse, level: int | None) -> None:
    """The profile of this stack level is shown as it was set; None: no profile."""
    shown = answer.get("chargingProfile") or {}
    answer.require_equal(shown.get("stackLevel"), level, "profile-shown", "the stack level of the charging profile")
    for name, value in (("chargingProfileKind", "Relative"), ("chargingRateUnit", "W")):
        answer.require_equal(shown.get(name, value), value, "profile-shown", f"{name} of the charging profile")
    periods = shown.get("schedulePeriods")
    limits = [LIMIT] if periods is None else [period.get("limit") for period in periods]
    answer.require_equal(limits, [LIMIT], "profile-shown", "the limits of the periods of the charging profile")


def check_limited(charging: Charging, evse: Evse, driver: Driver, **body: Any) -> None:
    """A session gets no more power than the profile allows."""
    session = charging.start(evse, driver, **body)
    charging.wait_until_active(session)
    charging.clock.let_pass(min(A_QUARTER, charging.clock.patience / 2))
    charging.stop(session)
    finished = charging.wait_until_finished(session)
    peak = (finished.get("power") or {}).get("peak")
    if peak is None:
        pytest.skip("the session shows no peak power")
    with step(f"It got {LIMIT} W at most"):
        finished.require(
            decimal(peak) <= decimal(LIMIT * TOLERANCE),
            "profile-limits",
            f"the peak power is {peak} W under a profile of {LIMIT} W",
            expected=LIMIT,
            actual=peak,
        )


def test_a_start_with_a_profile_is_limited(charging: Charging, evse: Evse, driver: Driver) -> None:
    """The profile that comes with a start limits its session; without one a start is accepted as well."""
    check_limited(charging, evse, driver, chargingProfile=profile("TxProfile", 1))


def test_a_profile_stays_until_one_is_cleared_that_meets_all_criteria(
    api: ScenarioApi, charging: Charging, cleanup: Cleanup, evse: Evse, driver: Driver
) -> None:
    """Criteria of which one is not met clear nothing; when all are met, the profile is gone."""
    level, purpose = 3, "TxDefaultProfile"
    set_profile(api, cleanup, evse, evse.network_id, purpose, level)
    ids: dict[str, Any] = {"chargePoint": evse.charge_point}
    check_shown(api.get(EVSE, query=PROFILE, evse=evse.id), level)
    check_limited(charging, evse, driver)
    with step("Criteria of which one is not met clear nothing"):
        api.post(CLEAR, {"chargingProfilePurpose": purpose, "stackLevel": level + 1}, **ids)
        check_shown(api.get(EVSE, query=PROFILE, evse=evse.id), level)
    with step("When all are met the profile is gone"):
        api.post(CLEAR, {"chargingProfilePurpose": purpose, "stackLevel": level}, **ids)
        check_shown(api.get(EVSE, query=PROFILE, evse=evse.id), None)


def test_without_criteria_the_maximum_profile_is_cleared(api: ScenarioApi, cleanup: Cleanup, evse: Evse) -> None:
    """Without criteria the maximum profile of the charge point goes, and the default profile of its EVSE stays."""
    set_profile(api, cleanup, evse, "0", "ChargePointMaxProfile", 4)
    set_profile(api, cleanup, evse, evse.network_id, "TxDefaultProfile", 3)
    ids: dict[str, Any] = {"chargePoint": evse.charge_point}
    check_shown(api.get(CHARGE_POINT, query=PROFILE, **ids), 4)
    with step("Profiles are cleared without criteria"):
        api.post(CLEAR, {}, **ids)
        check_shown(api.get(CHARGE_POINT, query=PROFILE, **ids), None)
        check_shown(api.get(EVSE, query=PROFILE, evse=evse.id), 3)
