"""Charging: finding a free EVSE, starting, watching and stopping a session."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from allure import step

from ampeco_conformance.polling import Observation, timeline, wait_until
from ampeco_conformance.tenants.clock import Clock
from ampeco_conformance.tenants.configuration import Safety, Target
from scenarios.vocabulary.api import Answer, Api
from scenarios.vocabulary.cleanup import Cleanup
from scenarios.vocabulary.people import Driver

SESSIONS = "/resources/sessions/v1.0"
SESSION = "/resources/sessions/v1.0/{session}"
START_EVSE = "/actions/evse/v1.0/{evse}/start"
START_NETWORK_ID = "/actions/charge-point/v1.0/{chargePoint}/start/{evse}"
START_CHARGE_POINT = "/actions/charge-point/v1.0/{chargePoint}/start"
STOP = "/actions/charge-point/v1.0/{chargePoint}/stop/{session}"
CHARGE_POINTS = "/resources/charge-points/v2.0"
CHARGE_POINT_EVSES = "/resources/charge-points/v2.0/{chargePoint}/evses"
EVSE = "/resources/evses/v2.1/{evse}"

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
#: Hardware status of an EVSE somebody is using, from plugged in to unplugged (fact: EVSE statuses).
IN_USE = frozenset({"preparing", "charging", "suspendedEV", "suspendedEVSE", "occupied"})

#: Network status of a charge point nobody can reach now.
OFFLINE = frozenset({"never_connected", "temporarily_unavailable", "long-term_unavailable"})

#: A refusal that is about the tenant's rules for new users, not about the story.
NEEDS_A_CONFIGURED_USER = frozenset({"TERMS_NOT_ACCEPTED", "USER_VALIDATION_NOT_COMPLETE", "SUBSCRIPTION_REQUIRED"})

#: Seconds the story waits for a charge point to answer, and between two looks.
PATIENCE = 300.0
GLANCE = 5.0


@dataclass(frozen=True)
class Evse:
    """An EVSE that was free when the story found it; `network_id` is its number at its charge point."""

    id: int
    network_id: str
    charge_point: int
    tariff_group: int | None


@dataclass(frozen=True)
class Session:
    """A charging session the story started."""

    id: str
    charge_point: int


class Charging:
    """What people and stories do at charge points."""

    def __init__(self, api: Api, clock: Clock, target: Target, cleanup: Cleanup) -> None:
        self.api = api
        self.clock = clock
        self._target = target
        self._cleanup = cleanup
        self._taken: set[int] = set()

    def free_evse(self, suits: Callable[[Evse], bool] = lambda _: True, *, reservable: bool = False) -> Evse:
        """A free, public EVSE of a connected charge point; skips the story when there is none.

        Only those the tenant's configuration names under `ids` are used when it names any; at safety `own-data`
        it must, for a charge point is never the run's own.
        """
        named = self._target.ids
        if self._target.safety is not Safety.FULL and not (named.get("chargePoint") or named.get("evse")):
            pytest.skip(f"safety {self._target.safety}: name the charge points to use under ids: chargePoint")
        with step("A free EVSE is found"):
            for evse, details in self._public_evses():
                if (
                    evse.id not in self._taken
                    and (not reservable or details.get("allowsReservation"))
                    and not self._is_busy(evse)
                    and suits(evse)
                ):
                    self._taken.add(evse.id)
                    return evse
        pytest.skip("the target has no free public EVSE that suits this story; name one under ids: evse")

    def private_evse(self) -> Evse:
        """An EVSE of a connected charge point that strangers may not use; skips the story when there is none."""

        def is_private(charge_point: dict[str, Any]) -> bool:
            access = (charge_point.get("partner") or {}).get("accessType")
            return (
                charge_point["type"] == "private"
                and charge_point["networkStatus"] == "available"
                and access != "private_view_public_use"
            )

        return self._any_evse("private charge point", is_private)

    def offline_evse(self) -> Evse:
        """An EVSE of a public charge point that is not connected; skips the story when there is none."""
        return self._any_evse(
            "public charge point that is offline",
            lambda charge_point: charge_point["type"] == "public" and charge_point["networkStatus"] in OFFLINE,
        )

    def _any_evse(self, kind: str, suits: Callable[[dict[str, Any]], bool]) -> Evse:
        with step(f"An EVSE of a {kind} is found"):
            for charge_point in self._charge_points():
                if charge_point["status"] == "enabled" and suits(charge_point):
                    for evse, details in self._evses(charge_point):
                        if details["status"] == "enabled":
                            return evse
        pytest.skip(f"the target has no {kind} with an EVSE")

    def _public_evses(self) -> Iterator[tuple[Evse, dict[str, Any]]]:
        for charge_point in self._charge_points():
            if (
                charge_point["status"] in ("enabled", "demo")
                and charge_point["networkStatus"] == "available"
                and charge_point["type"] == "public"
            ):
                for evse, details in self._evses(charge_point):
                    if details["status"] == "enabled" and details["hardwareStatus"] == "available":
                        yield evse, details

    def _charge_points(self) -> Iterator[dict[str, Any]]:
        """The charge points the configuration names, else all."""
        named = {int(number) for number in self._target.ids.get("chargePoint", ())}
        for charge_point in self.api.listing(CHARGE_POINTS):
            if not named or int(charge_point["id"]) in named:
                yield charge_point

    def _evses(self, charge_point: dict[str, Any]) -> Iterator[tuple[Evse, dict[str, Any]]]:
        """The EVSEs of a charge point that the configuration names, else all."""
        named = {int(number) for number in self._target.ids.get("evse", ())}
        number = int(charge_point["id"])
        for details in self.api.listing(CHARGE_POINT_EVSES, chargePoint=number):
            if not named or int(details["id"]) in named:
                yield Evse(int(details["id"]), str(details["networkId"]), number, details.get("tariffGroupId")), details

    def _is_busy(self, evse: Evse) -> bool:
        running = (
            session
            for status in ("pending", "active")
            for session in self.api.listing(SESSIONS, filter={"evseId": evse.id, "status": status})
        )
        return any(True for _ in running)

    def start(self, evse: Evse, driver: Driver, **body: Any) -> Session:
        """The driver starts at the EVSE, and it is accepted."""
        with step("The driver starts charging"):
            answer = self.try_to_start(evse, driver, **body)
            return self.accepted(answer, evse)

    def try_to_start(self, evse: Evse, driver: Driver | None, **body: Any) -> Answer:
        """Ask for a session at an EVSE, whatever the answer."""
        user = {} if driver is None else {"userId": driver.id}
        return self.api.post(START_EVSE, user | body, evse=evse.id)

    def accepted(self, answer: Answer, evse: Evse) -> Session:
        """The session of an accepted start; whatever happens next, it is stopped at the end of the story."""
        if not answer["success"]:
            code = answer.get("errorCode")
            if code in NEEDS_A_CONFIGURED_USER:
                pytest.skip(f"the target refuses a new user ({code}); name one that may charge under ids: user")
            answer.violates("start-accepted", f"the start was refused: {code or answer.get('message')}", actual=code)
        number = answer.get("sessionId")
        answer.require(number is not None, "start-names-session", "an accepted start names no session")
        return self.followed(Session(str(number), evse.charge_point))

    def followed(self, session: Session) -> Session:
        """See to it that a session is over at the end of the story."""
        self._cleanup.later("POST", STOP, {"force": True}, chargePoint=session.charge_point, session=session.id)
        return session

    def stop(self, session: Session, **body: Any) -> Answer:
        """The driver stops the session; the charge point may reject that (406)."""
        with step("The driver stops charging"):
            return self.api.post(STOP, body, chargePoint=session.charge_point, session=session.id)

    def read(self, session: Session) -> Answer:
        """The session with all its details."""
        return self.api.get(SESSION, query=EVERYTHING, session=session.id)

    def wait_until_active(self, session: Session) -> Answer:
        """The charge point confirms and energy can flow; ends early when the session fails."""
        return self._wait(session, "active", _has_status("active"), _has_status(*OVER))

    def wait_until_finished(self, session: Session) -> Answer:
        """The session is over, as it should be."""
        return self._wait(session, "finished", _has_status("finished"), _has_status(*OVER))

    def wait_until_over(self, session: Session) -> Answer:
        """The session is over, in whichever way."""
        return self._wait(session, "over", _has_status(*OVER))

    def wait_until_paid(self, session: Session) -> Answer:
        """The session is paid; ends early when its payment failed."""
        return self._wait(session, "paid", _has_payment("paid"), _has_payment("failed"))

    def wait_until_payment_fails(self, session: Session) -> Answer:
        """The payment is tried and fails; ends early when it succeeds."""
        return self._wait(session, "refused by the payment", _has_payment("failed"), _has_payment("paid"))

    def wait_for_energy(self, session: Session, watt_hours: float = 1000.0) -> list[Answer]:
        """Everything seen until the meter has passed so many Wh: an hour on an emulator, what comes on a tenant."""
        enough = watt_hours if self.clock.patience == float("inf") else 1.0
        with step("Energy flows"):
            seen = wait_until(
                "energy flows",
                lambda: self.read(session),
                lambda answer: float(answer["energy"]) >= enough,
                has_failed=lambda answer: answer["status"] in OVER,
                clock=self.clock,
                deadline=min(3600.0, self.clock.patience),
                interval=60.0,
                describe=lambda answer: f"{answer['energy']} Wh",
            )
        return [observation.state for observation in seen]

    def _wait(
        self,
        session: Session,
        awaited: str,
        is_reached: Callable[[Answer], bool],
        has_failed: Callable[[Answer], bool] = lambda _: False,
    ) -> Answer:
        with step(f"Waiting until the session is {awaited}"):
            seen: list[Observation[Answer]] = wait_until(
                f"the session is {awaited}",
                lambda: self.read(session),
                is_reached,
                has_failed=has_failed,
                clock=self.clock,
                deadline=min(PATIENCE, self.clock.patience),
                interval=GLANCE,
                describe=_state,
            )
            with step(f"Seen: {timeline(seen, _state)}"):
                return seen[-1].state

    def wait_until_free(self, evse: Evse) -> None:
        """The cable is back and the next driver can come."""
        self.wait_for_evse(evse, "available", lambda status: status == "available")

    def wait_for_evse(self, evse: Evse, awaited: str, is_reached: Callable[[str | None], bool]) -> Answer:
        """The hardware status the charge point reports for the EVSE becomes what is awaited."""
        with step(f"Waiting until the EVSE is {awaited}"):
            seen = wait_until(
                f"the EVSE is {awaited}",
                lambda: self.api.get(EVSE, evse=evse.id),
                lambda answer: is_reached(answer["hardwareStatus"]),
                clock=self.clock,
                deadline=min(PATIENCE, self.clock.patience),
                interval=GLANCE,
                describe=lambda answer: str(answer["hardwareStatus"]),
            )
        return seen[-1].state


def _has_status(*statuses: str) -> Callable[[Answer], bool]:
    return lambda session: session["status"] in statuses


def _has_payment(status: str) -> Callable[[Answer], bool]:
    return lambda session: session.get("paymentStatus") == status


def _state(answer: Answer) -> str:
    payment = answer.get("paymentStatus")
    return f"{answer['status']}, payment {payment}" if payment else str(answer["status"])
