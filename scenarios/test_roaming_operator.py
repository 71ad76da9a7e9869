"""Custom tariff filters of a roaming operator keep their order, and a partner switches the operator on.

Business rule: a filter without an order goes last; at an order that is taken the others move along; a partial reorder
keeps the others in their relative order, and orders begin with 1; a partner switches the operator on, none off.
Documented: custom tariff filters of roaming operators 2.0 (create, "Reorder"), update of roaming operators 2.0
(partnerId drives enabled).
"""

import secrets

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.settings import Settings

pytestmark = NORMAL

OPERATORS = "/resources/roaming-operators/v2.0"
OPERATOR = "/resources/roaming-operators/v2.0/{roamingOperator}"
FILTERS = f"{OPERATOR}/custom-tariff-filters"
FILTER = f"{FILTERS}/{{customTariffFilter}}"
REORDER = f"{FILTERS}/reorder"
PARTNERS = "/resources/partners/v2.0"
PARTNER = "/resources/partners/v2.0/{partner}"


@pytest.fixture
def operator(api: ScenarioApi) -> int:
    """A roaming operator; skips the scenario without any."""
    found = api.get(OPERATORS).items
    if not found:
        pytest.skip("the target has no roaming operators")
    return int(found[0]["id"])


def new_filter(api: ScenarioApi, cleanup: Cleanup, operator: int, **fields: int) -> int:
    """A filter that is switched off."""
    body = {"name": f"Conformance {secrets.token_hex(4)}", "status": "disabled", "applicableCurrentTypes": ["AC"]}
    created = api.post(FILTERS, body | fields, roamingOperator=operator)
    cleanup.later("DELETE", FILTER, roamingOperator=operator, customTariffFilter=created["id"])
    return int(created["id"])


def order_of(api: ScenarioApi, operator: int) -> dict[int, int]:
    """The order of each filter."""
    return {int(entry["id"]): int(entry["order"]) for entry in api.listing(FILTERS, roamingOperator=operator)}


def test_filters_make_room_for_each_other(api: ScenarioApi, cleanup: Cleanup, operator: int) -> None:
    """New filters go last, or in front of the one at their order; a reorder of two keeps all others."""
    api.operation("POST", FILTERS)
    before = order_of(api, operator)
    with step("A filter without an order goes last"):
        first = new_filter(api, cleanup, operator)
        page = api.get(FILTERS, roamingOperator=operator)
        orders = order_of(api, operator)
        page.require(all(orders[first] > orders[other] for other in before), "filter-last", f"the orders are {orders}")
        last = orders[first]
    with step(f"Another one at {last} moves it along"):
        second = new_filter(api, cleanup, operator, order=last)
        orders = order_of(api, operator)
        page.require_equal(orders[second], last, "filter-order", "the order that was sent")
        page.require(orders[first] > last, "filter-order", f"the filter at {last} is at {orders[first]} now")
        kept = {number: orders[number] for number in before}
        page.require_equal(kept, before, "filter-order", "the orders of all others")
    with step("A reorder of two keeps the others in their order"):
        api.put(REORDER, {"filters": [{"id": first, "order": 1}]}, roamingOperator=operator)
        orders = order_of(api, operator)
        page.require_equal(orders[first], 1, "filter-order", "the order of the filter that was moved to the front")
        others = sorted((number for number in orders if number != first), key=lambda number: orders[number])
        earlier = sorted((*before, second), key=lambda number: (before.get(number, last), number))
        page.require_equal(others, earlier, "filter-order", "the relative order of all others")


def test_a_partner_switches_an_operator_on(
    api: ScenarioApi, cleanup: Cleanup, operator_settings: Settings, operator: int
) -> None:
    """With a partner the operator is enabled, without one it is not."""
    api.operation("PATCH", OPERATOR)
    with step("There is a partner"):
        partner = api.post(PARTNERS, {"name": f"Conformance {secrets.token_hex(4)}"})["id"]
        cleanup.later("DELETE", PARTNER, partner=partner)
    for value in (partner, None):
        with step("The operator gets the partner" if value else "The operator has no partner any more"):
            operator_settings.change_item(OPERATOR, {"roamingOperator": operator}, partnerId=value)
            read = api.get(OPERATOR, roamingOperator=operator)
            read.require_equal(read.get("enabled"), value is not None, "partner-enables", "enabled")
