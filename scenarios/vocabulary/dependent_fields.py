"""Bodies whose fields depend on each other, and the rules that they keep or break."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT, CHARGE_POINTS, EVSE
from scenarios.vocabulary.people import USER, USERS
from scenarios.vocabulary.sites import LOCATION, LOCATIONS, new_charge_point, new_location, text
from scenarios.vocabulary.tariffs import TARIFF, TARIFFS

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
TAXES = "/resources/taxes/v2.0"
FAQS = "/resources/faqs/v2.0"
ATTACH = "/actions/circuit/v2.0/{circuit}/attach-charge-point"
ZONES = "/resources/locations/v2.0/{location}/charging-zones"
SMART_CHARGING = "/resources/charge-points/v2.0/{chargePoint}/smart-charging"
ITEMS = {
    TAXES: (f"{TAXES}/{{tax}}", "tax"),
    FAQS: (f"{FAQS}/{{faq}}", "faq"),
    RATES: (f"{RATES}/{{electricityRate}}", "electricityRate"),
    TARIFFS: (TARIFF, "tariff"),
    EVSES: (EVSE, "evse"),
    USERS: (USER, "user"),
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
Body = dict[str, Any]


class DependentMaker:
    """Makes resources, and removes them at the end."""

    def __init__(self, api: ScenarioApi, cleanup: Cleanup) -> None:
        self.api = api
        self.cleanup = cleanup

    def made(self, path: str, body: Body) -> int:
        """The id of a new resource."""
        created = self.api.post(path, body)
        self.remove_later(path, created)
        return int(created["id"])

    def remove_later(self, path: str, created: ScenarioResponse) -> None:
        """Remove a resource at the end, if the API can."""
        if path in ITEMS:
            item, name = ITEMS[path]
            self.cleanup.later("DELETE", item, **{name: created["id"]})

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

    def partner(self, **fields: Any) -> Body:
        """A partner."""
        return {"name": f"Conformance {secrets.token_hex(4)}", **fields}

    def user(self, **fields: Any) -> Body:
        """A user."""
        name = secrets.token_hex(6)
        return {"email": f"conformance-{name}@example.com", "password": f"Conformance-{name}-1", **fields}

    def invite(self, **fields: Any) -> Body:
        """An invite of a new partner that is not sent."""
        return {"partnerId": self.made(PARTNERS, self.partner()), "sendViaEmail": False, **fields}

    def payment(self, **method: Any) -> Body:
        """A payment that was made elsewhere."""
        return {"totalAmount": 1, "status": "pending", "paymentMethod": method}

    def subscription(self, **channel: Any) -> Body:
        """A subscription to an event."""
        return {"notifications": ["idTag.changed"], **channel}

    def circuit(self, **fields: Any) -> Body:
        """A circuit."""
        return {"name": f"Conformance {secrets.token_hex(4)}", "maxCurrent": 63, **fields}

    def part_of_circuit(self, **fields: Any) -> Body:
        """A circuit below another one."""
        return self.circuit(parentCircuitId=self.made(CIRCUITS, self.circuit(phases="three_phase")), **fields)

    def charge_point_in(self, configuration: str) -> int:
        """A charge point with this electrical configuration."""
        number = self.made(CHARGE_POINTS, self.placed_charge_point(type="public"))
        self.api.post(SMART_CHARGING, self.smart_charging(electricalConfiguration=configuration), chargePoint=number)
        return number

    def smart_charging(self, **fields: Any) -> Body:
        """Dynamic smart charging of a charge point."""
        current = {"defaultChargePointMaxCurrent": 16, "minCurrent": 6, "maxVoltage": "230"}
        return {"mode": "dynamic", **current, "phases": "three_phase", "phaseRotation": "RST", **fields}

    def slots(self, *times: tuple[str, str]) -> Body:
        """Smart charging by the time of day."""
        elements = [{"startAt": start, "endAt": end, "maxCurrent": 10} for start, end in times]
        return self.smart_charging(mode="tod", periods=[{"weekDay": "all", "elements": elements}])

    def dynamic_rate(self) -> int:
        """A dynamic electricity rate of the target; skips the scenario without any."""
        found = (rate["id"] for rate in self.api.listing(RATES) if rate.get("type") not in (None, "admin_defined"))
        number = next(found, None)
        if number is None:
            pytest.skip("the target has no dynamic electricity rate")
        return int(number)

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

    def tariff(self, kind: str, **pricing: Any) -> Body:
        """A tariff of a type."""
        return {"name": f"Conformance {secrets.token_hex(4)}", "type": kind, "pricing": pricing}

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
            zone = self.api.post(ZONES, {"name": name, "status": "enabled"}, location=location)["id"]
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

    The broken body lacks the field `left_out`, and has the fields `added`. `ids` are those of the path.
    """

    path: str
    body: Callable[[DependentMaker], Body]
    left_out: str = ""
    added: Callable[[DependentMaker], Mapping[str, Any]] = field(default=lambda _: {})
    ids: Callable[[DependentMaker], Mapping[str, int]] = field(default=lambda _: {})

    def broken(self, maker: DependentMaker, kept: Body) -> Body:
        """The body that breaks the rule."""
        return {name: value for name, value in kept.items() if name != self.left_out} | dict(self.added(maker))
