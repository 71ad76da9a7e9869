"""Creates locations and charge points without hardware."""

import secrets
from typing import Any

from allure import step

from scenarios.vocabulary.api import ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import CHARGE_POINT, CHARGE_POINTS

LOCATIONS = "/resources/locations/v2.0"
LOCATION = "/resources/locations/v2.0/{location}"


def text(translation: str) -> list[dict[str, str]]:
    """A text in the one locale every tenant has."""
    return [{"locale": "en", "translation": translation}]


def new_location(api: ScenarioApi, cleanup: Cleanup) -> ScenarioResponse:
    """A place on the map."""
    with step("A location is created"):
        location = api.post(
            LOCATIONS,
            {
                "name": text(f"Conformance {secrets.token_hex(4)}"),
                "address": text("1 Test Street"),
                "country": "BG",
                "timezone": "Europe/Sofia",
                "geoposition": {"latitude": 42.69, "longitude": 23.32},
            },
        )
        cleanup.later("DELETE", LOCATION, location=location["id"])
    return location


def new_charge_point(api: ScenarioApi, cleanup: Cleanup, location: int, **fields: Any) -> ScenarioResponse:
    """A charge point that no hardware stands behind; public, unless `fields` say otherwise."""
    with step("A charge point is created"):
        name = secrets.token_hex(4)
        charge_point = api.post(
            CHARGE_POINTS,
            {
                "name": f"Conformance {name}",
                "type": "public",
                "status": "enabled",
                "locationId": location,
                "communicationMode": "direct_ocpp",
                "network": {"id": f"conformance-{name}", "protocol": "ocpp 1.6"},
                **fields,
            },
        )
        cleanup.later("DELETE", CHARGE_POINT, chargePoint=charge_point["id"])
    return charge_point
