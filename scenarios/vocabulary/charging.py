"""Charging: starting, watching and stopping a session."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from allure import step

from ampeco_conformance.emulator_client.clock import TargetClock
from ampeco_conformance.emulator_client.polling import WaitingFailed, timeline, wait_until
from scenarios.vocabulary.api import SUCCESS, ScenarioApi, ScenarioResponse
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.evses import EVSE, START_EVSE, Evse
from scenarios.vocabulary.people import Driver
from scenarios.vocabulary.power import check_power
from scenarios.vocabulary.waiting import AN_HOUR, GLANCE, wait_for_answer

SESSION = "/resources/sessions/v1.0/{session}"
START_NETWORK_ID = "/actions/charge-point/v1.0/{chargePoint}/start/{evse}"
START_CHARGE_POINT = "/actions/charge-point/v1.0/{chargePoint}/start"
STOP = "/actions/charge-point/v1.0/{chargePoint}/stop/{session}"

#: The ways to start that name an EVSE; the third one leaves it to where the driver plugs in.
AT_AN_EVSE = {"evse id": START_EVSE, "network id": START_NETWORK_ID}
EVERY_WAY = {**AT_AN_EVSE, "charge point": START_CHARGE_POINT}

#: Everything a session can show at once: periods, prices, clock-aligned consumption.
EVERYTHING = {
    "withAuthorization": True,
    "withChargingPeriods": True,
    "withChargingPeriodsPriceBreakdown": True,
    "withPriceBreakdown": True,
    "withClockAlignedEnergyConsumption": True,
    "clockAlignedInterval": 15,
}

OVER = frozenset({"finished", "failed", "expired"})
#: Hardware status of an EVSE while a session is active; of these, the last two also stay until the car is unplugged.
IN_USE = frozenset({"charging", "suspendedEV", "suspendedEVSE", "preparing", "occupied"})
ENERGY_FLOWS = IN_USE - {"preparing", "occupied"}

#: A refusal caused by the tenant's rules for new users.
NEEDS_A_CONFIGURED_USER = frozenset({"TERMS_NOT_ACCEPTED", "USER_VALIDATION_NOT_COMPLETE", "SUBSCRIPTION_REQUIRED"})

#: How far a time may be from that of our request: a charge point begins and ends a little later, and clocks differ.
CLOCKS = timedelta(minutes=2)

#: Reasons of a session that never began for want of a car, or because the charge point did not take the command.
NEVER_BEGAN = frozenset(
    {
        "no_ev_connected",
        "no_ev_parked",
        "ev_not_connected_to_evse",
        "timeout",
        "charge_point_timeout",
        "remote_start_failed",
        "rejected",
        "evse_occupied",
        "evse_inoperative",
    }
)


@dataclass(frozen=True)
class ChargingSession:
    """A charging session the scenario started."""

    id: str
    charge_point: int


class Charging:
    """What drivers do at charge points."""

    def __init__(self, api: ScenarioApi, clock: TargetClock, cleanup: Cleanup) -> None:
        self.api = api
        self.clock = clock
        self._cleanup = cleanup

    def start(self, evse: Evse, driver: Driver | None, way: str = START_EVSE, **body: Any) -> ChargingSession:
        """The driver starts at the EVSE, and it is accepted; nobody in particular starts when there is no driver."""
        with step("The driver starts charging"):
            answer = self.try_to_start(evse, driver, way, **body)
            return self.accepted(answer, evse)

    def try_to_start(
        self,
        evse: Evse,
        driver: Driver | None,
        way: str = START_EVSE,
        *,
        expected: Collection[int] = SUCCESS,
        **body: Any,
    ) -> ScenarioResponse:
        """Ask for a session at an EVSE in one of the ways there are, whatever the answer."""
        user = {} if driver is None else {"userId": driver.id}
        return self.api.post(way, user | body, expected=expected, **_named(way, evse))

    def accepted(self, answer: ScenarioResponse, evse: Evse) -> ChargingSession:
        """The session of an accepted start; whatever happens next, it is stopped at the end of the scenario."""
        self.check_accepted(answer, evse)
        number = answer.get("sessionId")
        answer.require(number is not None, "start-names-session", "an accepted start names no session")
        return self.followed(ChargingSession(str(number), evse.charge_point))

    def check_accepted(self, answer: ScenarioResponse, evse: Evse) -> None:
        """A start is accepted; skips the scenario when the target refuses new users, or the EVSE is no longer free."""
        if not answer["success"]:
            code = answer.get("errorCode")
            if code in NEEDS_A_CONFIGURED_USER:
                pytest.skip(
                    f"the target refuses a new user ({code}); name one that may charge under `test_equipment: user`"
                )
            self.skip_if_taken(evse)
            said = f"the start was refused: {code or answer.get('message')}"
            answer.violates("start-accepted", said, expected="a start", actual=code)

    def skip_if_taken(self, evse: Evse) -> None:
        """Skip the scenario when the EVSE is no longer free: a status may show late, and others use the target too."""
        self.clock.let_pass(min(self.clock.a_while, 2 * GLANCE))
        status = self.api.get(EVSE, evse=evse.id)["hardwareStatus"]
        if status != "available":
            pytest.skip(f"the EVSE was taken by somebody else meanwhile: {status}")

    def followed(self, session: ChargingSession) -> ChargingSession:
        """Stop the session at the end of the scenario if it still runs."""
        self._cleanup.later("POST", STOP, {"force": True}, chargePoint=session.charge_point, session=session.id)
        return session

    def stop(self, session: ChargingSession, *, expected: Collection[int] = SUCCESS, **body: Any) -> ScenarioResponse:
        """The driver stops the session, and the charge point accepts, unless another answer is `expected`."""
        with step("The driver stops charging"):
            return self.api.post(STOP, body, expected=expected, chargePoint=session.charge_point, session=session.id)

    def charge_and_pay(self, evse: Evse, driver: Driver) -> ScenarioResponse:
        """A whole session, paid."""
        session = self.start(evse, driver)
        self.wait_until_active(session)
        self.wait_for_cost(session, self.wait_for_energy(session)[-1])
        self.stop(session)
        return self.wait_until_paid(session, self.wait_until_finished(session))

    def read(self, session: ChargingSession) -> ScenarioResponse:
        """The session with all its details."""
        seen = self.api.get(SESSION, query=EVERYTHING, session=session.id)
        if seen.get("status") in OVER:
            self._cleanup.settle(STOP, chargePoint=session.charge_point, session=session.id)
        return seen

    def wait_until_active(self, session: ChargingSession) -> ScenarioResponse:
        """The charge point confirms and energy can flow; skips the scenario when nobody plugs in."""
        begun = self._wait(session, "active", lambda seen: _is_active(seen) or _never_began(seen), _has_status(*OVER))
        if not _is_active(begun):
            pytest.skip(f"the session never began: {begun['status']}, {begun.get('reason') or 'without a reason'}")
        return begun

    def wait_until_finished(self, session: ChargingSession) -> ScenarioResponse:
        """The session is over, as it should be, with energy that can be."""
        over = self._wait(session, "finished", _has_status("finished"), _has_status(*OVER))
        check_power(over)
        return over

    def wait_until_over(self, session: ChargingSession, rule: str = "session-over") -> ScenarioResponse:
        """The session is over, in whichever way."""
        return self._wait(session, "over", _has_status(*OVER), rule=rule)

    def wait_until_paid(self, session: ChargingSession, seen: ScenarioResponse | None = None) -> ScenarioResponse:
        """The session is paid; ends early when its payment failed, skips the scenario when it was paid in part.

        `seen` was just read, and is not read again.
        """
        paid = self._wait(session, "paid", self._is_settled("paid", "partially"), _has_payment("failed"), seen=seen)
        if paid.get("paymentStatus") == "partially":
            pytest.skip("the session is paid in part, which the target does when the balance is too low")
        return self._with_something_to_pay(paid)

    def wait_until_payment_is_decided(self, session: ChargingSession, seen: ScenarioResponse) -> ScenarioResponse:
        """The payment of a session, which was just seen, was tried and succeeded, in full or in part, or failed."""
        decided = self._wait(session, "paid or not", self._is_settled("paid", "partially", "failed"), seen=seen)
        return self._with_something_to_pay(decided)

    def wait_for_energy(self, session: ChargingSession, watt_hours: float = 1000.0) -> list[ScenarioResponse]:
        """Everything seen until the meter has passed so many Wh: an hour on an emulator, what comes on a tenant."""
        enough = watt_hours if self.clock.patience >= AN_HOUR else 1.0
        with step("Energy is delivered"):
            seen = wait_for_answer(
                "energy-flows",
                "energy flows",
                lambda: self.read(session),
                lambda answer: float(answer["energy"]) >= enough,
                has_failed=lambda answer: answer["status"] in OVER,
                clock=self.clock,
                deadline=AN_HOUR,
                interval=60.0,
                describe=lambda answer: f"{answer['energy']} Wh",
            )
        return [observation.state for observation in seen]

    def wait_for_cost(self, session: ChargingSession, seen: ScenarioResponse) -> ScenarioResponse:
        """The running session, which was just seen, once it has a price; where time is real that may take a while."""
        with step("The session costs something"):
            started = self.clock.now()
            while not _cost(seen) and self.clock.now() - started < self.clock.deadline:
                self.clock.let_pass(GLANCE)
                seen = self.read(session)
        return seen

    def _is_settled(self, *statuses: str) -> Callable[[ScenarioResponse], bool]:
        """Whether the payment has a status, or there is nothing to pay: where time is real, little is charged."""
        is_short = self.clock.patience < AN_HOUR

        def is_settled(session: ScenarioResponse) -> bool:
            is_free = is_short and session.get("billingStatus") == "completed" and not _cost(session)
            return is_free or session.get("paymentStatus") in statuses

        return is_settled

    def _with_something_to_pay(self, session: ScenarioResponse) -> ScenarioResponse:
        if session.get("paymentStatus") is None:
            pytest.skip("the session was too short to cost anything; raise `patience` of the tenant")
        return session

    def _wait(
        self,
        session: ChargingSession,
        awaited: str,
        is_reached: Callable[[ScenarioResponse], bool],
        has_failed: Callable[[ScenarioResponse], bool] = lambda _: False,
        *,
        rule: str | None = None,
        seen: ScenarioResponse | None = None,
    ) -> ScenarioResponse:
        just_read = [] if seen is None else [seen]
        with step(f"Waiting until the session is {awaited}"):
            all_seen = wait_for_answer(
                rule or f"session-{awaited.replace(' ', '-')}",
                f"the session is {awaited}",
                lambda: just_read.pop() if just_read else self.read(session),
                is_reached,
                has_failed=has_failed,
                clock=self.clock,
                describe=_state,
            )
            with step(f"Seen: {timeline(all_seen, _state)}"):
                return all_seen[-1].state

    def wait_until_free(self, evse: Evse) -> None:
        """Wait until the EVSE is free for the next driver; skips the scenario when a car stays plugged in."""
        with step("Waiting until the EVSE is free"):
            try:
                wait_until(
                    "the EVSE is free",
                    lambda: self.api.get(EVSE, evse=evse.id)["hardwareStatus"],
                    lambda status: status == "available",
                    clock=self.clock,
                    deadline=min(self.clock.patience, AN_HOUR),
                    interval=GLANCE,
                )
            except WaitingFailed as still_taken:
                pytest.skip(str(still_taken))

    def wait_for_evse(self, evse: Evse, awaited: str, is_reached: Callable[[str | None], bool]) -> ScenarioResponse:
        """The hardware status the charge point reports for the EVSE becomes what is awaited."""
        with step(f"Waiting until the EVSE is {awaited}"):
            seen = wait_for_answer(
                "evse-shows-use",
                f"the EVSE is {awaited}",
                lambda: self.api.get(EVSE, evse=evse.id),
                lambda answer: is_reached(answer["hardwareStatus"]),
                clock=self.clock,
                describe=lambda answer: str(answer["hardwareStatus"]),
            )
        return seen[-1].state


def session_that_is_not_paid(
    charging: Charging, evse: Evse, driver: Driver, **body: Any
) -> tuple[ChargingSession, ScenarioResponse]:
    """A finished session that the balance of the driver could not pay, and its last read; skips where there is none."""
    with step("The driver tries to start with too low a balance"):
        answer = charging.try_to_start(evse, driver, **body)
        if not answer["success"]:
            pytest.skip(f"the target refuses drivers whose balance is too low ({answer.get('errorCode')})")
        session = charging.accepted(answer, evse)
    charging.wait_until_active(session)
    charging.wait_for_cost(session, charging.wait_for_energy(session)[-1])
    charging.stop(session, force=True)
    failed = charging.wait_until_payment_is_decided(session, charging.wait_until_finished(session))
    if failed.get("paymentStatus") != "failed":
        pytest.skip(f"the session is {failed.get('paymentStatus')}; payments of the target cannot be made to fail")
    return session, failed


def skip_if_collected(charging: Charging, session: ChargingSession) -> None:
    """Skip the scenario where the target pays an unpaid session by itself, once there is a balance."""
    charging.clock.let_pass(min(charging.clock.a_while, 2 * GLANCE))
    if charging.read(session).get("paymentStatus") != "failed":
        pytest.skip("the target collects what is unpaid from a new balance; no payment is left to retry")


def _named(way: str, evse: Evse) -> dict[str, int | str]:
    """How a way to start names the place: by the EVSE's id, by its number at the charge point, or not at all."""
    if way == START_EVSE:
        return {"evse": evse.id}
    number = {"evse": evse.network_id} if way == START_NETWORK_ID else {}
    return {"chargePoint": evse.charge_point, **number}


def _has_status(*statuses: str) -> Callable[[ScenarioResponse], bool]:
    return lambda session: session["status"] in statuses


def _is_active(session: ScenarioResponse) -> bool:
    return bool(session["status"] == "active")


def _never_began(session: ScenarioResponse) -> bool:
    """Whether a session ended before it began, through no fault of the platform."""
    status = session["status"]
    return bool(status == "expired" or (status == "failed" and session.get("reason") in NEVER_BEGAN))


def _has_payment(*statuses: str) -> Callable[[ScenarioResponse], bool]:
    return lambda session: session.get("paymentStatus") in statuses


def _cost(session: ScenarioResponse) -> float:
    """The price of a session so far; None when it has none."""
    return float((session.get("totalAmount") or {}).get("withTax") or session.get("amount") or 0)


def _state(answer: ScenarioResponse) -> str:
    payment = answer.get("paymentStatus")
    return f"{answer['status']}, payment {payment}" if payment else str(answer["status"])
