"""The pool learns ids from listings and creations, prefers its own for writes, and cleans up after itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from ampeco_conformance.contract.path_templates import fill
from ampeco_conformance.contract.resource_map import UNUSED_ID, ResourceMap
from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.generate.ids import IdPool
from ampeco_conformance.generate.sampling import ABSENT
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.specs import Operation, load_specification
from ampeco_conformance.target.safety import Safety, SafetyPolicy
from tests.support.gates import OpenGate
from tests.support.loopback import Received, Sent, sent_json, serving

USERS = "/public-api/resources/users/v1.0"
CHARGE_POINTS = "/public-api/resources/charge-points/v2.0"
EVSES = f"{CHARGE_POINTS}/{{chargePoint}}/evses"


@dataclass
class PoolServer:
    """Answers listings from a table of paths, creates users, remembers what was asked."""

    listings: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, received: Received) -> Sent:
        self.asked.append(f"{received.method} {received.path}")
        match received.method:
            case "GET":
                found = received.path in self.listings
                return sent_json({"data": self.listings.get(received.path, [])}, 200 if found else 404)
            case "POST":
                return sent_json({"data": {"id": 900}}, 201)
            case _:
                return sent_json({})


@pytest.fixture
def server() -> PoolServer:
    return PoolServer()


@pytest.fixture
def client(server: PoolServer) -> Iterator[ApiClient]:
    with serving(server.answer) as base_url, ApiClient(base_url, "token", timeout=5, gate=OpenGate()) as client:
        yield client


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


def pool_of(
    contract: ApiContract,
    client: ApiClient,
    configured: dict[str, tuple[Any, ...]] | None = None,
    safety: Safety = Safety.FULL,
) -> IdPool:
    policy = SafetyPolicy(safety, (), contract.specification.operations)
    return IdPool(ResourceMap(contract), client, policy, configured or {})


def operation(contract: ApiContract, label: str) -> Operation:
    return contract.specification.operation(label)


def test_ids_come_from_the_listing_which_is_asked_once(
    contract: ApiContract, client: ApiClient, server: PoolServer
) -> None:
    server.listings[USERS] = [{"id": 5}, {"id": 6}]
    pool = pool_of(contract, client)
    read = operation(contract, f"GET {USERS}/{{user}}")
    assert [values["user"] for values in pool.path_parameters(read, limit=9)] == [5, 6]
    assert pool.field_value("userId", {"type": "integer"}) == 5
    assert server.asked == [f"GET {USERS}"]


def test_an_empty_text_is_no_id(contract: ApiContract, client: ApiClient, server: PoolServer) -> None:
    keys = f"{CHARGE_POINTS}/3/configurations"
    server.listings = {CHARGE_POINTS: [{"id": 3}], keys: [{"key": ""}, {"key": "Interval"}]}
    operation = contract.specification.operation(f"GET {CHARGE_POINTS}/{{chargePoint}}/configurations/{{key}}")
    found = [*pool_of(contract, client).path_parameters(operation, limit=9)]
    assert found == [{"chargePoint": 3, "key": "Interval"}]


def test_an_id_is_given_as_the_field_wants_it(contract: ApiContract, client: ApiClient, server: PoolServer) -> None:
    server.listings[USERS] = [{"id": "5"}]
    assert pool_of(contract, client).field_value("userId", {"type": "integer"}) == 5


def test_a_day_needs_no_listing(contract: ApiContract, client: ApiClient, server: PoolServer) -> None:
    rates = "/public-api/resources/electricity-rates/v2.0"
    server.listings[rates] = [{"id": 3}]
    write = operation(contract, f"PUT {rates}/{{electricityRate}}/price-periods/date/{{date}}")
    (values,) = pool_of(contract, client).path_parameters(write, limit=9)
    assert date.fromisoformat(values["date"]) > date.today()


def test_a_child_is_looked_up_below_its_parent(contract: ApiContract, client: ApiClient, server: PoolServer) -> None:
    server.listings[CHARGE_POINTS] = [{"id": 1}, {"id": 2}]
    server.listings[fill(EVSES, {"chargePoint": 2})] = [{"id": 20, "networkId": "1"}]
    pool = pool_of(contract, client)
    read = operation(contract, f"GET {EVSES}/{{evse}}")
    assert list(pool.path_parameters(read, limit=9)) == [{"chargePoint": 2, "evse": 20}]
    start = operation(contract, "POST /public-api/actions/charge-point/v1.0/{chargePoint}/start/{evse}")
    assert list(pool.path_parameters(start, limit=9)) == [{"chargePoint": 2, "evse": "1"}]


def test_configured_ids_are_the_only_ones_used(contract: ApiContract, client: ApiClient, server: PoolServer) -> None:
    server.listings[USERS] = [{"id": 5}]
    pool = pool_of(contract, client, {"user": (42,)})
    read = operation(contract, f"GET {USERS}/{{user}}")
    assert [values["user"] for values in pool.path_parameters(read, limit=9)] == [42]
    assert server.asked == []


def test_a_change_prefers_what_the_run_created(contract: ApiContract, client: ApiClient, server: PoolServer) -> None:
    server.listings[USERS] = [{"id": 5}]
    pool = pool_of(contract, client)
    create = operation(contract, f"POST {USERS}")
    pool.learn(create, client.send("POST", USERS, json={}))
    change = operation(contract, f"PATCH {USERS}/{{user}}")
    assert next(pool.path_parameters(change, limit=9))["user"] == 900
    assert [values["user"] for values in pool.path_parameters(change, limit=9)] == [900, 5]


def test_at_own_data_a_change_meets_nothing_else(contract: ApiContract, client: ApiClient, server: PoolServer) -> None:
    server.listings[USERS] = [{"id": 5}]
    pool = pool_of(contract, client, {"user": (42,)}, Safety.OWN_DATA)
    change = operation(contract, f"PATCH {USERS}/{{user}}")
    assert list(pool.path_parameters(change, limit=9)) == []
    pool.learn(operation(contract, f"POST {USERS}"), client.send("POST", USERS, json={}))
    assert [values["user"] for values in pool.path_parameters(change, limit=9)] == [900]


def test_at_own_data_bodies_refer_to_own_things_and_test_equipment(
    contract: ApiContract, client: ApiClient, server: PoolServer
) -> None:
    server.listings[USERS] = [{"id": 5}]
    own_data = SafetyPolicy(Safety.OWN_DATA, (), contract.specification.operations)
    pool = IdPool(ResourceMap(contract), client, own_data, {}, {"user": (42,)})
    assert pool.reference("userId", 5) == 42
    assert pool.reference("partnerId", 5) == UNUSED_ID
    assert pool.reference("userId", "5") == f"unused-{UNUSED_ID}"
    # Lenient servers read these as ids; they stay of another type.
    assert pool.reference("partnerId", True) == f"unused-{UNUSED_ID}"
    assert pool.reference("partnerId", 5.5) == UNUSED_ID + 0.5
    # What has to be left out of a body leaves nothing empty behind.
    body = {"name": "x", "partner": {"id": 5}, "userIds": [5], "chargePoints": [{"id": 5}], "tags": []}
    assert pool.owned(body, "") == {"name": "x", "userIds": [42], "tags": []}
    assert pool.owned({"partner": {"id": 5}}, "") is ABSENT
    assert pool_of(contract, client).owned(body, "") == body
    pool.learn(operation(contract, f"POST {USERS}"), client.send("POST", USERS, json={}))
    assert pool.reference("ownerUserId", 5) == 900
    assert pool_of(contract, client).reference("userId", 7) == 5


def test_a_removed_item_is_forgotten(contract: ApiContract, client: ApiClient, server: PoolServer) -> None:
    server.listings[USERS] = [{"id": 5}, {"id": 6}]
    pool = pool_of(contract, client)
    remove = operation(contract, f"DELETE {USERS}/{{user}}")
    assert pool.field_value("userId", {"type": "integer"}) == 5
    pool.learn(remove, client.send("DELETE", f"{USERS}/5"))
    assert pool.field_value("userId", {"type": "integer"}) == 6
