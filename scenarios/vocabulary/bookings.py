"""Bookings: asked for in requests, that the platform or a person decides."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allure import step

from scenarios.vocabulary.api import ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.waiting import GLANCE, wait_for_answer

REQUESTS = "/resources/booking-requests/v1.0"
REQUEST = "/resources/booking-requests/v1.0/{bookingRequest}"
BOOKINGS = "/resources/bookings/v1.0"
BOOKING = "/resources/bookings/v1.0/{booking}"
AVAILABILITY = "/actions/locations/v2.0/{location}/check-booking-availability"

AN_HOUR = timedelta(hours=1)
#: A window of the availability is at most seven days long.
SIX_DAYS = timedelta(days=6)


class Bookings:
    """What a driver does with bookings."""

    def __init__(self, charging: Charging, evse: Evse, cleanup: Cleanup) -> None:
        self._cleanup = cleanup
        self.api = charging.api
        self.clock = charging.clock
        self.evse = evse

    def times(self, begins_in: timedelta = AN_HOUR) -> tuple[datetime, datetime]:
        """An hour on the target's clock, beginning later, that the location offers."""
        return self.times_from(self.clock.moment().replace(microsecond=0) + begins_in)

    def times_from(self, begin: datetime) -> tuple[datetime, datetime]:
        """An hour that the location offers, from a moment on; the first one where the version cannot ask."""
        if not self.api.has("POST", AVAILABILITY):
            return begin, begin + AN_HOUR
        for starts, ends in self.offered(begin, begin + SIX_DAYS):
            return starts, min(ends, starts + AN_HOUR)
        pytest.skip("the location offers no time for this EVSE")

    def offered(self, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """The slots that the location offers for the EVSE in a window: when they start and end."""
        return slots_of(self.slots(begin, end), self.evse)

    def request(
        self, driver: Driver, begin: datetime, end: datetime, *, names_evse: bool = True, **fields: Any
    ) -> ScenarioResponse:
        """Ask for the EVSE at a time, or for any of its location."""
        body = {
            "type": "create",
            "userId": driver.id,
            "locationId": self.evse.location,
            "startAt": begin.isoformat(),
            "endAt": end.isoformat(),
        }
        wanted = {"evseId": self.evse.id} if names_evse else {}
        return self.decided(self.api.post(REQUESTS, body | wanted | fields))

    def move(self, booking: int, begin: datetime, end: datetime) -> ScenarioResponse:
        """Ask for another time."""
        times = {"startAt": begin.isoformat(), "endAt": end.isoformat()}
        return self.decided(self.api.post(REQUESTS, {"type": "update", "bookingId": booking, **times}))

    def check_times(self, booking: int, begin: datetime, end: datetime) -> ScenarioResponse:
        """The booking is for exactly this time."""
        answer = self.api.get(BOOKING, booking=booking)
        answer.require_equal(datetime.fromisoformat(answer["startAt"]), begin, "booking-times", "startAt")
        answer.require_equal(datetime.fromisoformat(answer["endAt"]), end, "booking-times", "endAt")
        return answer

    def slots(self, begin: datetime, end: datetime) -> ScenarioResponse:
        """What the location offers in a window, for each of its EVSEs that can be booked."""
        window = {"startAfter": begin.isoformat(), "endBefore": end.isoformat()}
        return self.api.post(AVAILABILITY, window, location=self.evse.location)

    def cancel(self, booking: int) -> ScenarioResponse:
        """Ask for an early end."""
        return self.decided(self.api.post(REQUESTS, {"type": "cancel", "bookingId": booking}))

    def decided(self, request: ScenarioResponse) -> ScenarioResponse:
        """The request once it is approved or rejected; a tenant may leave that to a person."""
        with step("Waiting until the request is decided"):
            answer = request
            waited = 0.0
            while answer["status"] == "pending" and waited < self.clock.deadline:
                self.clock.let_pass(GLANCE)
                waited += GLANCE
                answer = self.api.get(REQUEST, bookingRequest=request["id"])
        if answer["status"] == "pending":
            pytest.skip("booking requests of the target are decided by a person")
        return answer

    def book(self, driver: Driver, begin: datetime, end: datetime, *, names_evse: bool = True, **fields: Any) -> int:
        """An approved booking; its id."""
        with step("The driver asks for the EVSE at a later time"):
            request = self.request(driver, begin, end, names_evse=names_evse, **fields)
            if request["status"] == "rejected" and not self.api.has("POST", AVAILABILITY):
                pytest.skip("the target rejects the time, and this version cannot ask for one that is offered")
            request.require_equal(request["status"], "approved", "booking-approved", "the status of the request")
            number = request.get("bookingId")
            request.require(number is not None, "request-names-booking", "an approved request names no booking")
            self._cleanup.later("POST", REQUESTS, {"type": "cancel", "bookingId": number})
        return int(number)

    def wait_for_status(self, booking: int, *statuses: str) -> ScenarioResponse:
        """The booking gets one of these statuses."""
        with step(f"Waiting until the booking is {' or '.join(statuses)}"):
            seen = wait_for_answer(
                f"booking-{statuses[0]}",
                f"the booking is {' or '.join(statuses)}",
                lambda: self.api.get(BOOKING, booking=booking),
                lambda answer: answer["status"] in statuses,
                clock=self.clock,
                interval=60.0,
                describe=lambda answer: str(answer["status"]),
            )
        return seen[-1].state

    def skip_if_longer_than_patience(self, end: datetime) -> None:
        """A scenario that lives through its booking cannot run where time is real."""
        if (end - self.clock.moment()).total_seconds() > self.clock.patience:
            pytest.skip("this scenario lasts as long as a booking, longer than a scenario waits on a tenant")


def slots_of(answer: ScenarioResponse, evse: Evse) -> list[tuple[datetime, datetime]]:
    """The slots that are offered for an EVSE: when they start and end."""
    return [
        (datetime.fromisoformat(slot["startAt"]), datetime.fromisoformat(slot["endAt"]))
        for entry in answer.items
        if entry["evseId"] == evse.id
        for slot in entry["availableSlots"]
    ]
