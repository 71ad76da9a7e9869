"""A circuit distributes its current among its charge points by priority.

Business rule: an attached charge point is listed with its priority, a changed one reads back, a detached one is gone;
its EVSEs and groups of users have priorities of their own; thresholds of the state of charge read back; the electrical
configuration stays while charge points of it are attached.
Documented: circuits 2.0, actions attach, detach, set priority of a charge point or of an EVSE (202), user priorities (a
weight for a user group or partner: 1 neutral, 2 double, 0.5 half), "Set Circuit SoC Priority" (the upper threshold at
least five above the lower one).
"""

import secrets

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT_EVSES
from scenarios.vocabulary.sites import new_charge_point, new_location
from scenarios.vocabulary.waiting import looks

pytestmark = NORMAL

CIRCUITS = "/resources/circuits/v2.0"
CIRCUIT = "/resources/circuits/v2.0/{circuit}"
PRIORITIES = "/resources/circuits/v2.0/{circuit}/charge-point-priorities"
ATTACH = "/actions/circuit/v2.0/{circuit}/attach-charge-point"
DETACH = "/actions/circuit/v2.0/{circuit}/detach-charge-point/{chargePoint}"
SET_PRIORITY = "/actions/circuit/v2.0/{circuit}/set-charge-point-priority/{chargePoint}"
SET_EVSE_PRIORITY = "/actions/circuit/v2.0/{circuit}/set-charge-point-priority/{chargePoint}/evse/{evse}"
USER_PRIORITIES = "/resources/circuits/v2.0/{circuit}/user-priorities"
USER_PRIORITY = "/resources/circuits/v2.0/{circuit}/user-priorities/{userPriority}"
USER_GROUPS = "/resources/user-groups/v1.0"
USER_GROUP = "/resources/user-groups/v1.0/{userGroup}"
SOC_PRIORITIES = "/resources/circuits/v2.0/{circuit}/soc-priorities"
SET_SOC_PRIORITIES = "/actions/circuit/v2.0/{circuit}/set-circuit-soc-priorities"


@pytest.fixture
def circuit(api: ScenarioApi, cleanup: Cleanup) -> ScenarioResponse:
    """A new circuit of three phases and 63 A."""
    with step("A circuit is created"):
        name = f"Conformance {secrets.token_hex(4)}"
        made = api.post(CIRCUITS, {"name": name, "phases": "three_phase", "maxCurrent": 63})
        cleanup.later("DELETE", CIRCUIT, circuit=made["id"])
    return made


def test_a_charge_point_joins_and_leaves_a_circuit(
    api: ScenarioApi, cleanup: Cleanup, circuit: ScenarioResponse
) -> None:
    """A charge point is attached with a priority, listed with it, changed and detached."""
    ids = {"circuit": circuit["id"]}
    charge_point = new_charge_point(api, cleanup, new_location(api, cleanup)["id"])["id"]
    with step("It is attached with priority 1"):
        api.post(ATTACH, {"chargePointId": charge_point, "priority": 1}, **ids)
        cleanup.later("POST", DETACH, chargePoint=charge_point, **ids)
        check_priority(api, circuit, charge_point, 1)
    with step("Its priority is doubled"):
        api.post(SET_PRIORITY, {"priority": 2}, chargePoint=charge_point, **ids)
        check_priority(api, circuit, charge_point, 2)
    with step("It is detached"):
        api.post(DETACH, chargePoint=charge_point, **ids)
        check_priority(api, circuit, charge_point, None)


def test_an_evse_has_a_priority_of_its_own(api: ScenarioApi, cleanup: Cleanup, circuit: ScenarioResponse) -> None:
    """The priority of one EVSE does not change that of its charge point."""
    api.operation("POST", SET_EVSE_PRIORITY)
    ids = {"circuit": circuit["id"]}
    charge_point = new_charge_point(api, cleanup, new_location(api, cleanup)["id"])["id"]
    with step("An EVSE is created"):
        body = {"physicalReference": secrets.token_hex(4), "currentType": "ac", "networkId": "1", "status": "enabled"}
        evse = api.post(CHARGE_POINT_EVSES, body, chargePoint=charge_point)["id"]
    with step("The charge point is attached with priority 1"):
        api.post(ATTACH, {"chargePointId": charge_point, "priority": 1}, **ids)
        cleanup.later("POST", DETACH, chargePoint=charge_point, **ids)
    with step("The EVSE gets priority 3"):
        api.post(SET_EVSE_PRIORITY, {"priority": 3}, chargePoint=charge_point, evse=evse, **ids)
        check_priority(api, circuit, charge_point, 1)
        for look in looks(api.clock):
            with look:
                answer = api.get(PRIORITIES, **ids)
                own = {
                    setting["id"]: setting["priority"]
                    for entry in answer.items
                    if entry["id"] == charge_point
                    for setting in entry.get("evses") or ()
                }
                answer.require_equal(own.get(evse), 3, "evse-priority", f"the priority of EVSE {evse}")


def test_a_circuit_is_configured_as_its_charge_points(
    api: ScenarioApi, cleanup: Cleanup, circuit: ScenarioResponse
) -> None:
    """The electrical configuration changes only after charge points of the present one are detached."""
    ids = {"circuit": circuit["id"]}
    charge_point = new_charge_point(api, cleanup, new_location(api, cleanup)["id"])["id"]
    with step("A charge point is attached"):
        api.post(ATTACH, {"chargePointId": charge_point, "priority": 1}, **ids)
        cleanup.later("POST", DETACH, chargePoint=charge_point, **ids)
    with step("The circuit does not become a delta"):
        api.patch(CIRCUIT, {"electricalConfiguration": "delta"}, expected=(400, 403, 409, 422), **ids)
        kept = api.get(CIRCUIT, **ids)
        kept.require(kept.get("electricalConfiguration") in ("star", None), "circuit-configured", "it is a delta")
    with step("Without the charge point it does"):
        api.post(DETACH, chargePoint=charge_point, **ids)
        changed = api.patch(CIRCUIT, {"electricalConfiguration": "delta"}, **ids)
        changed.require_equal(changed["electricalConfiguration"], "delta", "circuit-configured", "the configuration")


def test_a_group_of_users_has_a_weight(api: ScenarioApi, cleanup: Cleanup, circuit: ScenarioResponse) -> None:
    """The weight of a user group is listed at its circuit, can be changed and is gone when deleted."""
    ids = {"circuit": circuit["id"]}
    with step("There is a group of users"):
        group = api.post(USER_GROUPS, {"name": f"Conformance {secrets.token_hex(4)}"})["id"]
        cleanup.later("DELETE", USER_GROUP, userGroup=group)
    with step("Its weight is doubled"):
        made = api.post(USER_PRIORITIES, {"type": "userGroup", "targetId": group, "priority": 2}, **ids)
        cleanup.later("DELETE", USER_PRIORITY, userPriority=made["id"], **ids)
        check_weight(api, circuit, group, 2)
    with step("Its weight is halved"):
        change = {"type": "userGroup", "targetId": group, "priority": 0.5}
        api.patch(USER_PRIORITY, change, userPriority=made["id"], **ids)
        check_weight(api, circuit, group, 0.5)
    with step("Its weight is removed"):
        api.delete(USER_PRIORITY, userPriority=made["id"], **ids)
        check_weight(api, circuit, group, None)


def check_weight(api: ScenarioApi, circuit: ScenarioResponse, group: int, expected: float | None) -> None:
    """The user group has this weight in the circuit; None: it has none."""
    for look in looks(api.clock):
        with look:
            for page in api.pages(USER_PRIORITIES, circuit=circuit["id"]):
                found = {entry["targetId"]: entry["priority"] for entry in page.items if entry["type"] == "userGroup"}
            page.require_equal(found.get(group), expected, "user-priority", f"the weight of user group {group}")


def check_priority(api: ScenarioApi, circuit: ScenarioResponse, charge_point: int, expected: float | None) -> None:
    """The charge point has this priority in the circuit; None: it is not there."""
    for look in looks(api.clock):
        with look:
            answer = api.get(PRIORITIES, circuit=circuit["id"])
            found = {entry["id"]: entry["priority"] for entry in answer.items}
            answer.require_equal(found.get(charge_point), expected, "circuit-priority", f"priority of {charge_point}")


def test_thresholds_of_the_state_of_charge_read_back(api: ScenarioApi, circuit: ScenarioResponse) -> None:
    """Valid thresholds are stored, null clears one; two that are too close are refused and change nothing."""
    ids = {"circuit": circuit["id"]}
    wanted = {"upperThresholdPercent": 80, "highSoCPriority": 0.5, "lowerThresholdPercent": 20, "lowSoCPriority": 2}
    with step("Priority goes to cars below 20 %, away from cars above 80 %"):
        api.post(SET_SOC_PRIORITIES, wanted, **ids)
        check_thresholds(api, circuit, wanted)
    with step("Thresholds closer than five are refused"):
        api.post(SET_SOC_PRIORITIES, wanted | {"upperThresholdPercent": 22}, expected=(422,), **ids)
        check_thresholds(api, circuit, wanted)
    with step("Without an upper threshold only the lower one is left"):
        api.post(SET_SOC_PRIORITIES, wanted | {"upperThresholdPercent": None}, **ids)
        answer = api.get(SOC_PRIORITIES, **ids)
        answer.require_equal(answer.get("upperThresholdPercent"), None, "soc-priorities-read-back", "the threshold")


def check_thresholds(api: ScenarioApi, circuit: ScenarioResponse, wanted: dict[str, float]) -> None:
    """The circuit has exactly these thresholds and priorities."""
    answer = api.get(SOC_PRIORITIES, circuit=circuit["id"])
    for name, value in wanted.items():
        answer.require_equal(answer.get(name), value, "soc-priorities-read-back", name)
