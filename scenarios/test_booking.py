"""A booking holds an EVSE for a later time and is used, cancelled or missed.

Business rule: an approved request makes one booking with the requested driver, place and times; an approved update
moves it, a rejected one leaves it; at its time the EVSE is kept for it and others are refused; a start with the booking
completes it; a cancelled one is free again; one that nobody uses is a no-show; booked time is no longer offered; what
is booked by criteria meets them.
Documented: booking requests 1.0 (create, update, cancel; pending, approved, rejected), bookings 1.0 (accepted,
reserved, completed, cancelled, no-show, failed), `bookingId` of the start actions (422 unless accepted or reserved),
location action "Check Booking Availability" (windows of at most 7 days).
"""

from datetime import timedelta

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioApi
from scenarios.vocabulary.bookings import AN_HOUR, AVAILABILITY, BOOKING, BOOKINGS, REQUESTS, Bookings, slots_of
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import EVSE, START_EVSE, Evse, EvseFinder
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.refusal import check_start_refused

pytestmark = CRITICAL


@pytest.fixture
def evse(api: ScenarioApi, evse_finder: EvseFinder) -> Evse:
    """A free EVSE that can be booked."""
    api.operation("POST", REQUESTS)
    return evse_finder.free_evse(lambda evse: evse.location is not None, allowing="bookingEnabled")


@pytest.fixture
def bookings(charging: Charging, evse: Evse, cleanup: Cleanup) -> Bookings:
    """Bookings of the EVSE."""
    return Bookings(charging, evse, cleanup)


def test_a_booking_is_made_and_cancelled(api: ScenarioApi, bookings: Bookings, evse: Evse, driver: Driver) -> None:
    """An approved request creates a booking with the requested driver, place and time; cancelling ends it."""
    begin, end = bookings.times()
    number = bookings.book(driver, begin, end)
    with step("The booking is as requested"):
        booking = api.get(BOOKING, booking=number)
        booking.require(booking["status"] in ("accepted", "reserved"), "booking-accepted", f"it is {booking['status']}")
        booking.require_equal(booking.get("userId"), driver.id, "booking-of-driver", "userId")
        booking.require_equal(booking["locationId"], evse.location, "booking-at-location", "locationId")
        bookings.check_times(number, begin, end)
    with step("It is listed under its driver"):
        check_listed(api, BOOKINGS, number, {"userId": driver.id})
    with step("The driver cancels"):
        bookings.cancel(number)
        bookings.wait_for_status(number, "cancelled")


def test_a_time_is_booked_once(bookings: Bookings, driver: Driver, drivers: Drivers) -> None:
    """An EVSE cannot be booked twice for the same time."""
    begin, end = bookings.times()
    number = bookings.book(driver, begin, end)
    with step("Another driver asks for the same time and is rejected"):
        half_later = begin + AN_HOUR / 2
        second = bookings.request(drivers.with_balance(), half_later, half_later + AN_HOUR)
        second.require_equal(second["status"], "rejected", "no-double-booking", "the status of the second request")
    bookings.cancel(number)


def test_a_booking_moves_to_another_time(bookings: Bookings, driver: Driver, drivers: Drivers) -> None:
    """An approved update moves a booking and frees its old time; a rejected one changes nothing."""
    begin, end = bookings.times()
    number = bookings.book(driver, begin, end)
    later, later_end = bookings.times_from(begin + 3 * AN_HOUR)
    with step("The driver asks for a later time, and the booking moves"):
        moved = bookings.move(number, later, later_end)
        moved.require_equal(moved["status"], "approved", "booking-moves", "the status of the update")
        moved.require_equal(moved.get("bookingId"), number, "request-names-booking", "bookingId of the update")
        booking = bookings.check_times(number, later, later_end)
        booking.require_equal(booking.get("userId"), driver.id, "booking-of-driver", "userId")
    with step("Another driver books the freed time"):
        other = bookings.book(drivers.with_balance(), begin, end)
    with step("The booking cannot move back onto that time"):
        back = bookings.move(number, begin, end)
        back.require_equal(back["status"], "rejected", "no-double-booking", "the status of the second update")
        bookings.check_times(number, later, later_end)
    bookings.cancel(other)
    bookings.cancel(number)


def test_a_booking_may_leave_the_evse_to_the_platform(bookings: Bookings, driver: Driver) -> None:
    """A request without an EVSE is booked at an EVSE of the location."""
    begin, end = bookings.times()
    number = bookings.book(driver, begin, end, names_evse=False)
    booking = bookings.check_times(number, begin, end)
    booking.require_equal(booking["locationId"], bookings.evse.location, "booking-at-location", "locationId")
    bookings.cancel(number)


def test_a_booking_may_ask_for_a_kind_of_evse(api: ScenarioApi, bookings: Bookings, driver: Driver) -> None:
    """A request by current and power is booked at such an EVSE; one for more power than there is, is rejected."""
    begin, end = bookings.times()
    current = api.get(EVSE, evse=bookings.evse.id)["currentType"]
    with step(f"The driver asks for any EVSE with {current}"):
        criteria = {"currentType": current, "minPower": 1}
        number = bookings.book(driver, begin, end, names_evse=False, evseCriteria=criteria)
        booking = api.get(BOOKING, query={"include": ["bookedEvses"]}, booking=number)
        booked = [api.get(EVSE, evse=entry.get("id") or entry["evseId"]) for entry in booking["bookedEvses"]]
        kinds = {evse["currentType"] for evse in booked}
        booking.require_equal(kinds, {current}, "booking-criteria", "the current of what is booked")
    with step("A power that no EVSE has is rejected"):
        criteria = {"currentType": current, "minPower": 10000}
        refused = bookings.request(driver, begin, end, names_evse=False, evseCriteria=criteria)
        refused.require_equal(refused["status"], "rejected", "booking-criteria", "the status of the request")


def test_booked_time_is_no_longer_offered(api: ScenarioApi, bookings: Bookings, driver: Driver) -> None:
    """Booked time is missing from the offered slots and returns after cancellation."""
    api.operation("POST", AVAILABILITY)
    begin, end = bookings.times()
    window = (begin - AN_HOUR / 2, end + AN_HOUR)
    number = bookings.book(driver, begin, end)
    with step("No slot of the EVSE overlaps the booking"):
        answer = bookings.slots(*window)
        for starts, ends in slots_of(answer, bookings.evse):
            answer.require(
                ends <= begin or starts >= end,
                "booked-not-offered",
                f"the slot from {starts} to {ends} overlaps the booking from {begin}",
            )
    bookings.cancel(number)
    bookings.wait_for_status(number, "cancelled")
    with step("The time is offered again"):
        again = bookings.slots(*window)
        offered = any(starts < end and ends > begin for starts, ends in slots_of(again, bookings.evse))
        again.require(offered, "cancelled-offered", f"the time from {begin} is free and not offered")
    with step("A window of more than seven days is refused"):
        too_long = {"startAfter": begin.isoformat(), "endBefore": (begin + timedelta(days=9)).isoformat()}
        api.post(AVAILABILITY, too_long, expected=(400, 422), location=bookings.evse.location)


def test_a_booking_is_used(
    charging: Charging, bookings: Bookings, evse: Evse, driver: Driver, drivers: Drivers
) -> None:
    """During the booking other drivers are refused; a start with the booking completes it."""
    begin, end = bookings.times()
    bookings.skip_if_longer_than_patience(end)
    number = bookings.book(driver, begin, end)
    charging.clock.let_pass((begin - charging.clock.moment()).total_seconds() + 60.0)
    bookings.wait_for_status(number, "reserved")
    with step("Another driver tries to start there and is refused"):
        check_start_refused(charging, evse, drivers.with_balance())
    with step("The driver starts with the booking"):
        answer = charging.api.post(START_EVSE, {"userId": driver.id, "bookingId": number}, evse=evse.id)
        session = charging.accepted(answer, evse)
    active = charging.wait_until_active(session)
    if active.get("bookingId") is not None:
        active.require_equal(active["bookingId"], number, "session-names-booking", "bookingId")
    completed = bookings.wait_for_status(number, "completed")
    if completed.get("sessionId") is not None:
        completed.require_equal(str(completed["sessionId"]), session.id, "booking-names-session", "sessionId")
    charging.stop(session)
    charging.wait_until_finished(session)
    with step("The booking cannot be used again"):
        body = {"userId": driver.id, "bookingId": number}
        charging.api.post(START_EVSE, body, expected=(422,), evse=evse.id)


def test_a_booking_nobody_uses_is_a_no_show(charging: Charging, bookings: Bookings, driver: Driver) -> None:
    """A booking that is not used becomes a no-show."""
    begin, end = bookings.times()
    bookings.skip_if_longer_than_patience(end)
    number = bookings.book(driver, begin, end)
    charging.clock.let_pass((end - charging.clock.moment()).total_seconds() + 60.0)
    bookings.wait_for_status(number, "no-show")
    with step("It can no longer be used"):
        body = {"userId": driver.id, "bookingId": number}
        charging.api.post(START_EVSE, body, expected=(422,), evse=bookings.evse.id)
