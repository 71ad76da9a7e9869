"""A circuit shares its current among its charge points by their priorities.

Business rule: an attached charge point is listed with its priority, a changed one reads back, a detached one is gone;
thresholds of the state of charge read back.
Documented: circuits 2.0, actions attach, detach, set priority (202), "Set Circuit SoC Priority" (the upper threshold
at least five above the lower one).
"""

import secrets

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import Answer, Api
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.sites import new_charge_point, new_location

pytestmark = NORMAL

CIRCUITS = "/resources/circuits/v2.0"
CIRCUIT = "/resources/circuits/v2.0/{circuit}"
PRIORITIES = "/resources/circuits/v2.0/{circuit}/charge-point-priorities"
ATTACH = "/actions/circuit/v2.0/{circuit}/attach-charge-point"
DETACH = "/actions/circuit/v2.0/{circuit}/detach-charge-point/{chargePoint}"
SET_PRIORITY = "/actions/circuit/v2.0/{circuit}/set-charge-point-priority/{chargePoint}"
SOC_PRIORITIES = "/resources/circuits/v2.0/{circuit}/soc-priorities"
SET_SOC_PRIORITIES = "/actions/circuit/v2.0/{circuit}/set-circuit-soc-priorities"


@pytest.fixture
def circuit(api: Api, cleanup: Cleanup) -> Answer:
    """A new circuit of three phases and 63 A."""
    with step("A circuit is made"):
        name = f"Conformance {secrets.token_hex(4)}"
        made = api.post(CIRCUITS, {"name": name, "phases": "three_phase", "maxCurrent": 63})
        cleanup.later("DELETE", CIRCUIT, circuit=made["id"])
    return made


def test_a_charge_point_joins_and_leaves_a_circuit(api: Api, cleanup: Cleanup, circuit: Answer) -> None:
    """Attached with a priority, listed with it, changed, detached."""
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


def check_priority(api: Api, circuit: Answer, charge_point: int, expected: float | None) -> None:
    """The charge point has this priority in the circuit; None: it is not there."""
    answer = api.get(PRIORITIES, circuit=circuit["id"])
    found = {entry["id"]: entry["priority"] for entry in answer.items}
    answer.require_equal(found.get(charge_point), expected, "circuit-priority", f"priority of {charge_point}")


def test_thresholds_of_the_state_of_charge_read_back(api: Api, circuit: Answer) -> None:
    """Two thresholds are kept; two that are too close are refused and change nothing."""
    ids = {"circuit": circuit["id"]}
    wanted = {"upperThresholdPercent": 80, "highSoCPriority": 0.5, "lowerThresholdPercent": 20, "lowSoCPriority": 2}
    with step("Priority goes to cars below 20 %, away from cars above 80 %"):
        api.post(SET_SOC_PRIORITIES, wanted, **ids)
        check_thresholds(api, circuit, wanted)
    with step("Thresholds closer than five are refused"):
        api.post(SET_SOC_PRIORITIES, wanted | {"upperThresholdPercent": 22}, expected=(422,), **ids)
        check_thresholds(api, circuit, wanted)


def check_thresholds(api: Api, circuit: Answer, wanted: dict[str, float]) -> None:
    """The circuit has exactly these thresholds and priorities."""
    answer = api.get(SOC_PRIORITIES, circuit=circuit["id"])
    for name, value in wanted.items():
        answer.require_equal(answer.get(name), value, "soc-priorities-read-back", name)
