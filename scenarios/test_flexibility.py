"""A flexibility asset is bound to one thing and ends when it is told; a meter reports the current of its circuit.

Business rule: an asset for two things is refused; the circuit of an asset has no parent; at its end an asset is
disabled by itself; what a meter reports in mA is the consumption of its circuit in A, and is told to subscribers.
Documented: flexibility assets 1.0 (one of dlmCircuitId, chargePointId, evseId; endsAt), "Report Consumption" of
electricity meters, consumption of circuits 2.0, event CircuitConsumptionNotification.
"""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from allure import step

from ampeco_conformance.emulator_client.clock import TargetClock
from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.sites import new_charge_point, new_location
from scenarios.vocabulary.subscriptions import Subscriptions
from scenarios.vocabulary.waiting import looks

pytestmark = NORMAL

ASSETS = "/resources/flexibility-assets/v1.0"
ASSET = "/resources/flexibility-assets/v1.0/{flexibilityAsset}"
METERS = "/resources/electricity-meters/v1.0"
REPORT = "/actions/electricity-meter/v1.0/{electricityMeter}/report-consumption"
CIRCUITS = "/resources/circuits/v2.0"
CIRCUIT = "/resources/circuits/v2.0/{circuit}"
CONSUMPTION = "/resources/circuits/v2.0/{circuit}/consumption"


def integration_of(api: ScenarioApi, path: str) -> int:
    """The integration of something that exists; skips the scenario without any."""
    found = [entry["integrationId"] for entry in api.listing(path) if entry.get("integrationId") is not None]
    if not found:
        pytest.skip(f"the target has nothing under {path}, whose integration this scenario needs")
    return int(found[0])


@pytest.fixture
def asset(api: ScenarioApi, cleanup: Cleanup) -> dict[str, Any]:
    """The body of an asset for a new charge point."""
    api.operation("POST", ASSETS)
    integration = integration_of(api, ASSETS)
    charge_point = new_charge_point(api, cleanup, new_location(api, cleanup)["id"])["id"]
    bound = {"dlmCircuitId": None, "chargePointId": charge_point, "evseId": None}
    return {**bound, "integrationId": integration, "status": "enabled"}


def test_an_asset_is_for_one_thing(api: ScenarioApi, cleanup: Cleanup, asset: dict[str, Any]) -> None:
    """An asset for a charge point and a circuit is refused."""
    with step("There is a circuit"):
        body = {"name": f"Conformance {secrets.token_hex(4)}", "phases": "three_phase", "maxCurrent": 63}
        circuit = api.post(CIRCUITS, body)["id"]
        cleanup.later("DELETE", CIRCUIT, circuit=circuit)
    with step("An asset for both is refused"):
        api.post(ASSETS, asset | {"dlmCircuitId": circuit}, expected=(400, 422))


def test_the_circuit_of_an_asset_has_no_parent(api: ScenarioApi, cleanup: Cleanup, asset: dict[str, Any]) -> None:
    """A circuit gets a parent, but not while an asset uses it."""
    circuits = []
    with step("There are two circuits, one below the other"):
        for _ in range(2):
            body = {"name": f"Conformance {secrets.token_hex(4)}", "phases": "three_phase", "maxCurrent": 63}
            circuits.append(api.post(CIRCUITS, body)["id"])
            cleanup.later("DELETE", CIRCUIT, circuit=circuits[-1])
        parent, below = circuits
        part = {"parentCircuitId": parent, "phaseRotation": "RST"}
        api.patch(CIRCUIT, part, circuit=below)
        api.patch(CIRCUIT, {"parentCircuitId": None}, circuit=below)
    with step("An asset uses the lower one"):
        made = api.post(ASSETS, asset | {"chargePointId": None, "dlmCircuitId": below}, expected=(201, 422))
        if made.status == 422:
            pytest.skip(f"the target does not accept the asset: {made.body.get('message')}")
        cleanup.later("DELETE", ASSET, flexibilityAsset=made["id"])
    with step("It gets no parent any more"):
        api.patch(CIRCUIT, part, expected=(400, 403, 409, 422), circuit=below)
        kept = api.get(CIRCUIT, circuit=below)
        kept.require_equal(kept.get("parentCircuitId"), None, "asset-circuit-alone", "parentCircuitId")


def test_an_asset_is_disabled_at_its_end(
    api: ScenarioApi, cleanup: Cleanup, clock: TargetClock, asset: dict[str, Any]
) -> None:
    """An asset is enabled until its end, and disabled afterwards."""
    if clock.patience < 3600:
        pytest.skip("the asset ends after an hour, longer than a scenario waits on a tenant")
    with step("An asset for an hour is created"):
        ends = clock.moment() + timedelta(hours=1)
        made = api.post(ASSETS, asset | {"endsAt": ends.isoformat()}, expected=(201, 422))
        if made.status == 422:
            pytest.skip(f"the target does not accept the asset: {made.body.get('message')}")
        cleanup.later("DELETE", ASSET, flexibilityAsset=made["id"])
        made.require_equal(made["status"], "enabled", "asset-enabled", "the status of the new asset")
    clock.let_pass(3600 + 60)
    ended = api.get(ASSET, flexibilityAsset=made["id"])
    ended.require_equal(ended["status"], "disabled", "asset-ends", "the status after its end")


def test_a_meter_reports_the_current_of_its_circuit(
    api: ScenarioApi, cleanup: Cleanup, subscriptions: Subscriptions
) -> None:
    """A report of 16,000 mA is a consumption of 16 A, which is told."""
    api.operation("POST", REPORT)
    event = "CircuitConsumptionNotification"
    with step("There is a circuit with a meter"):
        name = f"Conformance {secrets.token_hex(4)}"
        made = api.post(METERS, {"name": name, "integrationId": integration_of(api, METERS)}, expected=(201, 422))
        if made.status == 422:
            pytest.skip(f"the target does not accept the meter: {made.body.get('message')}")
        meter = made["id"]
        cleanup.later("DELETE", f"{METERS}/{{electricityMeter}}", electricityMeter=meter)
        body = {"name": name, "phases": "three_phase", "maxCurrent": 63, "electricityMeterId": meter}
        circuit = int(api.post(CIRCUITS, body)["id"])
        cleanup.later("DELETE", CIRCUIT, circuit=circuit)
    subscription = subscriptions.subscribe(event)
    with step("The meter reports 16,000 mA"):
        api.post(REPORT, {"currentL1": 16000}, electricityMeter=meter)
    with step("The circuit consumes 16 A"):
        for look in looks(api.clock):
            with look:
                answer = api.get(CONSUMPTION, circuit=circuit)
                found = {entry["phase"]: entry["consumption"] for entry in answer.items}
                answer.require_equal(found.get("L1"), 16, "consumption-reported", "the consumption of L1 in A")
    subscriptions.check_arrives(subscription, event, circuitId=circuit)
