"""Custom tariff filters of a roaming operator keep their order, and a partner switches the operator on.

Business rule: a filter without an order goes last; at an order that is taken the others move along; a partial reorder
keeps the others in their relative order, and orders begin with 1; a partner switches the operator on, none off.
Documented: custom tariff filters of roaming operators 2.0 (create, "Reorder"), update of roaming operators 2.0
(partnerId drives enabled).
"""

import secrets
from collections.abc import Callable

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.settings import Settings
from scenarios.vocabulary.waiting import looks

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


def check_orders(api: ScenarioApi, operator: int, otherwise: str, holds: Callable[[dict[int, int]], bool]) -> None:
    """The orders are as they must be, at the latest when the listing shows what was written."""
    for look in looks(api.clock):
        with look:
            orders = order_of(api, operator)
            page = api.get(FILTERS, roamingOperator=operator)
            said = f"{otherwise}; the orders are {orders}"
            page.require(holds(orders), "filter-order", said, expected="another order", actual=orders)


def test_filters_make_room_for_each_other(api: ScenarioApi, cleanup: Cleanup, operator: int) -> None:
    """New filters go last, or in front of the one at their order; a reorder of one keeps all others."""
    api.operation("POST", FILTERS)
    before = order_of(api, operator)
    with step("A filter without an order goes last"):
        first = new_filter(api, cleanup, operator)
        last = max(before.values(), default=0)
        check_orders(api, operator, "the new filter is not the last one", lambda orders: orders.get(first, 0) > last)
        place = order_of(api, operator)[first]
    with step(f"Another one at {place} moves it along"):
        second = new_filter(api, cleanup, operator, order=place)
        wanted = before | {second: place, first: place + 1}
        check_orders(api, operator, f"expected {wanted}", lambda orders: orders == wanted)
    with step("When one is moved to the front the others keep their order"):
        api.put(REORDER, {"filters": [{"id": first, "order": 1}]}, roamingOperator=operator)
        others = sorted((*before, second), key=lambda number: (wanted[number], number))
        check_orders(
            api,
            operator,
            f"expected {first} at 1, and then {others}",
            lambda orders: (
                orders[first] == 1
                and sorted((number for number in orders if number != first), key=lambda number: orders[number])
                == others
            ),
        )


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
