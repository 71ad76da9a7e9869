"""Changes of charge points, EVSEs, tags and balances send events to their subscribers.

Business rule: creation, update and deletion send an event with that action; an EVSE in use sends its hardware status;
a changed balance sends its new value.
Documented: events chargePoint.changed, evse.changed, idTag.changed (action created, updated, deleted),
HardwareStatusNotification (chargePointId, evseId, hardwareStatus), userBalance.changed (debit, credit, updatedBalance).
"""

import secrets
from decimal import Decimal

from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import IN_USE, Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT, CHARGE_POINT_EVSES, Evse
from scenarios.vocabulary.money import Rounding, decimal
from scenarios.vocabulary.people import Driver, Drivers, add_balance, balance
from scenarios.vocabulary.sites import new_charge_point, new_location
from scenarios.vocabulary.subscriptions import Subscriptions, arrived
from scenarios.vocabulary.tags import TAG, Tags
from scenarios.vocabulary.vouchers import REDEEM, new_voucher
from scenarios.vocabulary.webhooks import Inbox, ReceivedEvent

pytestmark = CRITICAL

#: How an amount that was added through the API may be called.
TOP_UPS = frozenset({"api_top_up", "operator_top_up", "top_up", "user_top_up", "add_to_balance"})
CHARGE_POINT_EVSE = "/resources/charge-points/v2.0/{chargePoint}/evses/{evse}"


def test_a_charge_point_is_told_when_made_changed_and_removed(
    api: ScenarioApi, cleanup: Cleanup, subscriptions: Subscriptions
) -> None:
    """Each change of a charge point and of its EVSE arrives with its action."""
    subscription = subscriptions.subscribe("chargePoint.changed", "evse.changed")
    number = new_charge_point(api, cleanup, new_location(api, cleanup)["id"])["id"]
    subscriptions.check_arrives(subscription, "chargePoint.changed", chargePointId=number, action="created")
    with step("An EVSE is created"):
        evse = api.post(
            CHARGE_POINT_EVSES,
            {"physicalReference": secrets.token_hex(4), "currentType": "ac", "networkId": "1", "status": "enabled"},
            chargePoint=number,
        )["id"]
        cleanup.later("DELETE", CHARGE_POINT_EVSE, chargePoint=number, evse=evse)
    subscriptions.check_arrives(subscription, "evse.changed", evseId=evse, action="created")
    with step("Both are changed"):
        api.patch(CHARGE_POINT_EVSE, {"status": "disabled"}, chargePoint=number, evse=evse)
        api.patch(CHARGE_POINT, {"name": f"Conformance {secrets.token_hex(4)}"}, chargePoint=number)
    subscriptions.check_arrives(subscription, "evse.changed", evseId=evse, action="updated")
    subscriptions.check_arrives(subscription, "chargePoint.changed", chargePointId=number, action="updated")
    with step("Both are deleted"):
        api.delete(CHARGE_POINT_EVSE, chargePoint=number, evse=evse)
        api.delete(CHARGE_POINT, chargePoint=number)
    subscriptions.check_arrives(subscription, "evse.changed", evseId=evse, action="deleted")
    subscriptions.check_arrives(subscription, "chargePoint.changed", chargePointId=number, action="deleted")


def test_the_hardware_status_of_an_evse_is_told(
    charging: Charging, evse: Evse, driver: Driver, subscriptions: Subscriptions, inbox: Inbox
) -> None:
    """While a session runs, the hardware status of its EVSE arrives as in use."""
    event = "HardwareStatusNotification"
    subscription = subscriptions.subscribe(event)

    def tells_use(delivery: ReceivedEvent) -> bool:
        payload = delivery.payload
        is_of_evse = delivery.event == event and payload.get("evseId") == evse.id
        return is_of_evse and payload.get("hardwareStatus") in IN_USE

    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    charging.wait_for_evse(evse, "in use", lambda status: status in IN_USE)
    with step("The EVSE is reported as in use"):
        delivery = inbox.wait_for(tells_use)
        if delivery is None:
            subscription.violates("event-told", f"no {event} of the EVSE in use arrived; {arrived(inbox)}")
        subscriptions.check_form(subscription, delivery)
        subscription.require_equal(
            delivery.payload.get("chargePointId"), evse.charge_point, "event-at-charge-point", "chargePointId"
        )
    charging.stop(session)
    charging.wait_until_finished(session)


def test_a_tag_is_told_when_made_changed_and_removed(
    api: ScenarioApi, drivers: Drivers, tags: Tags, subscriptions: Subscriptions
) -> None:
    """Each change of an id tag arrives with its action."""
    subscription = subscriptions.subscribe("idTag.changed")
    tag = tags.new(drivers.new())["id"]
    subscriptions.check_arrives(subscription, "idTag.changed", idTagsId=tag, action="created")
    with step("The tag is suspended"):
        api.patch(TAG, {"status": "suspended"}, idTag=tag)
    subscriptions.check_arrives(subscription, "idTag.changed", idTagsId=tag, action="updated")
    with step("The tag is deleted"):
        api.delete(TAG, idTag=tag)
    subscriptions.check_arrives(subscription, "idTag.changed", idTagsId=tag, action="deleted")


def test_a_balance_is_told_as_it_is_afterwards(
    api: ScenarioApi, drivers: Drivers, subscriptions: Subscriptions, cleanup: Cleanup
) -> None:
    """An amount added to a balance arrives with the new balance."""
    driver = drivers.new()
    subscription = subscriptions.subscribe("userBalance.changed")
    with step("25 is added to the driver's balance"):
        add_balance(api, driver, Decimal(25))
    delivery = subscriptions.check_arrives(subscription, "userBalance.changed", userId=driver.id)
    with step("It has the amount and the balance"):
        payload, now = delivery.payload, balance(api, driver)
        for name, value in (("credit", Decimal(25)), ("debit", Decimal(0)), ("updatedBalance", now)):
            subscription.require(
                Rounding().equal(abs(decimal(payload[name])), value),
                "event-tells-balance",
                f"{name} is {payload[name]}, expected {value}",
                expected=float(value),
                actual=payload[name],
            )
        subscription.require(
            payload["type"] in TOP_UPS,
            "event-tells-balance",
            f"an amount that was added has the type {payload['type']}",
            expected=sorted(TOP_UPS),
            actual=payload["type"],
        )
    voucher = new_voucher(api, cleanup, 15)
    with step("The driver redeems a voucher"):
        api.post(REDEEM, {"code": voucher["code"]}, user=driver.id)
    told = subscriptions.check_arrives(subscription, "userBalance.changed", userId=driver.id, type="voucher")
    with step("It has the currency of the voucher"):
        currency = told.payload["currency"]
        subscription.require_equal(currency, voucher["currencyCode"], "event-tells-balance", "the currency")
