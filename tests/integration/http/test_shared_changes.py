"""What a run changes and did not create gets its old values again, also after the run was killed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.http.cleanup import sweep
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.client_factory import connect, guarded
from ampeco_conformance.http.journal import open_journal, read_journals
from ampeco_conformance.http.ownership import run_tag
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.configuration import Target
from ampeco_conformance.target.safety import NotPermitted, Permission, Safety, SafetyPolicy
from tests.support.loopback import Received, Sent, sent_json, serving

RESOURCES = "/public-api/resources"
TAX, EVSE, TARIFF = f"{RESOURCES}/taxes/v2.0/1", f"{RESOURCES}/evses/v2.1/1", f"{RESOURCES}/tariffs/v1.0/1"
CHARGE_POINT = f"{RESOURCES}/charge-points/v2.0/1"
AVAILABILITY = "/public-api/actions/charge-point/v1.0/1/change-availability"


def of_a_tenant() -> dict[str, dict[str, Any]]:
    """Things that nobody made for a test."""
    return {
        TAX: {"id": 1, "name": "VAT", "percentage": 19},
        EVSE: {"id": 1, "status": "enabled", "tariffGroupId": 7},
        TARIFF: {"id": 1, "name": "Standard", "type": "flat rate", "pricing": {"pricePerSession": 4}},
        CHARGE_POINT: {"id": 1, "status": "enabled"},
        AVAILABILITY: {"type": "Operative"},
    }


@dataclass
class Tenant:
    """A server with a few things; it may refuse changes, or forget to answer them."""

    items: dict[str, dict[str, Any]] = field(default_factory=of_a_tenant)
    refuses: bool = False
    forgets: bool = False

    def __call__(self, received: Received) -> Sent:
        item = self.items[received.path]
        if received.method == "GET":
            return sent_json({"data": item})
        if self.refuses:
            return sent_json({"message": "no", "errors": {}}, 422)
        if received.method == "PUT":
            item.clear()
        item |= json.loads(received.body)
        return Sent(is_lost=True) if self.forgets else sent_json({"data": item}, 200)


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


@pytest.fixture
def tenant() -> Tenant:
    return Tenant()


@pytest.fixture
def target(tenant: Tenant) -> Iterator[Target]:
    with serving(tenant) as base_url:
        permissions = frozenset(Permission)
        yield Target("tenant", "ampeco", "3.90.0", base_url, "token", Safety.FULL, permissions=permissions, timeout=5)


def guard_of(target: Target, contract: ApiContract, reports: Path | None = None) -> Guard:
    policy = SafetyPolicy(target.safety, target.permissions, contract.specification.operations)
    journal = open_journal(reports, target, "run") if reports is not None else None
    return Guard(policy, contract, journal, target.own_hosts, run_tag("run"))


@contextmanager
def killed_run(target: Target, contract: ApiContract, reports: Path) -> Iterator[ApiClient]:
    """A run that ends without undoing anything."""
    guard = guard_of(target, contract, reports)
    with connect(target, guard) as client:
        guard.read = lambda path: client.send("GET", path).response
        yield client
    assert guard.journal is not None
    guard.journal.close(keep=True)


def swept(target: Target, contract: ApiContract, reports: Path) -> dict[str, str]:
    (record,) = read_journals(reports)
    guard = guard_of(target, contract)
    with connect(target, guard) as client:
        return sweep(record, client, guard, contract)


@pytest.mark.parametrize("forgets", [False, True], ids=["answered", "no response"])
@pytest.mark.parametrize(
    ("method", "path", "change"),
    [
        ("PATCH", TAX, {"percentage": 22}),
        ("PATCH", EVSE, {"status": "out of order"}),
        ("PATCH", CHARGE_POINT, {"subscription": {"required": True, "planIds": [3]}}),
        ("PUT", TARIFF, {"name": "Another", "type": "free"}),
        ("POST", AVAILABILITY, {"type": "Inoperative"}),
    ],
)
def test_sweep_restores_what_a_killed_run_changed(
    target: Target,
    contract: ApiContract,
    tenant: Tenant,
    tmp_path: Path,
    method: str,
    path: str,
    change: dict[str, Any],
    forgets: bool,
) -> None:
    tenant.forgets = forgets
    with killed_run(target, contract, tmp_path) as client:
        client.send(method, path, json=change)
    tenant.forgets = False
    assert tenant.items != of_a_tenant()
    assert swept(target, contract, tmp_path) == {}
    never_set = {"subscription": {"required": False, "planIds": []}} if path == CHARGE_POINT else {}
    # A replacement in this server forgets the id.
    assert {"id": 1, **tenant.items[path]} == {"id": 1, **of_a_tenant()[path], **never_set}
    assert list(read_journals(tmp_path)) == []


def test_a_run_that_was_killed_between_two_changes_is_undone(
    target: Target, contract: ApiContract, tenant: Tenant, tmp_path: Path
) -> None:
    with killed_run(target, contract, tmp_path) as client:
        for percentage in (22, 25):
            client.send("PATCH", TAX, json={"percentage": percentage})
    tenant.items[TAX]["percentage"] = 22
    assert swept(target, contract, tmp_path) == {}
    assert tenant.items == of_a_tenant()


def test_nothing_is_left_of_a_change_that_was_undone_or_refused(
    target: Target, contract: ApiContract, tenant: Tenant, tmp_path: Path
) -> None:
    with killed_run(target, contract, tmp_path) as client:
        client.send("PATCH", TAX, json={"percentage": 22})
        client.send("PATCH", TAX, json={"percentage": 19.0})
        client.send("POST", AVAILABILITY, json={"type": "Inoperative"})
        client.send("POST", AVAILABILITY, json={"type": "Operative"})
        tenant.refuses = True
        client.send("PATCH", EVSE, json={"status": "out of order"})
    (record,) = read_journals(tmp_path)
    assert record.contents == []


def test_a_run_that_ends_restores_what_it_left_changed(
    target: Target, contract: ApiContract, tenant: Tenant, tmp_path: Path
) -> None:
    with guarded(target, contract, guard_of(target, contract, tmp_path)) as client:
        client.send("PATCH", EVSE, json={"status": "out of order"})
    assert tenant.items == of_a_tenant()
    assert list(read_journals(tmp_path)) == []


def test_what_somebody_else_changed_since_is_left_alone(
    target: Target, contract: ApiContract, tenant: Tenant, tmp_path: Path
) -> None:
    with killed_run(target, contract, tmp_path) as client:
        client.send("PATCH", TAX, json={"percentage": 22})
    tenant.items[TAX]["percentage"] = 20
    assert "changed since by somebody else" in swept(target, contract, tmp_path)[TAX]
    assert tenant.items[TAX]["percentage"] == 20
    (record,) = read_journals(tmp_path)
    assert record.shared[TAX].before == {"percentage": 19}


@pytest.mark.parametrize("safety", [Safety.READ_ONLY, Safety.OWN_DATA])
def test_below_full_nothing_shared_is_changed_or_restored(
    target: Target, contract: ApiContract, tenant: Tenant, tmp_path: Path, safety: Safety
) -> None:
    with killed_run(target, contract, tmp_path) as client:
        client.send("PATCH", TAX, json={"percentage": 22})
    below = replace(target, safety=safety)
    assert f"safety {safety}" in swept(below, contract, tmp_path)[TAX]
    with connect(below, guard_of(below, contract)) as client, pytest.raises(NotPermitted):
        client.send("PATCH", EVSE, json={"status": "out of order"})
    assert tenant.items[EVSE] == of_a_tenant()[EVSE]
