"""What a body leaves out gets its documented default.

Business rule: a package is not enabled, a circuit and the smart charging of a charge point are stars, a new rate has an
empty energy mix, a new tariff group has a free base tariff that applies to anonymous drivers, charging at a new EVSE
is free, a charge point has no model once null was sent, an EVSE that can be booked can be reserved.
Documented: top-up packages 2.0, circuits 2.0, energy mix of electricity rates 2.0, tariff groups 1.0, the tariff
listing by group and user (an empty user is anonymous; one tariff, without links and meta), EVSEs 2.1.
"""

import secrets
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import NORMAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.dependent_fields import EVSES, SMART_CHARGING, DependentMaker
from scenarios.vocabulary.evses import CHARGE_POINT, EVSE, EvseFinder
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.sites import new_charge_point, new_location
from scenarios.vocabulary.tariffs import TARIFF, TARIFF_GROUP, TARIFF_GROUPS, TARIFFS, Tariffs

pytestmark = NORMAL

PACKAGES = "/resources/top-up-packages/v2.0"
CIRCUITS = "/resources/circuits/v2.0"
RATES = "/resources/electricity-rates/v2.0"
ENERGY_MIX = "/resources/electricity-rates/v2.0/{electricityRate}/energy-mix"
MODELS = "/resources/charge-point-models/v1.0"


def unique() -> str:
    """A name that nobody else uses."""
    return f"Conformance {secrets.token_hex(4)}"


def test_a_package_is_not_enabled_by_itself(api: ScenarioApi, cleanup: Cleanup) -> None:
    """A top-up package that says nothing about it is not enabled."""
    with step("A package is created"):
        made = api.post(PACKAGES, {"price": 10, "bonus": 1})
        cleanup.later("DELETE", f"{PACKAGES}/{{topUpPackage}}", topUpPackage=made["id"])
    made.require(not made.get("enabled"), "default-kept", f"enabled is {made.get('enabled')}")


def test_a_circuit_is_a_star(api: ScenarioApi, cleanup: Cleanup) -> None:
    """A circuit without an electrical configuration is a star."""
    with step("A circuit is created"):
        made = api.post(CIRCUITS, {"name": unique(), "phases": "three_phase", "maxCurrent": 63})
        cleanup.later("DELETE", f"{CIRCUITS}/{{circuit}}", circuit=made["id"])
    made.require_equal(made["electricalConfiguration"], "star", "default-kept", "electricalConfiguration")


def test_smart_charging_is_a_star(api: ScenarioApi, cleanup: Cleanup) -> None:
    """Smart charging without an electrical configuration is a star."""
    api.operation("POST", SMART_CHARGING)
    charge_point = new_charge_point(api, cleanup, new_location(api, cleanup)["id"])["id"]
    with step("Smart charging is switched on"):
        body = DependentMaker(api, cleanup).smart_charging()
        made = api.post(SMART_CHARGING, body, chargePoint=charge_point)
    made.require_equal(made["electricalConfiguration"], "star", "default-kept", "electricalConfiguration")


def test_null_clears_the_model_of_a_charge_point(api: ScenarioApi, cleanup: Cleanup) -> None:
    """A charge point has the model that it was given until null is sent."""
    models = api.get(MODELS).items
    if not models:
        pytest.skip("the target has no models of charge points")
    location = new_location(api, cleanup)["id"]
    charge_point = new_charge_point(api, cleanup, location, modelId=models[0]["id"])["id"]
    for model in (models[0]["id"], None):
        with step(f"Its model is {model}"):
            api.patch(CHARGE_POINT, {"modelId": model}, chargePoint=charge_point)
            read = api.get(CHARGE_POINT, chargePoint=charge_point)
            read.require_equal(read.get("modelId"), model, "default-kept", "modelId")


def test_charging_at_a_new_evse_is_free(
    api: ScenarioApi, cleanup: Cleanup, charging: Charging, evse_finder: EvseFinder, driver: Driver
) -> None:
    """An EVSE without a tariff group has the free one: the group that it shows, if any, and what a session costs."""
    maker = DependentMaker(api, cleanup)
    number = maker.made(EVSES, maker.evse())
    evse = evse_finder.evse(number)
    with step("The tariff that applies is free"):
        read = api.get(EVSE, evse=number)
        tariff = Tariffs(api, cleanup).applying(evse, driver) or {"type": "free"}
        read.require_equal(tariff["type"], "free", "evse-is-free", "the type of the tariff")
    with step("A session costs nothing, where a car can connect"):
        answer = charging.try_to_start(evse, driver, expected=(202, 406))
        if answer.status == 406 or not answer["success"]:
            return
        session = charging.accepted(answer, evse)
        charging.wait_until_active(session)
        charging.stop(session, force=True)
        finished = charging.wait_until_finished(session)
        total = (finished.get("totalAmount") or {}).get("withTax") or 0
        finished.require(not total, "evse-is-free", f"the session costs {total}", expected=0, actual=total)


def test_a_new_rate_has_no_energy_mix(api: ScenarioApi, cleanup: Cleanup) -> None:
    """A new electricity rate has every source at 0."""
    api.operation("GET", ENERGY_MIX)
    with step("A rate is created"):
        made = api.post(RATES, {"name": unique(), "defaultPrice": 0.2, "taxPercentage": 20})
        cleanup.later("DELETE", f"{RATES}/{{electricityRate}}", electricityRate=made["id"])
    with step("Every source is at 0"):
        mix = api.get(ENERGY_MIX, electricityRate=made["id"])
        sources = {name: value for name, value in mix.item.items() if isinstance(value, int | float) and value}
        mix.require_equal(sources, {}, "default-kept", "the sources of a new rate")
    with step("60 % of sun and 40 % of wind are a mix; more than 100 % of one are not"):
        shares = {"solar": 60, "wind": 40}
        changed = api.put(ENERGY_MIX, shares, electricityRate=made["id"])
        kept = {name: changed.get(name) for name in shares}
        changed.require_equal(kept, shares, "mix-in-percent", "the sources of the rate")
        answer = api.put(ENERGY_MIX, {"solar": 101}, expected=(200, 400, 422), electricityRate=made["id"])
        mix = api.get(ENERGY_MIX, electricityRate=made["id"])
        highest = max(value for value in mix.item.values() if isinstance(value, int | float))
        answer.require(highest <= 100, "mix-in-percent", f"a source has {highest} %", expected=100, actual=highest)


def test_a_new_group_has_a_free_tariff_for_anybody(api: ScenarioApi, cleanup: Cleanup) -> None:
    """A group without tariffs gets a free one, which applies to anonymous drivers."""
    with step("A group is created"):
        group = api.post(TARIFF_GROUPS, {"name": unique()})
        cleanup.later("DELETE", TARIFF_GROUP, tariffGroup=group["id"])
    with step("It has one tariff, which is free"):
        numbers = group.get("tariffIds") or []
        group.require_equal(len(numbers), 1, "group-has-base", "the number of tariffs of a new group")
        cleanup.later("DELETE", TARIFF, tariff=numbers[0])
        base = api.get(TARIFF, tariff=numbers[0])
        base.require_equal(base["type"], "free", "group-has-base", "the type of the base tariff")
    with step("It applies to anonymous drivers"):
        answer = api.get(TARIFFS, query={"filter": {"tariffGroupId": group["id"], "userId": ""}})
        found = [entry["id"] for entry in answer.items]
        answer.require_equal(found, numbers, "tariff-resolved", "the tariffs that would apply")
        extra = {"links", "meta"} & answer.body.keys()
        answer.require_equal(extra, set(), "tariff-resolved", "what comes beside the one tariff")


def test_an_evse_that_can_be_booked_can_be_reserved(api: ScenarioApi, cleanup: Cleanup) -> None:
    """Bookings switch reservations on."""
    charge_point = new_charge_point(api, cleanup, new_location(api, cleanup)["id"])["id"]
    with step("An EVSE that can be booked is created"):
        body: dict[str, Any] = {"chargePointId": charge_point, "currentType": "ac", "networkId": "1"}
        body |= {"physicalReference": secrets.token_hex(4), "status": "enabled", "bookingEnabled": True}
        made = api.post(EVSES, body)
        cleanup.later("DELETE", f"{EVSES}/{{evse}}", evse=made["id"])
    is_bookable = bool(made.get("bookingEnabled"))
    made.require(
        not is_bookable or bool(made.get("allowsReservation")),
        "booking-allows-reservation",
        f"bookingEnabled is true and allowsReservation is {made.get('allowsReservation')}",
        expected=True,
        actual=made.get("allowsReservation"),
    )
