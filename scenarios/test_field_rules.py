"""Fields that depend on each other are refused together when the documentation forbids it, and accepted otherwise.

Business rule: what needs another field is refused without it, what excludes another field is refused with it, and the
same body that keeps the rule is accepted.
Documented: personal charge points need a PIN, public and private ones a location, SOAP an address and a port; opening
hours where a location is not always open; invites by e-mail or without; one channel of a subscription; one binding of a
flexibility asset; networks and types of payment methods; the phases of a circuit; exempt notices for manual downtimes.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT, CHARGE_POINTS, EVSE
from scenarios.vocabulary.sites import LOCATION, LOCATIONS, new_charge_point, new_location, text
from scenarios.vocabulary.tariffs import TARIFF, TARIFFS

pytestmark = NORMAL

INVITES = "/resources/partner-invites/v1.0"
SUBSCRIPTIONS = "/notifications/v2.0"
TRANSACTIONS = "/resources/transactions/v1.0"
CIRCUITS = "/resources/circuits/v2.0"
PARTNERS = "/resources/partners/v2.0"
NOTICES = "/resources/downtime-period-notices/v1.0"
DOWNTIMES = "/resources/charge-point-downtime-periods/v1.0"
RATES = "/resources/electricity-rates/v2.0"
EVSES = "/resources/evses/v2.1"
SPACES = "/resources/parking-spaces/v1.0"
ITEMS = {
    RATES: (f"{RATES}/{{electricityRate}}", "electricityRate"),
    TARIFFS: (TARIFF, "tariff"),
    EVSES: (EVSE, "evse"),
    SPACES: (f"{SPACES}/{{parkingSpace}}", "parkingSpace"),
    CHARGE_POINTS: (CHARGE_POINT, "chargePoint"),
    LOCATIONS: (LOCATION, "location"),
    INVITES: (f"{INVITES}/{{partnerInvite}}", "partnerInvite"),
    SUBSCRIPTIONS: (f"{SUBSCRIPTIONS}/{{notification}}", "notification"),
    CIRCUITS: (f"{CIRCUITS}/{{circuit}}", "circuit"),
    PARTNERS: (f"{PARTNERS}/{{partner}}", "partner"),
    NOTICES: (f"{NOTICES}/{{notice}}", "notice"),
    DOWNTIMES: (f"{DOWNTIMES}/{{chargePointDowntimePeriod}}", "chargePointDowntimePeriod"),
}
#: Nothing is delivered there: the address is reserved for documentation.
NOWHERE = "https://conformance.example.com/hook"
Body = dict[str, Any]


class DependentMaker:
    """Makes resources, and removes them at the end."""

    def __init__(self, api: ScenarioApi, cleanup: Cleanup) -> None:
        self.api = api
        self.cleanup = cleanup

    def made(self, path: str, body: Body) -> int:
        """The id of a new resource."""
        created = self.api.post(path, body)
        self.remove_later(path, created["id"])
        return int(created["id"])

    def remove_later(self, path: str, number: Any) -> None:
        """Remove a resource at the end, if the API can."""
        if path in ITEMS:
            item, name = ITEMS[path]
            self.cleanup.later("DELETE", item, **{name: number})

    def charge_point(self, **fields: Any) -> Body:
        """A charge point."""
        name = secrets.token_hex(4)
        network = {"id": f"conformance-{name}", "protocol": "ocpp 1.6"}
        body = {"name": f"Conformance {name}", "status": "enabled", "communicationMode": "direct_ocpp"}
        return body | {"network": network} | fields

    def placed_charge_point(self, **fields: Any) -> Body:
        """A charge point at a location."""
        return self.charge_point(locationId=new_location(self.api, self.cleanup)["id"], **fields)

    def location(self, **fields: Any) -> Body:
        """A location."""
        name, address = text(f"Conformance {secrets.token_hex(4)}"), text("1 Test Street")
        place = {"country": "BG", "timezone": "Europe/Sofia", "geoposition": {"latitude": 42.69, "longitude": 23.32}}
        return {"name": name, "address": address, **place, **fields}

    def invite(self, **fields: Any) -> Body:
        """An invite of a new partner that is not sent."""
        partner = self.made(PARTNERS, {"name": f"Conformance {secrets.token_hex(4)}"})
        return {"partnerId": partner, "sendViaEmail": False, **fields}

    def payment(self, **method: Any) -> Body:
        """A payment that was made elsewhere."""
        return {"totalAmount": 1, "status": "pending", "paymentMethod": method}

    def subscription(self, **channel: Any) -> Body:
        """A subscription to an event."""
        return {"notifications": ["idTag.changed"], **channel}

    def circuit(self, **fields: Any) -> Body:
        """A circuit."""
        return {"name": f"Conformance {secrets.token_hex(4)}", "maxCurrent": 63, **fields}

    def downtime(self, **fields: Any) -> Body:
        """A downtime of a new charge point."""
        charge_point = new_charge_point(self.api, self.cleanup, new_location(self.api, self.cleanup)["id"])["id"]
        times = {"startedAt": "2026-01-01T10:00:00+00:00", "endedAt": "2026-01-01T11:00:00+00:00"}
        return {"chargePointId": charge_point, **times, **fields}

    def rate(self) -> int:
        """An electricity rate."""
        return self.made(
            RATES, {"name": f"Conformance {secrets.token_hex(4)}", "defaultPrice": 0.2, "taxPercentage": 20}
        )

    def tariff(self, **pricing: Any) -> Body:
        """A tariff by an electricity rate."""
        return {"name": f"Conformance {secrets.token_hex(4)}", "type": "energy tou", "pricing": pricing}

    def evse(self, **options: Any) -> Body:
        """An EVSE of a new charge point."""
        charge_point = self.made(CHARGE_POINTS, self.placed_charge_point(type="public"))
        place = {"chargePointId": charge_point, "networkId": "1", "physicalReference": secrets.token_hex(4)}
        return {**place, "currentType": "ac", "status": "enabled", "powerOptions": options}

    def evses_of_two_zones(self) -> list[int]:
        """EVSEs in two zones of a location."""
        location = self.made(LOCATIONS, self.location())
        found = []
        for name in ("Row A", "Row B"):
            zone = self.api.post(f"{LOCATION}/charging-zones", {"name": name, "status": "enabled"}, location=location)[
                "id"
            ]
            body = self.charge_point(type="public", locationId=location, chargingZoneId=zone)
            place = {"chargePointId": self.made(CHARGE_POINTS, body), "networkId": "1", "currentType": "ac"}
            found.append(self.made(EVSES, place | {"physicalReference": secrets.token_hex(4), "status": "enabled"}))
        return found

    def space(self) -> Body:
        """A parking space with an EVSE."""
        first = self.evses_of_two_zones()[0]
        location = self.api.get(EVSE, evse=first)["chargePointId"]
        place = self.api.get(CHARGE_POINT, chargePoint=location)["locationId"]
        return {"label": "P1", "locationId": place, "evses": [first]}

    def notice(self, kind: str) -> int:
        """A notice of a kind."""
        return self.made(NOTICES, {"type": kind, "notice": "Conformance"})


@dataclass(frozen=True)
class BodyRule:
    """A rule between fields: what is created, a body that keeps the rule, and what breaks it.

    The broken body lacks the field `left_out`, and has the fields `added`.
    """

    path: str
    body: Callable[[DependentMaker], Body]
    left_out: str = ""
    added: Callable[[DependentMaker], Mapping[str, Any]] = field(default=lambda _: {})

    def broken(self, maker: DependentMaker, kept: Body) -> Body:
        """The body that breaks the rule."""
        return {name: value for name, value in kept.items() if name != self.left_out} | dict(self.added(maker))


def _network(protocol: str, **address: Any) -> Mapping[str, Any]:
    return {"network": {"id": f"conformance-{secrets.token_hex(4)}", "protocol": protocol, **address}}


SOAP = {"ip": "192.0.2.1", "port": 8080}
HOURS = {"monday": [{"from": "08:00", "to": "18:00"}]}
WEBHOOK = {"callbackUrl": NOWHERE}
KAFKA = {"topic": "conformance", "brokers": ["conformance.example.com:9092"]}
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
        lambda make: make.tariff(chargePointElectricityRate=False, fallbackElectricityRateId=make.rate()),
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
}


@pytest.mark.parametrize("rule", RULES)
def test_a_body_that_breaks_a_rule_is_refused(api: ScenarioApi, cleanup: Cleanup, rule: str) -> None:
    """A body that breaks the rule is refused; the same body that keeps it is accepted."""
    path, maker = RULES[rule].path, DependentMaker(api, cleanup)
    api.operation("POST", path)
    kept = RULES[rule].body(maker)
    with step("A body that breaks the rule is refused"):
        answer = api.post(path, RULES[rule].broken(maker, kept), expected=(201, 400, 422))
        if answer.status == 201:
            maker.remove_later(path, answer["id"])
            answer.violates("field-rule", f"accepted although {rule}", expected=422, actual=201)
    with step(f"The body that keeps it is accepted: {rule}"):
        created = api.post(path, kept, expected=(201, 400, 422))
        if created.status != 201:
            pytest.skip(f"the target does not accept what keeps the rule: {created.body.get('message')}")
        maker.remove_later(path, created["id"])
