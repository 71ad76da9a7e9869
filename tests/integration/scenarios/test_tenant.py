"""What the scenarios take from the configuration of a tenant."""

import re
import socket

import httpx

from ampeco_conformance.emulator_client.process import running_emulator
from ampeco_conformance.target.emulator_token import DEFAULT_TOKEN
from tests.support.scenario_runs import API_VERSION, run_scenarios
from tests.support.tampering import Tampering, tampering_proxy, with_status

MAY_ALL = {"permissions": ["money", "devices"]}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_story_waits_as_long_as_the_tenant_says(emulator: str) -> None:
    unrecognised = Tampering("GET", "/_emulator/$", with_status(404))
    with tampering_proxy(emulator, unrecognised) as base_url:
        outcomes = run_scenarios("test_charging_session.py -k forced", base_url, tenant={**MAY_ALL, "patience": 0.5})
    (reason,) = outcomes.skipped.values()
    assert "not settled: the session is active: not within" in reason


def test_webhooks_come_through_the_address_of_the_tenant(emulator: str) -> None:
    port = free_port()
    tunnel = Tampering("NONE", "", lambda _: None)
    with tampering_proxy(f"http://127.0.0.1:{port}", tunnel) as callback:
        tenant = {**MAY_ALL, "webhook_callback": f"{callback}/hooks", "webhook_port": port}
        outcomes = run_scenarios("test_webhook_changes.py -k balance", emulator, tenant=tenant)
    assert len(outcomes.passed) == 1, outcomes.failed or outcomes.skipped
    assert len(tunnel.seen) == 2
    assert all(re.fullmatch(r"POST /hooks/\w+/first", seen) for seen in tunnel.seen)


def test_an_evse_that_no_action_can_name_is_a_part_of_its_charge_point_too() -> None:
    body = {"networkId": "text", "physicalReference": "DK*AMP*E9", "currentType": "ac", "status": "enabled"}
    with running_emulator("ampeco", API_VERSION, DEFAULT_TOKEN) as emulator:
        added = httpx.post(
            f"{emulator}/public-api/resources/charge-points/v2.0/13/evses",
            json={**body, "powerOptions": {"maxPower": 22000, "maxVoltage": "400"}},
            headers={"Authorization": f"Bearer {DEFAULT_TOKEN}"},
            trust_env=False,
        )
        assert added.status_code == 201, added.text
        outcomes = run_scenarios(
            "test_refusing_charger.py -k point", emulator, tenant={**MAY_ALL, "ids": {"chargePoint": [13]}}
        )
    assert outcomes.failed == {}
    assert len(outcomes.passed) == 1
