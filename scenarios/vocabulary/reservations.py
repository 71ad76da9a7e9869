"""Reservations: made now, for a time the tenant decides."""

from collections.abc import Collection
from dataclasses import dataclass

import pytest
from allure import step

from scenarios.vocabulary.api import SUCCESS, ScenarioApi, ScenarioResponse
from scenarios.vocabulary.charging import Charging
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import Evse
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.waiting import A_DAY, GLANCE, wait_for_answer

RESERVE = "/actions/charge-point/v1.0/{chargePoint}/reserve/{evse}"
CANCEL = "/actions/reservation/v1.0/{reservation}/cancel"
RESERVATIONS = "/resources/reservations/v1.0"
RESERVATION = "/resources/reservations/v1.0/{reservation}"

#: The unit of a reservation's duration is not documented; minutes are presumed.
SECONDS_PER_DURATION = 60.0
#: Accepted, or rejected by the charge point; a refusal may also be an accepted request without success.
RESERVED_OR_NOT = (202, 406)


@dataclass(frozen=True)
class Reservation:
    """A reservation the scenario made."""

    id: int


class Reservations:
    """What a driver does with reservations."""

    def __init__(self, api: ScenarioApi, charging: Charging, cleanup: Cleanup) -> None:
        self.api = api
        self._charging = charging
        self._clock = charging.clock
        self._cleanup = cleanup

    def try_to_reserve(self, evse: Evse, driver: Driver) -> ScenarioResponse:
        """Ask for a reservation, whatever the answer; the EVSE is named by its network id."""
        return self.api.post(
            RESERVE,
            {"userId": driver.id, "reason": "conformance scenario"},
            expected=RESERVED_OR_NOT,
            chargePoint=evse.charge_point,
            evse=evse.network_id,
        )

    def reserve(self, evse: Evse, driver: Driver) -> Reservation:
        """The driver reserves the EVSE, and it is accepted."""
        with step("The driver reserves the EVSE"):
            answer = self.try_to_reserve(evse, driver)
            if answer.status != 202:
                self._charging.skip_if_taken(evse)
                # What has become free in between may have been taken a moment ago.
                answer = self.try_to_reserve(evse, driver)
            answer.require_equal(answer.status, 202, "reserve-accepted", "the status of reserving a free EVSE")
            answer.require(bool(answer["success"]), "reserve-accepted", "reserving a free EVSE had no success")
            number = answer.get("reservationId")
            answer.require(number is not None, "reserve-names-reservation", "reservationId is missing")
            return self.followed(int(number))

    def followed(self, number: int) -> Reservation:
        """Cancel the reservation at the end of the scenario if it is still active."""
        self._cleanup.later("POST", CANCEL, {"force": True}, reservation=number)
        return Reservation(number)

    def check_refused(self, evse: Evse, driver: Driver) -> ScenarioResponse:
        """Asking for a reservation gives none: rejected, or no success; and none is active for the driver."""
        answer = self.try_to_reserve(evse, driver)
        if answer.status == 202 and answer["success"]:
            self.followed(int(answer["reservationId"]))
            answer.violates("reserve-refused", "an EVSE that is taken was reserved for another driver")
        self._clock.let_pass(min(self._clock.a_while, 2 * GLANCE))
        listed = self.api.get(RESERVATIONS, query={"filter": {"userId": driver.id, "status": "active"}})
        made = [entry["id"] for entry in listed.items if entry["evseId"] == evse.id]
        listed.require_equal(made, [], "reserve-refused", "the active reservations of the refused driver")
        return answer

    def cancel(
        self, reservation: Reservation, *, expected: Collection[int] = SUCCESS, force: bool | None = None
    ) -> ScenarioResponse:
        """Ask for an early end."""
        body = {"reason": "conformance scenario"} | ({} if force is None else {"force": force})
        return self.api.post(CANCEL, body, expected=expected, reservation=reservation.id)

    def read(self, reservation: Reservation) -> ScenarioResponse:
        """The reservation now."""
        return self.api.get(RESERVATION, reservation=reservation.id)

    def is_active(self, number: int) -> bool:
        """Whether a reservation holds its EVSE now."""
        return bool(self.read(Reservation(number))["status"] == "active")

    def check_status(self, reservation: Reservation, status: str, rule: str) -> ScenarioResponse:
        """The reservation has this status now."""
        with step(f"The reservation is {status}"):
            answer = self.read(reservation)
            answer.require_equal(answer["status"], status, rule, "the status of the reservation")
        return answer

    def wait_until_expired(self, reservation: Reservation) -> ScenarioResponse:
        """The reservation ends by itself; skips the scenario when it lasts longer than a scenario waits."""
        lifetime = self.check_status(reservation, "active", "reservation-active")["duration"] * SECONDS_PER_DURATION
        if lifetime > self._clock.patience:
            pytest.skip(f"a reservation lasts {lifetime:g} s here, longer than a scenario waits on a tenant")
        with step("Shortly before its end it is still active"):
            self._clock.let_pass(lifetime * 0.9)
            self.check_status(reservation, "active", "reservation-lasts")
        return self.wait_for_status(reservation, "expired", deadline=lifetime / 5 + 300.0, interval=lifetime / 20)

    def wait_for_status(
        self, reservation: Reservation, status: str, *, deadline: float = A_DAY, interval: float = GLANCE
    ) -> ScenarioResponse:
        """The reservation leaves `active` for this status; any other end fails at once."""
        with step(f"Waiting until the reservation is {status}"):
            seen = wait_for_answer(
                f"reservation-{status}",
                f"the reservation is {status}",
                lambda: self.read(reservation),
                lambda answer: answer["status"] == status,
                has_failed=lambda answer: answer["status"] != "active",
                clock=self._clock,
                deadline=deadline,
                interval=interval,
                describe=lambda answer: str(answer["status"]),
            )
        return seen[-1].state
