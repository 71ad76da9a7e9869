"""The API as scenarios use it, against a server of a few pages."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ampeco_conformance.contract.responses import ApiContract
from ampeco_conformance.core.errors import TargetError
from ampeco_conformance.core.exchanges import Exchange
from ampeco_conformance.core.findings import ContractViolation
from ampeco_conformance.emulator_client.clock import RealClock
from ampeco_conformance.http.client import ApiClient
from ampeco_conformance.http.safety_guard import Guard
from ampeco_conformance.recording.recorder import Recorder
from ampeco_conformance.specs import load_specification
from ampeco_conformance.target.safety import NotPermitted, Safety, SafetyPolicy
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from tests.support.gates import OpenGate
from tests.support.loopback import Received, Sent, sent_json, serving

TAXES = "/resources/taxes/v2.0"
TAX = "/resources/taxes/v2.0/{tax}"
UTILITIES = "/resources/utilities/v1.0"
MOMENT = "2026-01-01T00:00:00Z"
ENTRIES = [{"id": number, "name": f"Tax {number}", "percentage": 20, "lastUpdatedAt": MOMENT} for number in range(5)]

CLOCK = RealClock(patience=1, ahead=None)


def answer(received: Received) -> Sent:
    """Five entries in pages of two, in both styles of pagination."""
    if received.method != "GET":
        return sent_json({"data": ENTRIES[3]}, 201 if received.method == "POST" else 200)
    target = urlsplit(received.path)
    query = {name: values[0] for name, values in parse_qs(target.query, keep_blank_values=True).items()}
    if target.path.endswith("/utilities/v1.0"):
        return sent_json(cursor_page(int(query["cursor"] or 0)))
    if target.path.endswith("/taxes/v2.0"):
        return sent_json(numbered_page(int(query.get("page", 1))))
    if target.path.endswith("/taxes/v2.0/1"):
        return sent_json({"data": ENTRIES[1]})
    if target.path.endswith("/taxes/v2.0/2"):
        return sent_json({"data": {"id": 2}})
    return sent_json({"message": "No query results for model"}, 404)


def numbered_page(page: int) -> dict[str, Any]:
    first = (page - 1) * 2
    links = {"first": "/?page=1", "last": "/?page=3", "prev": None, "next": None}
    meta = {
        "current_page": page,
        "from": first,
        "last_page": 3,
        "links": [],
        "path": "/",
        "per_page": 2,
        "to": 0,
        "total": 5,
    }
    return {"data": ENTRIES[first : first + 2], "links": links, "meta": meta}


def cursor_page(first: int) -> dict[str, Any]:
    cursor = str(first + 2) if first + 2 < 5 else None
    links = {"first": None, "last": None, "prev": None, "next": None}
    meta = {"path": "/", "per_page": 2, "next_cursor": cursor, "prev_cursor": None}
    counts = {"chargePointsCount": 0, "electricityRatesCount": 0, "createdAt": MOMENT, "lastUpdatedAt": MOMENT}
    entries = [{"id": entry["id"], "name": entry["name"], "updatedAt": MOMENT} | counts for entry in ENTRIES]
    return {"data": entries[first : first + 2], "links": links, "meta": meta}


def policy(contract: ApiContract, safety: Safety) -> SafetyPolicy:
    return SafetyPolicy(safety, (), contract.specification.operations)


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serving(answer) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def contract() -> ApiContract:
    return ApiContract(load_specification("3.90.0"))


@pytest.fixture
def shown() -> list[Exchange]:
    return []


@pytest.fixture
def api(base_url: str, contract: ApiContract, shown: list[Exchange]) -> Iterator[ScenarioApi]:
    with ApiClient(base_url, "token", timeout=5, gate=OpenGate()) as client:
        yield ScenarioApi(
            client, Recorder(contract), contract.specification, policy(contract, Safety.FULL), shown.append, CLOCK
        )


@pytest.mark.parametrize("path", [TAXES, UTILITIES], ids=["pages", "cursor"])
def test_a_listing_is_read_to_its_end(api: ScenarioApi, path: str) -> None:
    assert [entry["id"] for entry in api.listing(path)] == [0, 1, 2, 3, 4]


def test_an_answer_reads_like_its_resource(api: ScenarioApi) -> None:
    tax = api.get(TAX, tax=1)
    assert tax["name"] == "Tax 1"
    assert tax.get("displayName") is None


def test_an_answer_that_breaks_the_specification_is_a_violation(api: ScenarioApi) -> None:
    with pytest.raises(
        ContractViolation, match=r"\[response_schema_conformance\] GET .*/taxes/v2.0/{tax} v3.90.0: /data/name"
    ):
        api.get(TAX, tax=2)


def test_a_status_the_story_does_not_allow_is_a_violation(api: ScenarioApi) -> None:
    with pytest.raises(ContractViolation, match=r"\[story-step\] .* answered 404: No query results"):
        api.get(TAX, tax=9)
    assert api.call("GET", TAX, expected=(404,), tax=9).status == 404


def test_a_broken_rule_names_rule_operation_and_values(api: ScenarioApi) -> None:
    tax = api.get(TAX, tax=1)
    with pytest.raises(ContractViolation) as caught:
        tax.require_equal(tax["percentage"], 25, "tax-is-25", "percentage")
    (finding,) = caught.value.findings
    assert finding.headline == f"[tax-is-25] GET /public-api{TAX} v3.90.0: percentage is 20, expected 25"
    assert (finding.expected, finding.actual, finding.exchange) == (25, 20, tax.exchange)


def test_looks_that_find_nothing_new_are_shown_once(api: ScenarioApi, shown: list[Exchange]) -> None:
    for number in (1, 1, 1, 9, 1):
        api.call("GET", TAX, expected=(200, 404), tax=number)
    assert [urlsplit(exchange.request.url).path[-1] for exchange in shown] == ["1", "9", "1"]


def test_no_answer_is_a_problem_of_the_target(contract: ApiContract) -> None:
    with ApiClient("http://127.0.0.1:1", "token", timeout=5) as client:
        api = ScenarioApi(
            client, Recorder(contract), contract.specification, policy(contract, Safety.FULL), lambda _: None, CLOCK
        )
        with pytest.raises(TargetError, match="got no answer"):
            api.get(TAXES)


def test_an_operation_the_version_lacks_skips_the_scenario(api: ScenarioApi) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"version 3\.90\.0 has no GET /resources/consents/v1\.0"):
        api.get("/resources/consents/v1.0")


def test_a_path_that_no_version_has_is_an_error() -> None:
    contract = ApiContract(load_specification("v1", "spirii"))
    (first, *_) = contract.specification.operations
    with ApiClient("http://127.0.0.1:1", "token", timeout=5) as client:
        full = policy(contract, Safety.FULL)
        api = ScenarioApi(client, Recorder(contract), contract.specification, full, lambda _: None, CLOCK)
        with pytest.raises(LookupError, match=f"no version of spirii has .*; did you mean {re.escape(first.label)}"):
            api.operation(first.method, f"{first.path}s")


def test_own_data_lets_a_scenario_change_only_what_it_created(base_url: str, contract: ApiContract) -> None:
    own_data = policy(contract, Safety.OWN_DATA)
    with ApiClient(base_url, "token", timeout=5, gate=Guard(own_data, contract)) as client:
        api = ScenarioApi(client, Recorder(contract), contract.specification, own_data, lambda _: None, CLOCK)
        with pytest.raises(NotPermitted, match="did not create"):
            api.patch(TAX, {"percentage": 1}, tax=3)
        created = api.post(TAXES, {"name": "Tax", "percentage": 20})
        assert api.patch(TAX, {"percentage": 1}, tax=created["id"]).status == 200
        with pytest.raises(pytest.skip.Exception, match="safety own-data"):
            api.post("/actions/users/v1.0/{user}/add-balance", {"amount": 1, "reason": "x"}, user=1)


def test_a_clean_up_that_is_not_permitted_stops_neither_the_others_nor_the_scenario(
    base_url: str, contract: ApiContract
) -> None:
    with ApiClient(base_url, "token", timeout=5, gate=Guard(policy(contract, Safety.OWN_DATA), contract)) as client:
        client.send("POST", f"/public-api{TAXES}", json={"name": "Tax", "percentage": 20})
        sent: list[str] = []
        client.observe(lambda exchange: sent.append(f"{exchange.request.method} {exchange.request.url[-2:]}"))
        cleanup = Cleanup(client, contract.specification)
        cleanup.later("DELETE", TAX, tax=3)
        cleanup.later("DELETE", TAX, tax=1)
        cleanup.now()
    assert sent == ["DELETE /3"]


def test_what_has_happened_needs_no_clean_up(base_url: str, contract: ApiContract) -> None:
    with ApiClient(base_url, "token", timeout=5, gate=Guard(policy(contract, Safety.FULL), contract)) as client:
        sent: list[str] = []
        client.observe(lambda exchange: sent.append(f"{exchange.request.method} {exchange.request.url[-2:]}"))
        cleanup = Cleanup(client, contract.specification)
        cleanup.later("DELETE", TAX, tax=1)
        cleanup.later("DELETE", TAX, tax=2)
        cleanup.settle(TAX, tax=2)
        cleanup.now()
    assert sent == ["DELETE /1"]
