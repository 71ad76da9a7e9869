"""A payment method is registered in two steps, announced, and pays what names it.

Business rule: the second step names the first one; a method that is registered is listed and announced; an id tag
names a method, or leaves the choice to the platform; a start, a fee and a retry are paid by the method that they name,
and by nothing else.
Documented: payment methods (two calls that a transactionId connects), event user.paymentMethod.changed, id tags 2.0
(paymentMethodId: a card, null for the last one used; in an update auto for any), "Session / Retry Payment"
(paymentMethodId).
"""

import secrets
from decimal import Decimal

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL, bill
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import SESSION, Charging, session_that_is_not_paid
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse, EvseFinder
from scenarios.vocabulary.ledger import DriverLedger
from scenarios.vocabulary.money import decimal
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.priced_charging import PricedCharging
from scenarios.vocabulary.refusal import check_is_refusal
from scenarios.vocabulary.subscriptions import Subscriptions
from scenarios.vocabulary.tariffs import Tariffs
from scenarios.vocabulary.waiting import looks

pytestmark = CRITICAL

METHODS = "/resources/users/v1.0/{user}/payment-methods"
METHOD = "/resources/users/v1.0/{user}/payment-methods/{paymentMethodId}"
ID_TAGS = "/resources/id-tags/v2.0"
ID_TAG = "/resources/id-tags/v2.0/{idTag}"
RETRY = "/actions/session/v1.0/{session}/retry-payment"
CUSTOM_FEE = "/actions/users/v1.0/{user}/apply-custom-fee"
CHANGED = "user.paymentMethod.changed"


def register(api: ScenarioApi, cleanup: Cleanup, driver: Driver) -> str:
    """A card of the driver; skips the scenario where a person has to enter it."""
    with step("The driver registers a card in two steps"):
        begun = api.post(METHODS, {"tokenizedType": "card"}, user=driver.id)
        number = begun.get("transactionId")
        if number is None:
            pytest.skip("the payment processor of the target continues outside of the API")
        body = {"tokenizedType": "card", "transactionId": number}
        made = api.post(METHODS, body, expected=(200, 201, 400, 409, 422), user=driver.id)
        if made.status != 201:
            pytest.skip("the payment processor of the target waits for a person to enter the card")
        cleanup.later("DELETE", METHOD, user=driver.id, paymentMethodId=made["id"])
    return str(made["id"])


def test_what_a_card_pays_is_not_taken_from_the_balance(
    api: ScenarioApi, cleanup: Cleanup, drivers: Drivers, priced: PricedCharging, evse: Evse
) -> None:
    """A session and a fee that name a card are each paid once by it, and the balance is as before."""
    driver = drivers.new_with_balance()
    card = register(api, cleanup, driver)
    ledger = DriverLedger(api, priced.charging.clock, driver)
    priced.put_under(evse, priced.tariffs.new("flat rate", pricing={"pricePerSession": 4}))
    session = priced.charging.start(evse, driver, paymentMethodId=card)
    priced.charging.wait_until_active(session)
    priced.charge_for(10)
    paid = priced.end(session)
    by_card = ledger.check_paid_out("session", decimal(bill.total_of(paid)), "the session")
    with step("A fee of 7 is charged to the card"):
        body = {"amount": 7, "description": "Lost card", "paymentMethodId": card}
        api.post(CUSTOM_FEE, body, user=driver.id)
    for payment in (by_card, ledger.check_paid_out("custom_fee", Decimal(7), "the fee")):
        payment.require_equal(payment.get("paymentMethodId"), card, "paid-as-named", "the method that paid")


def test_the_card_of_another_driver_pays_nothing(
    api: ScenarioApi, cleanup: Cleanup, drivers: Drivers, charging: Charging, evse: Evse
) -> None:
    """A start that names the card of another driver is refused, or paid otherwise."""
    card, driver = register(api, cleanup, drivers.new()), drivers.new_with_balance()
    with step("The driver names the card of another one"):
        answer = charging.try_to_start(evse, driver, expected=(202, 422), paymentMethodId=card)
    if answer.status == 202 and not answer["success"]:
        check_is_refusal(answer)
    elif answer.status == 202:
        read = charging.read(charging.accepted(answer, evse))
        method = read.get("paymentMethodId")
        read.require(str(method) != card, "card-of-another", "a session is paid by the card of another driver")


def test_a_card_is_registered_in_two_steps_and_announced(
    api: ScenarioApi, cleanup: Cleanup, drivers: Drivers, subscriptions: Subscriptions
) -> None:
    """A second step for nothing is refused; the card of a finished registration is listed and announced."""
    api.operation("POST", METHODS)
    driver = drivers.new()
    subscription = subscriptions.subscribe(CHANGED)
    card = register(api, cleanup, driver)
    with step("It is listed"):
        for look in looks(api.clock):
            with look:
                listed = api.get(METHODS, user=driver.id)
                known = [str(entry.get("id")) for entry in listed.items]
                listed.require(card in known, "method-listed", f"card {card} is not among {known}")
    subscriptions.check_arrives(subscription, CHANGED, paymentMethodId=card, userId=driver.id, action="created")
    with step("A second step for another registration is refused"):
        body = {"tokenizedType": "card", "transactionId": 999999999}
        answer = api.post(METHODS, body, expected=(200, 201, 400, 404, 409, 422), user=driver.id)
        answer.require(answer.status >= 400, "method-two-steps", "an unknown registration was finished")


def test_a_tag_names_a_card_or_leaves_the_choice(api: ScenarioApi, cleanup: Cleanup, drivers: Drivers) -> None:
    """A tag is created without a choice, gets a card, and leaves the choice again."""
    driver = drivers.new()
    card = register(api, cleanup, driver)
    with step("A tag is created that leaves the choice"):
        body = {"idTagUid": secrets.token_hex(7).upper(), "type": "rfid", "status": "enabled", "userId": driver.id}
        tag = api.post(ID_TAGS, body | {"paymentMethodId": None})
        cleanup.later("DELETE", ID_TAG, idTag=tag["id"])
    for method in (card, "auto"):
        with step(f"It pays by {method}"):
            changed = api.patch(ID_TAG, {"paymentMethodId": method}, idTag=tag["id"])
            shown = api.get(ID_TAG, idTag=tag["id"]).get("paymentMethodId")
            allowed = (method,) if method == card else (method, None)
            changed.require(
                shown in allowed, "tag-method", f"paymentMethodId is {shown!r}", expected=method, actual=shown
            )


def test_a_retry_pays_by_the_method_that_it_names(
    api: ScenarioApi, charging: Charging, cleanup: Cleanup, drivers: Drivers, evse_finder: EvseFinder, tariffs: Tariffs
) -> None:
    """A session that the balance could not pay is paid by a card."""
    api.operation("POST", RETRY)
    driver = drivers.new_with_balance(Decimal("0.05"))
    card = register(api, cleanup, driver)
    evse = evse_finder.free_evse(lambda evse: tariffs.has_price(evse, driver))
    session, _ = session_that_is_not_paid(charging, evse, driver, paymentMethodId="balance")
    if not card.isdecimal():
        pytest.skip(f"the id of the card is {card}, and a retry takes a number")
    with step("The payment is retried by the card"):
        api.post(RETRY, {"paymentMethodId": int(card)}, session=session.id)
    charging.wait_until_paid(session)
    paid = api.get(SESSION, session=session.id)
    paid.require_equal(str(paid.get("paymentMethodId")), card, "retry-method", "the method that paid")
