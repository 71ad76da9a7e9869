"""Changes of records, reservations, authorizations and configurations send events to their subscribers.

Business rule: creation, update and deletion of a record send an event with that action; the end of a reservation is
told with its status, an accepted start with its authorization, the occupancy of a space and the configuration
as reported.
Documented: events circuit.changed, UserChangedNotification, partner.changed, partnerInvite.changed,
LocationChangedNotification, TariffChangedNotification, user.invoiceDetails.changed, user.subscription.changed and
user.subscriptionChanged, reservation.changed, authorization.changed, AuthorizationNotification,
parkingSpace.occupancyStatus.changed, ChargePointSyncConfigurationNotification, installerJob.changed.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse, EvseFinder
from scenarios.vocabulary.people import USER, USERS, Driver, Drivers
from scenarios.vocabulary.reservations import Reservations
from scenarios.vocabulary.sites import LOCATION, LOCATIONS, new_location, text
from scenarios.vocabulary.subscriptions import Subscriptions
from scenarios.vocabulary.tags import Tags
from scenarios.vocabulary.tariffs import TARIFF, TARIFFS
from scenarios.vocabulary.webhooks import ReceivedEvent

pytestmark = CRITICAL

CIRCUITS = "/resources/circuits/v2.0"
PARTNERS = "/resources/partners/v2.0"
INVITES = "/resources/partner-invites/v1.0"
INVOICE_DETAILS = "/resources/users/v1.0/{user}/invoice-details"
PLANS = "/resources/subscription-plans/v2.0"
ACTIVATE = "/actions/users/v1.0/{user}/activate-subscription"
CANCEL = "/actions/users/v1.0/{user}/cancel-subscription"
SPACES = "/resources/parking-spaces/v1.0"
OCCUPANCY = "/actions/parking-spaces/v1.0/{parkingSpace}/update-occupancy-status"
JOBS = "/resources/installer-jobs/v1.0"
SYNC = "/actions/charge-point/v1.0/{chargePoint}/sync-configuration"
RESERVATION_EVENT = "reservation.changed"


def unique() -> str:
    """A name that nobody else uses."""
    return f"Conformance {secrets.token_hex(4)}"


def location() -> dict[str, Any]:
    """A location."""
    place = {"country": "BG", "timezone": "Europe/Sofia", "geoposition": {"latitude": 42.69, "longitude": 23.32}}
    return {"name": text(unique()), "address": text("1 Test Street"), **place}


def user() -> dict[str, Any]:
    """A user."""
    name = secrets.token_hex(6)
    return {
        "email": f"conformance-{name}@example.com",
        "password": f"Conformance-{name}-1",
        "first_name": "Conformance",
    }


@dataclass(frozen=True)
class AnnouncedRecord:
    """A kind of record: where the event names it, how it is created, changed and found."""

    named: str
    path: str
    item: str
    body: Callable[[], dict[str, Any]]
    change: Callable[[], dict[str, Any]]
    is_replaced: bool = False


RECORDS = {
    "circuit.changed": AnnouncedRecord(
        "circuitId",
        CIRCUITS,
        f"{CIRCUITS}/{{circuit}}",
        lambda: {"name": unique(), "phases": "three_phase", "maxCurrent": 63},
        lambda: {"maxCurrent": 32},
    ),
    "UserChangedNotification": AnnouncedRecord("user.id", USERS, USER, user, lambda: {"first_name": "Ada"}),
    "partner.changed": AnnouncedRecord(
        "partnerId", PARTNERS, f"{PARTNERS}/{{partner}}", lambda: {"name": unique()}, lambda: {"name": unique()}
    ),
    "LocationChangedNotification": AnnouncedRecord(
        "location.id", LOCATIONS, LOCATION, location, lambda: {"city": "Varna"}
    ),
    "TariffChangedNotification": AnnouncedRecord(
        "tariff.id",
        TARIFFS,
        TARIFF,
        lambda: {"name": unique(), "type": "free"},
        lambda: {"name": unique(), "type": "free"},
        is_replaced=True,
    ),
}


@pytest.mark.parametrize("event", RECORDS)
def test_a_record_is_told_when_made_changed_and_removed(
    api: ScenarioApi, cleanup: Cleanup, subscriptions: Subscriptions, event: str
) -> None:
    """Each change of a record arrives with its action."""
    record = RECORDS[event]
    api.operation("POST", record.path)
    subscription = subscriptions.subscribe(event)
    with step("It is created"):
        number = int(api.post(record.path, record.body())["id"])
        ids: dict[str, Any] = {record.item.rpartition("{")[2].rstrip("}"): number}
        cleanup.later("DELETE", record.item, **ids)
    subscriptions.check_arrives(subscription, event, **{record.named: number, "action": "created"})
    with step("It is changed"):
        change = api.put if record.is_replaced else api.patch
        change(record.item, record.change(), **ids)
    subscriptions.check_arrives(subscription, event, **{record.named: number, "action": "updated"})
    with step("It is deleted"):
        api.delete(record.item, **ids)
    subscriptions.check_arrives(subscription, event, **{record.named: number, "action": "deleted"})


def test_an_invite_is_told_when_made_and_changed(
    api: ScenarioApi, cleanup: Cleanup, subscriptions: Subscriptions
) -> None:
    """An invite that is not sent arrives as created and updated, with its options."""
    event = "partnerInvite.changed"
    subscription = subscriptions.subscribe(event)
    with step("A partner invites"):
        partner = api.post(PARTNERS, {"name": unique()})["id"]
        cleanup.later("DELETE", f"{PARTNERS}/{{partner}}", partner=partner)
        invite = int(api.post(INVITES, {"partnerId": partner, "sendViaEmail": False})["id"])
        cleanup.later("DELETE", f"{INVITES}/{{partnerInvite}}", partnerInvite=invite)
    subscriptions.check_arrives(subscription, event, partnerInviteId=invite, action="created")
    with step("Private charge points are allowed"):
        options = {"options": {"allowAccessToPrivateChargePoints": True}}
        api.patch(f"{INVITES}/{{partnerInvite}}", options, partnerInvite=invite)
    subscriptions.check_arrives(subscription, event, partnerInviteId=invite, action="updated")


def test_invoice_details_are_told(api: ScenarioApi, drivers: Drivers, subscriptions: Subscriptions) -> None:
    """The first details of a user arrive as created, the next as updated."""
    api.operation("POST", INVOICE_DETAILS)
    driver = drivers.new()
    event = "user.invoiceDetails.changed"
    subscription = subscriptions.subscribe(event)
    details = {"requireInvoice": True, "invoiceType": "individual", "individualName": "Ada"}
    for action, country in (("created", "BG"), ("updated", "DK")):
        with step(f"The details are {action}"):
            body = details | {"country": country}
            answer = api.post(INVOICE_DETAILS, body, expected=(200, 422), user=driver.id)
            if answer.status == 422:
                pytest.skip("the target has another invoice manager, with other details")
            read = api.get(INVOICE_DETAILS, user=driver.id)
            read.require_equal(read.get("country"), country, "details-overwritten", "country")
        subscriptions.check_arrives(subscription, event, userId=driver.id, action=action)


def test_a_plan_of_a_user_is_told(
    api: ScenarioApi, cleanup: Cleanup, drivers: Drivers, subscriptions: Subscriptions
) -> None:
    """Activation and cancellation arrive under both names of the event."""
    api.operation("POST", ACTIVATE)
    driver = drivers.new()
    with step("There is a plan without a fee"):
        name = text(unique())
        terms = {"renewalCycle": "monthly", "type": "pre-paid", "baseFee": 0, "status": "enabled"}
        plan = int(api.post(PLANS, {"name": name, "description": name, **terms})["id"])
        cleanup.later("DELETE", f"{PLANS}/{{subscriptionPlan}}", subscriptionPlan=plan)
    names = {"user.subscription.changed": "canceled", "user.subscriptionChanged": "cancelled"}
    subscription = subscriptions.subscribe(*names)
    with step("The driver subscribes"):
        api.post(ACTIVATE, {"planId": plan, "reason": "conformance scenario"}, user=driver.id)
    for event in names:
        subscriptions.check_arrives(subscription, event, userId=driver.id, planId=plan, status="active")
    with step("The driver cancels"):
        api.post(CANCEL, {"reason": "conformance scenario"}, user=driver.id)
    for event, spelled in names.items():
        subscriptions.check_arrives(subscription, event, userId=driver.id, planId=plan, status=spelled)


def test_a_used_reservation_is_told_as_done(
    charging: Charging,
    evse_finder: EvseFinder,
    reservations: Reservations,
    driver: Driver,
    subscriptions: Subscriptions,
) -> None:
    """A reservation that its owner uses arrives as done."""
    evse = evse_finder.free_evse(allowing="allowsReservation")
    subscription = subscriptions.subscribe(RESERVATION_EVENT)
    reservation = reservations.reserve(evse, driver)
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    subscriptions.check_arrives(subscription, RESERVATION_EVENT, reservationId=reservation.id, status="done")
    charging.stop(session)
    charging.wait_until_finished(session)


def test_an_unused_reservation_is_told_as_expired(
    evse_finder: EvseFinder,
    reservations: Reservations,
    driver: Driver,
    subscriptions: Subscriptions,
) -> None:
    """A reservation that nobody uses arrives as expired."""
    evse = evse_finder.free_evse(allowing="allowsReservation")
    subscription = subscriptions.subscribe(RESERVATION_EVENT)
    reservation = reservations.reserve(evse, driver)
    reservations.wait_until_expired(reservation)
    subscriptions.check_arrives(subscription, RESERVATION_EVENT, reservationId=reservation.id, status="expired")


def test_an_authorization_is_told(
    charging: Charging, evse: Evse, driver: Driver, tags: Tags, subscriptions: Subscriptions
) -> None:
    """An accepted start with a tag arrives with its authorization, under the old name of the event as well."""
    tag = tags.new(driver)["idTagUid"]
    subscription = subscriptions.subscribe("authorization.changed", "AuthorizationNotification")
    with step("The driver starts with the tag"):
        answer = charging.try_to_start(evse, driver, idTag=tag)
        session = charging.accepted(answer, evse)
        number = answer.get("authorizationId")
    told = {"authorizationId": number} if number is not None else {}
    subscriptions.check_arrives(subscription, "authorization.changed", status="accepted", idTag=tag, **told)
    subscriptions.check_arrives(subscription, "AuthorizationNotification", status="Accepted", idTag=tag, **told)
    charging.stop(session, force=True)


def test_the_occupancy_of_a_parking_space_is_told(
    api: ScenarioApi, cleanup: Cleanup, subscriptions: Subscriptions
) -> None:
    """What a sensor reports arrives as available or occupied."""
    api.operation("POST", OCCUPANCY)
    with step("There is a parking space"):
        place = new_location(api, cleanup)["id"]
        space = int(api.post(SPACES, {"label": "P1", "locationId": place})["id"])
        cleanup.later("DELETE", f"{SPACES}/{{parkingSpace}}", parkingSpace=space)
    event = "parkingSpace.occupancyStatus.changed"
    subscription = subscriptions.subscribe(event)
    for status in ("occupied", "available"):
        with step(f"The sensor reports it as {status}"):
            answer = api.post(OCCUPANCY, {"status": status}, expected=(202, 501), parkingSpace=space)
            if answer.status == 501:
                pytest.skip("the target has no sensors of parking spaces")
        subscriptions.check_arrives(subscription, event, parkingSpaceId=space, occupancyStatus=status)


def configured_keys(delivery: ReceivedEvent) -> set[str]:
    """The keys that a notification of the configuration names: the key of an entry is optional."""
    return {entry["key"] for entry in delivery.payload.get("configuration") or () if entry.get("key")}


def test_a_configuration_that_is_read_is_told(charging: Charging, evse: Evse, subscriptions: Subscriptions) -> None:
    """The outcome of a synchronization arrives with the id of its request."""
    event = "ChargePointSyncConfigurationNotification"
    charging.api.operation("POST", SYNC)
    subscription = subscriptions.subscribe(event)
    with step("The configuration is asked for"):
        answer = charging.api.post(SYNC, {}, expected=(202, 406), chargePoint=evse.charge_point)
        if answer.status == 406:
            pytest.skip("the charge point does not take the command")
    charging.clock.let_pass(charging.clock.a_while)
    asked = {"requestId": answer["requestId"]}
    every = subscriptions.check_arrives(subscription, event, chargePointId=evse.charge_point, **asked)
    keys = configured_keys(every)
    if not keys:
        pytest.skip("the charge point reports no configuration")
    with step("One key is asked for"):
        key = min(keys)
        answer = charging.api.post(SYNC, {"keys": [key]}, chargePoint=evse.charge_point)
    charging.clock.let_pass(charging.clock.a_while)
    one = subscriptions.check_arrives(subscription, event, requestId=answer["requestId"])
    read = configured_keys(one)
    answer.require(read <= {key} and read != keys, "only-keys-asked", f"asked for {key}, told of {sorted(read)}")


def test_a_job_of_an_installer_is_told(api: ScenarioApi, cleanup: Cleanup, subscriptions: Subscriptions) -> None:
    """A job arrives as created and, when its description changes, as updated."""
    event = "installerJob.changed"
    api.operation("POST", JOBS)
    companies = [entry["installationAndMaintenanceCompanyId"] for entry in api.get(JOBS).items]
    if not companies:
        pytest.skip("the target has no job, whose company this scenario needs")
    subscription = subscriptions.subscribe(event)
    with step("A job is created"):
        body = {"installationAndMaintenanceCompanyId": companies[0], "description": unique()}
        job = int(api.post(JOBS, body)["id"])
        cleanup.later("DELETE", f"{JOBS}/{{installerJob}}", installerJob=job)
    subscriptions.check_arrives(subscription, event, id=job, action="created", status="new")
    with step("Its description is changed"):
        api.patch(f"{JOBS}/{{installerJob}}", {"description": unique()}, installerJob=job)
    subscriptions.check_arrives(subscription, event, id=job, action="updated")
