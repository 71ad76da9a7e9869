"""A booking keeps an EVSE for a later time, and is used, cancelled or missed.

Business rule: an approved request makes one booking with the requested driver, place and times; at its time the EVSE
is kept for it; a start with the booking completes it; a cancelled one is free again; one that nobody uses is a
no-show; booked time is no longer offered.
Documented: booking requests 1.0 (create, update, cancel; pending, approved, rejected), bookings 1.0 (accepted,
reserved, completed, cancelled, no-show, failed), `bookingId` of the start actions (422 unless accepted or reserved),
location action "Check Booking Availability" (windows of at most 7 days).
"""

from datetime import datetime, timedelta

import pytest
from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import Answer, Api
from scenarios.vocabulary.charging import GLANCE, PATIENCE, Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.listings import check_listed
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.places import START_EVSE, Evse, Places
from scenarios.vocabulary.waiting import wait_for_answer

pytestmark = CRITICAL

REQUESTS = "/resources/booking-requests/v1.0"
REQUEST = "/resources/booking-requests/v1.0/{bookingRequest}"
BOOKINGS = "/resources/bookings/v1.0"
BOOKING = "/resources/bookings/v1.0/{booking}"
AVAILABILITY = "/actions/locations/v2.0/{location}/check-booking-availability"

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def evse(api: Api, places: Places) -> Evse:
    """A free EVSE that can be booked."""
    api.operation("POST", REQUESTS)
    return places.free_evse(lambda evse: evse.location is not None, allowing="bookingEnabled")


class Bookings:
    """What a driver does with bookings."""

    def __init__(self, charging: Charging, evse: Evse, cleanup: Cleanup) -> None:
        self._cleanup = cleanup
        self.api = charging.api
        self.clock = charging.clock
        self.evse = evse

    def times(self, begins_in: timedelta = AN_HOUR) -> tuple[datetime, datetime]:
        """An hour on the target's clock, beginning later."""
        begin = self.clock.moment().replace(microsecond=0) + begins_in
        return begin, begin + AN_HOUR

    def request(self, driver: Driver, begin: datetime, end: datetime) -> Answer:
        """Ask for the EVSE at a time."""
        body = {
            "type": "create",
            "userId": driver.id,
            "locationId": self.evse.location,
            "evseId": self.evse.id,
            "startAt": begin.isoformat(),
            "endAt": end.isoformat(),
        }
        return self.decided(self.api.post(REQUESTS, body))

    def cancel(self, booking: int) -> Answer:
        """Ask for an early end."""
        return self.decided(self.api.post(REQUESTS, {"type": "cancel", "bookingId": booking}))

    def decided(self, request: Answer) -> Answer:
        """The request once it is approved or rejected; a tenant may leave that to a person."""
        with step("Waiting until the request is decided"):
            answer = request
            waited = 0.0
            while answer["status"] == "pending" and waited < PATIENCE:
                self.clock.let_pass(GLANCE)
                waited += GLANCE
                answer = self.api.get(REQUEST, bookingRequest=request["id"])
        if answer["status"] == "pending":
            pytest.skip("the target leaves booking requests to a person")
        return answer

    def book(self, driver: Driver, begin: datetime, end: datetime) -> int:
        """An approved booking; its id."""
        with step("The driver asks for the EVSE at a later time"):
            request = self.request(driver, begin, end)
            request.require_equal(request["status"], "approved", "booking-approved", "the status of the request")
            number = request.get("bookingId")
            request.require(number is not None, "request-names-booking", "an approved request names no booking")
            self._cleanup.later("POST", REQUESTS, {"type": "cancel", "bookingId": number})
        return int(number)

    def wait_for_status(self, booking: int, *statuses: str, minutes: float = 5.0) -> Answer:
        """The booking gets one of these statuses."""
        with step(f"Waiting until the booking is {' or '.join(statuses)}"):
            seen = wait_for_answer(
                f"booking-{statuses[0]}",
                f"the booking is {' or '.join(statuses)}",
                lambda: self.api.get(BOOKING, booking=booking),
                lambda answer: answer["status"] in statuses,
                clock=self.clock,
                deadline=minutes * 60.0,
                interval=60.0,
                describe=lambda answer: str(answer["status"]),
            )
        return seen[-1].state

    def skip_if_longer_than_patience(self, end: datetime) -> None:
        """A story that lives through its booking cannot run where time is real."""
        if (end - self.clock.moment()).total_seconds() > self.clock.patience:
            pytest.skip("this story lives through a booking, longer than a story waits on a tenant")


@pytest.fixture
def bookings(charging: Charging, evse: Evse, cleanup: Cleanup) -> Bookings:
    """Bookings of the EVSE."""
    return Bookings(charging, evse, cleanup)


def test_a_booking_is_made_and_cancelled(api: Api, bookings: Bookings, evse: Evse, driver: Driver) -> None:
    """An approved request is a booking of that driver, place and time; cancelling ends it."""
    begin, end = bookings.times()
    number = bookings.book(driver, begin, end)
    with step("The booking is what was asked for"):
        booking = api.get(BOOKING, booking=number)
        booking.require(booking["status"] in ("accepted", "reserved"), "booking-accepted", f"it is {booking['status']}")
        booking.require_equal(booking.get("userId"), driver.id, "booking-of-driver", "userId")
        booking.require_equal(booking["locationId"], evse.location, "booking-at-location", "locationId")
        booking.require_equal(datetime.fromisoformat(booking["startAt"]), begin, "booking-times", "startAt")
        booking.require_equal(datetime.fromisoformat(booking["endAt"]), end, "booking-times", "endAt")
    with step("It is listed under its driver"):
        check_listed(api, BOOKINGS, number, {"userId": driver.id})
    with step("The driver cancels"):
        bookings.cancel(number)
        bookings.wait_for_status(number, "cancelled")


def test_a_time_is_booked_once(bookings: Bookings, driver: Driver, drivers: Drivers) -> None:
    """The same EVSE at the same time is not promised to two drivers."""
    begin, end = bookings.times()
    number = bookings.book(driver, begin, end)
    with step("Another driver asks for the same time and is rejected"):
        half_later = begin + AN_HOUR / 2
        second = bookings.request(drivers.with_balance(), half_later, half_later + AN_HOUR)
        second.require_equal(second["status"], "rejected", "no-double-booking", "the status of the second request")
    bookings.cancel(number)


def test_booked_time_is_no_longer_offered(api: Api, bookings: Bookings, evse: Evse, driver: Driver) -> None:
    """The slots a location offers leave out what is booked."""
    api.operation("POST", AVAILABILITY)
    begin, end = bookings.times()
    number = bookings.book(driver, begin, end)
    with step("No slot of the EVSE overlaps the booking"):
        window = {"startAfter": (begin - AN_HOUR).isoformat(), "endBefore": (end + AN_HOUR).isoformat()}
        answer = api.post(AVAILABILITY, window, location=evse.location)
        for entry in answer.items:
            for slot in entry["availableSlots"] if entry["evseId"] == evse.id else []:
                starts, ends = (datetime.fromisoformat(slot[name]) for name in ("startAt", "endAt"))
                free = ends <= begin or starts >= end
                answer.require(free, "booked-not-offered", f"the slot {slot} overlaps the booking from {begin}")
    bookings.cancel(number)
    with step("A window of more than seven days is refused"):
        window["endBefore"] = (begin + timedelta(days=9)).isoformat()
        api.post(AVAILABILITY, window, expected=(400, 422), location=evse.location)


def test_a_booking_is_used(charging: Charging, bookings: Bookings, evse: Evse, driver: Driver) -> None:
    """At its time the EVSE is kept; the driver starts with the booking, which completes it."""
    begin, end = bookings.times()
    bookings.skip_if_longer_than_patience(end)
    number = bookings.book(driver, begin, end)
    charging.clock.let_pass((begin - charging.clock.moment()).total_seconds() + 60.0)
    bookings.wait_for_status(number, "reserved")
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
    """A booking whose time passes unused is a no-show."""
    begin, end = bookings.times()
    bookings.skip_if_longer_than_patience(end)
    number = bookings.book(driver, begin, end)
    charging.clock.let_pass((end - charging.clock.moment()).total_seconds() + 60.0)
    bookings.wait_for_status(number, "no-show")
