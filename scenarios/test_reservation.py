"""A reservation holds an EVSE for one driver until it is used, cancelled or expired.

Business rule: while a reservation is active nobody else can start or reserve there; the owner's start uses it up
(done); cancelling or expiry frees the EVSE; an EVSE in use cannot be reserved.
Documented: actions "Charge Point / Reserve" (202 with reservationId, 406 rejected) and "Reservation / Cancel" (202,
406); reservation statuses active, done, canceled, expired; hardware status `reserved` of the EVSE.
"""

from datetime import datetime

import pytest
from allure import step

from scenarios.vocabulary import BLOCKER
from scenarios.vocabulary.charging import AT_AN_EVSE, CLOCKS, Charging
from scenarios.vocabulary.evses import Evse, EvseFinder
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.refusal import check_start_refused
from scenarios.vocabulary.reservations import RESERVATIONS, Reservations

pytestmark = BLOCKER


@pytest.fixture
def evse(evse_finder: EvseFinder) -> Evse:
    """A free EVSE that allows reservations."""
    return evse_finder.free_evse(allowing="allowsReservation")


def test_a_reservation_keeps_the_evse_for_its_owner(
    charging: Charging, reservations: Reservations, evse: Evse, drivers: Drivers
) -> None:
    """The EVSE shows the reservation, other drivers are refused, and a start by the owner completes it."""
    owner, other = drivers.with_balance(), drivers.with_balance()
    reservation = reservations.reserve(evse, owner)
    with step("The reservation is active, for its owner, at that EVSE"):
        active = reservations.read(reservation)
        active.require_equal(active["status"], "active", "reservation-active", "the status of a new reservation")
        active.require_equal(active["userId"], owner.id, "reservation-of-owner", "userId")
        active.require_equal(active["evseId"], evse.id, "reservation-at-evse", "evseId")
        active.require_equal(active["chargePointId"], evse.charge_point, "reservation-at-evse", "chargePointId")
        begun = datetime.fromisoformat(active["reservedAt"])
        now = charging.clock.moment()
        begins = abs(now - begun) <= CLOCKS
        active.require(begins, "reserved-now", f"reservedAt is {active['reservedAt']}, it is {now:%Y-%m-%dT%H:%M:%S%z}")
        active.require(active["duration"] > 0, "reservation-has-duration", f"duration is {active['duration']}")
    charging.wait_for_evse(evse, "reserved", lambda status: status == "reserved")
    for way, path in AT_AN_EVSE.items():
        with step(f"Another driver tries to start there by {way} and is refused"):
            check_start_refused(charging, evse, other, path)
    with step("Another driver tries to reserve and is refused"):
        reservations.check_refused(evse, other)
    with step("The reservation is as it was"):
        after = reservations.read(reservation)
        changed = [name for name, value in active.item.items() if after.get(name) != value]
        after.require_equal(changed, [], "reservation-survives-others", "the changed fields")
    with step("The owner starts charging"):
        session = charging.start(evse, owner)
        charging.wait_until_active(session)
    reservations.wait_for_status(reservation, "done")
    charging.stop(session)
    charging.wait_until_finished(session)
    reservations.check_status(reservation, "done", "reservation-stays-done")
    charging.wait_until_free(evse)
    check_others_charge(charging, evse, drivers)


def test_a_second_reservation_of_the_owner_is_no_other(
    charging: Charging, reservations: Reservations, evse: Evse, driver: Driver
) -> None:
    """When the owner reserves again there is one active reservation, which lasts no longer."""
    reservation = reservations.reserve(evse, driver)
    before = reservations.read(reservation)
    charging.clock.let_pass(min(60.0, charging.clock.patience / 10))
    with step("The owner reserves again"):
        answer = reservations.try_to_reserve(evse, driver)
        number = answer.get("reservationId") if answer.status == 202 and answer.get("success") else None
        if number is not None:
            reservations.followed(int(number))
    with step("One reservation is active, for as long as before"):
        filter = {"userId": driver.id, "evseId": evse.id, "status": "active"}
        active = [entry["id"] for entry in reservations.api.listing(RESERVATIONS, filter=filter)]
        answer.require_equal(len(active), 1, "one-reservation-per-evse", "the number of active reservations")
        if active == [reservation.id]:
            after = reservations.read(reservation)
            for name in ("reservedAt", "duration"):
                after.require_equal(after.get(name), before.get(name), "reservation-lasts-no-longer", name)


def test_a_cancelled_reservation_sets_the_evse_free(
    charging: Charging, reservations: Reservations, evse: Evse, driver: Driver, drivers: Drivers
) -> None:
    """Cancelling ends the reservation and frees the EVSE; cancelling again changes nothing."""
    reservation = reservations.reserve(evse, driver)
    with step("The driver cancels"):
        reservations.cancel(reservation)
    cancelled = reservations.wait_for_status(reservation, "canceled")
    ended, now = cancelled.get("canceledAt"), charging.clock.moment()
    cancelled.require(ended is not None, "cancelled-has-time", "canceledAt is missing")
    is_now = abs(now - datetime.fromisoformat(str(ended))) <= CLOCKS
    cancelled.require(is_now, "cancelled-has-time", f"canceledAt is {ended}, it is {now:%Y-%m-%dT%H:%M:%S%z}")
    charging.wait_for_evse(evse, "free again", lambda status: status != "reserved")
    with step("The driver cancels again"):
        reservations.cancel(reservation, expected=(202, 404, 406))
    again = reservations.check_status(reservation, "canceled", "cancel-once")
    again.require_equal(again.get("canceledAt"), cancelled.get("canceledAt"), "cancel-once", "canceledAt")
    check_others_charge(charging, evse, drivers)


def check_others_charge(charging: Charging, evse: Evse, drivers: Drivers) -> None:
    """After a reservation another driver charges."""
    with step("Another driver may charge there now"):
        session = charging.start(evse, drivers.with_balance())
        charging.stop(session, force=True)


def test_a_reservation_expires(
    charging: Charging, reservations: Reservations, evse: Evse, driver: Driver, drivers: Drivers
) -> None:
    """An unused reservation expires after its duration and frees the EVSE."""
    reservation = reservations.reserve(evse, driver)
    expired = reservations.wait_until_expired(reservation)
    expired.require_equal(expired.get("canceledAt"), None, "expired-not-cancelled", "canceledAt")
    charging.wait_for_evse(evse, "free again", lambda status: status != "reserved")
    check_others_charge(charging, evse, drivers)


def test_the_listing_finds_the_reservation_under_each_filter(
    reservations: Reservations, evse: Evse, driver: Driver
) -> None:
    """A reservation is listed under its driver, EVSE and status only."""
    reservation = reservations.reserve(evse, driver)
    api, own = reservations.api, {"userId": driver.id}
    with step("It is listed under each filter"):
        check_listed(api, RESERVATIONS, reservation.id, {**own, "evseId": evse.id, "status": "active"})
        check_listed(api, RESERVATIONS, reservation.id, {**own, "status": "canceled"}, is_listed=False)
    with step("The driver cancels"):
        reservations.cancel(reservation)
    reservations.wait_for_status(reservation, "canceled")
    check_listed(api, RESERVATIONS, reservation.id, {**own, "status": "canceled"})


def test_an_evse_in_use_cannot_be_reserved(
    charging: Charging, reservations: Reservations, evse: Evse, drivers: Drivers
) -> None:
    """An EVSE in use cannot be reserved, and the session continues."""
    session = charging.start(evse, drivers.with_balance())
    charging.wait_until_active(session)
    with step("Another driver tries to reserve and is refused"):
        reservations.check_refused(evse, drivers.with_balance())
    with step("The session continues"):
        running = charging.read(session)
        running.require_equal(running["status"], "active", "session-survives-reservation", "the status of the session")
    charging.stop(session)
    charging.wait_until_finished(session)
