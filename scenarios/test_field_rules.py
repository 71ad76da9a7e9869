"""Fields that depend on each other are refused together when the documentation forbids it, and accepted otherwise.

Business rule: what needs another field is refused without it, what excludes another field is refused with it, and the
same body that keeps the rule is accepted.
Documented: personal charge points need a PIN, public and private ones a location, SOAP an address and a port, all of
them a mode of communication and no dynamic rate; smart charging has slots of an hour, the same every day; opening
hours where a location is not always open; time zones, languages and the states of five countries (of a user: two);
invites by e-mail or without; one channel of a subscription; networks and types of payment methods; the phases of EVSEs
and circuits, and the electrical configuration of a circuit's charge points; money of five decimals; exempt notices for
manual downtimes.
"""

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import SUCCESS, ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.dependent_fields import (
    ATTACH,
    CIRCUITS,
    DOWNTIMES,
    EVSES,
    FAQS,
    INVITES,
    PARTNERS,
    SMART_CHARGING,
    SPACES,
    SUBSCRIPTIONS,
    TAXES,
    TRANSACTIONS,
    Body,
    BodyRule,
    DependentMaker,
)
from scenarios.vocabulary.evses import CHARGE_POINTS
from scenarios.vocabulary.people import USERS
from scenarios.vocabulary.sites import LOCATIONS, text
from scenarios.vocabulary.tariffs import TARIFFS

pytestmark = NORMAL

PAYMENT_METHODS = "/resources/users/v1.0/{user}/payment-methods"
#: Nothing is delivered there: the address is reserved for documentation.
NOWHERE = "https://conformance.example.com/hook"
#: Created or accepted, or refused.
POSSIBLE = (*SUCCESS, 400, 422)


def _network(protocol: str, **address: Any) -> Mapping[str, Any]:
    return {"network": {"id": f"conformance-{secrets.token_hex(4)}", "protocol": protocol, **address}}


SOAP = {"ip": "192.0.2.1", "port": 8080}
WEBHOOK = {"callbackUrl": NOWHERE}
KAFKA = {"topic": "conformance", "brokers": ["conformance.example.com:9092"]}
#: What has a place in one of five countries with states, or in another one.
PLACED: tuple[tuple[str, str, Callable[..., Body]], ...] = (
    ("a location", LOCATIONS, DependentMaker.location),
    ("a partner", PARTNERS, DependentMaker.partner),
)
OPTION = "limitCorporateAccountBillingToPartnerChargePoints"

RULES = {
    "a personal charge point has a PIN": BodyRule(
        CHARGE_POINTS, lambda make: make.charge_point(type="personal", pin="1234"), left_out="pin"
    ),
    "a public charge point has a location": BodyRule(
        CHARGE_POINTS, lambda make: make.placed_charge_point(type="public"), left_out="locationId"
    ),
    "SOAP has an address": BodyRule(
        CHARGE_POINTS,
        lambda make: make.placed_charge_point(type="public", **_network("ocpp 1.5", **SOAP)),
        added=lambda _: _network("ocpp 1.5", port=8080),
    ),
    "SOAP has a port": BodyRule(
        CHARGE_POINTS,
        lambda make: make.placed_charge_point(type="public", **_network("ocpp 1.5", **SOAP)),
        added=lambda _: _network("ocpp 1.5", ip="192.0.2.1"),
    ),
    "a master has a name": BodyRule(
        CHARGE_POINTS,
        lambda make: make.placed_charge_point(type="public"),
        added=lambda _: {"communicationMode": "via_ocpp_connected_charge_point"},
    ),
    "a location that closes has hours": BodyRule(
        LOCATIONS,
        lambda make: make.location(workingHours={"isAlwaysOpen": True}),
        added=lambda _: {"workingHours": {"isAlwaysOpen": False}},
    ),
    "an invite by e-mail has an address": BodyRule(
        INVITES, lambda make: make.invite(), added=lambda _: {"sendViaEmail": True}
    ),
    "an invite that is not sent has no address": BodyRule(
        INVITES, lambda make: make.invite(), added=lambda _: {"email": "conformance@example.com"}
    ),
    "an invite that is not sent has no language": BodyRule(
        INVITES, lambda make: make.invite(), added=lambda _: {"language": "en"}
    ),
    "corporate billing has a limit": BodyRule(
        INVITES,
        lambda make: make.invite(options={"allowCorporateAccountBilling": True, OPTION: True}),
        added=lambda _: {"options": {"allowCorporateAccountBilling": True}},
    ),
    "a webhook has its part": BodyRule(
        SUBSCRIPTIONS, lambda make: make.subscription(via="webhook", webhook=WEBHOOK), left_out="webhook"
    ),
    "kafka has its part": BodyRule(
        SUBSCRIPTIONS,
        lambda make: make.subscription(via="webhook", webhook=WEBHOOK),
        left_out="webhook",
        added=lambda _: {"via": "kafka"},
    ),
    "a webhook has no part of kafka": BodyRule(
        SUBSCRIPTIONS,
        lambda make: make.subscription(via="webhook", webhook=WEBHOOK),
        added=lambda _: {"kafka": KAFKA},
    ),
    "a card has a network": BodyRule(
        TRANSACTIONS,
        lambda make: make.payment(methodType="card", cardNetwork="visa"),
        added=lambda _: {"paymentMethod": {"methodType": "card"}},
    ),
    "a transfer has a type": BodyRule(
        TRANSACTIONS,
        lambda make: make.payment(methodType="bank_transfer", bankTransferType="sepa"),
        added=lambda _: {"paymentMethod": {"methodType": "bank_transfer"}},
    ),
    "a wallet has a type": BodyRule(
        TRANSACTIONS,
        lambda make: make.payment(methodType="wallet", walletType="googlepay"),
        added=lambda _: {"paymentMethod": {"methodType": "wallet"}},
    ),
    "one phase is connected to one": BodyRule(
        CIRCUITS,
        lambda make: make.circuit(phases="single_phase", connectedPhase="L1"),
        added=lambda _: {"connectedPhase": "L1_L2"},
    ),
    "a split phase is connected to two": BodyRule(
        CIRCUITS,
        lambda make: make.circuit(phases="split_phase", connectedPhase="L1_L2"),
        added=lambda _: {"connectedPhase": "L1"},
    ),
    "a tariff without the charge point's rate has another": BodyRule(
        TARIFFS,
        lambda make: make.tariff("energy tou", chargePointElectricityRate=False, fallbackElectricityRateId=make.rate()),
        added=lambda _: {"pricing": {"chargePointElectricityRate": False}},
    ),
    "a split phase of an EVSE is connected to two": BodyRule(
        EVSES,
        lambda make: make.evse(phases="split_phase", connectedPhase="L1_L2"),
        added=lambda _: {"powerOptions": {"phases": "split_phase", "connectedPhase": "L1"}},
    ),
    "the EVSEs of a parking space are in one zone": BodyRule(
        SPACES, lambda make: make.space(), added=lambda make: {"evses": make.evses_of_two_zones()}
    ),
    "a manual downtime is exempt": BodyRule(
        DOWNTIMES,
        lambda make: make.downtime(noticeId=make.notice("exempt")),
        added=lambda make: {"noticeId": make.notice("downtime")},
    ),
    "a charge point says how it communicates": BodyRule(
        CHARGE_POINTS, lambda make: make.placed_charge_point(type="public"), left_out="communicationMode"
    ),
    "the rate of a charge point is not dynamic": BodyRule(
        CHARGE_POINTS,
        lambda make: make.placed_charge_point(type="public", electricityRateId=make.rate()),
        added=lambda make: {"electricityRateId": make.dynamic_rate()},
    ),
    "slots are an hour long": BodyRule(
        SMART_CHARGING,
        lambda make: make.slots(("08:00", "09:00"), ("09:00", "10:00")),
        added=lambda make: make.slots(("08:00", "09:30")),
        ids=lambda make: {"chargePoint": make.made(CHARGE_POINTS, make.placed_charge_point(type="public"))},
    ),
    "slots are the same every day": BodyRule(
        SMART_CHARGING,
        lambda make: make.slots(("08:00", "09:00")),
        added=lambda _: {
            "periods": [
                {"weekDay": day, "elements": [{"startAt": start, "endAt": end, "maxCurrent": 10}]}
                for day, start, end in (("mon", "08:00", "09:00"), ("tue", "10:00", "11:00"))
            ]
        },
        ids=lambda make: {"chargePoint": make.made(CHARGE_POINTS, make.placed_charge_point(type="public"))},
    ),
    "a circuit and its charge points are configured alike": BodyRule(
        ATTACH,
        lambda make: {"chargePointId": make.charge_point_in("star"), "priority": 1},
        added=lambda make: {"chargePointId": make.charge_point_in("delta")},
        ids=lambda make: {"circuit": make.made(CIRCUITS, make.circuit(phases="three_phase"))},
    ),
    "three phases below a circuit have a rotation": BodyRule(
        CIRCUITS,
        lambda make: make.part_of_circuit(phases="three_phase", phaseRotation="RST"),
        left_out="phaseRotation",
    ),
    "one phase below a circuit is connected": BodyRule(
        CIRCUITS,
        lambda make: make.part_of_circuit(phases="single_phase", connectedPhase="L1"),
        left_out="connectedPhase",
    ),
    "one phase of an EVSE is connected to one": BodyRule(
        EVSES,
        lambda make: make.evse(phases="single_phase", connectedPhase="L1"),
        added=lambda _: {"powerOptions": {"phases": "single_phase", "connectedPhase": "L1_L2"}},
    ),
    "three phases of an EVSE are connected to no single one": BodyRule(
        EVSES,
        lambda make: make.evse(phases="three_phase"),
        added=lambda _: {"powerOptions": {"phases": "three_phase", "connectedPhase": "L1"}},
    ),
    "a location is in a time zone that exists": BodyRule(
        LOCATIONS, lambda make: make.location(), added=lambda _: {"timezone": "Europe/Nowhere"}
    ),
    **{
        f"{kind} in a country without states has none": BodyRule(
            path, partial(body, country="BG"), added=lambda _: {"state": "CA"}
        )
        for kind, path, body in PLACED
    },
    **{
        f"{kind} is in a state of its country": BodyRule(
            path, partial(body, country="US", state="CA"), added=lambda _: {"state": "NSW"}
        )
        for kind, path, body in PLACED
    },
    "a user in a country without states has none": BodyRule(
        USERS, lambda make: make.user(country="BG"), added=lambda _: {"state": "CA"}
    ),
    "a tax is named in a language": BodyRule(
        TAXES,
        lambda _: {"name": f"Conformance {secrets.token_hex(4)}", "percentage": 7, "displayName": text("Tax")},
        added=lambda _: {"displayName": [{"locale": "no language", "translation": "Tax"}]},
    ),
    "a question is in a language": BodyRule(
        FAQS,
        lambda _: {"question": text("Why?"), "answer": text("Because.")},
        added=lambda _: {"question": [{"locale": "no language", "translation": "Why?"}]},
    ),
    "a price has five decimals at most": BodyRule(
        TARIFFS,
        lambda make: make.tariff("flat rate", pricePerSession=1.25),
        added=lambda _: {"pricing": {"pricePerSession": 1.2345678}},
    ),
    "a bank transfer that is registered has a type": BodyRule(
        PAYMENT_METHODS,
        lambda _: {"tokenizedType": "card"},
        added=lambda _: {"tokenizedType": "bank_transfer"},
        ids=lambda make: {"user": make.made(USERS, make.user())},
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_body_that_breaks_a_rule_is_refused(api: ScenarioApi, cleanup: Cleanup, rule: str) -> None:
    """A body that breaks the rule is refused; the same body that keeps it is accepted."""
    path, maker = RULES[rule].path, DependentMaker(api, cleanup)
    api.operation("POST", path)
    ids, kept = RULES[rule].ids(maker), RULES[rule].body(maker)
    with step("A body that breaks the rule is refused"):
        answer = api.post(path, RULES[rule].broken(maker, kept), expected=POSSIBLE, **ids)
        if answer.status in SUCCESS:
            maker.remove_later(path, answer)
            answer.violates("field-rule", f"accepted although {rule}", expected=422, actual=answer.status)
    with step(f"The body that keeps it is accepted: {rule}"):
        created = api.post(path, kept, expected=POSSIBLE, **ids)
        if created.status not in SUCCESS:
            pytest.skip(f"the target does not accept what keeps the rule: {created.body.get('message')}")
        maker.remove_later(path, created)
