"""Of two concurrent requests for one thing at most one succeeds.

Business rule: an EVSE has one session at a time, whoever asks first; a session is stopped once and billed once; an
EVSE is either reserved for one driver or used by another.
Documented: one EVSE, one session (error codes SESSION_EXISTS, SESSION_ALREADY_RUNNING); stop 202 or 406; a reservation
keeps others out.
"""

from allure import step

from scenarios.vocabulary import CRITICAL
from scenarios.vocabulary.api import ScenarioCall, ScenarioResponse
from scenarios.vocabulary.charging import STOP, Charging, ChargingSession
from scenarios.vocabulary.evses import SESSIONS, START_EVSE, Evse, EvseFinder
from scenarios.vocabulary.people import Driver, Drivers
from scenarios.vocabulary.reservations import RESERVE, RESERVED_OR_NOT, Reservations
from scenarios.vocabulary.transactions import payments_of

pytestmark = CRITICAL


def running_sessions(charging: Charging, evse: Evse) -> list[str]:
    """The sessions that are pending or active at an EVSE."""
    return [
        str(entry["id"])
        for status in ("pending", "active")
        for entry in charging.api.listing(SESSIONS, filter={"evseId": evse.id, "status": status})
    ]


def sessions_of(charging: Charging, evse: Evse, answers: list[ScenarioResponse]) -> list[ChargingSession]:
    """The sessions that were started, which are stopped at the end of the scenario."""
    return [
        charging.accepted(answer, evse)
        for answer in answers
        if answer["success"] and answer.get("sessionId") is not None
    ]


def test_of_two_drivers_at_one_evse_one_charges(charging: Charging, evse: Evse, drivers: Drivers) -> None:
    """When two drivers start at the same EVSE at once, one session runs."""
    pair = [drivers.with_balance(), drivers.with_balance()]
    with step("Both start at the same moment"):
        calls = [ScenarioCall("POST", START_EVSE, {"evse": evse.id}, {"userId": driver.id}) for driver in pair]
        answers = charging.api.together(calls)
        begun = sessions_of(charging, evse, answers)
        if not begun:
            charging.check_accepted(answers[0], evse)
    with step("One session runs"):
        if len(begun) == 1:
            charging.wait_until_active(begun[0])
        charging.clock.let_pass(charging.clock.a_while)
        running = running_sessions(charging, evse)
        answers[0].require_equal(len(running), 1, "one-session-per-evse", "the number of sessions at the EVSE")


def test_a_driver_who_starts_twice_at_once_has_one_session(charging: Charging, evse: Evse, driver: Driver) -> None:
    """Two starts of one driver at one EVSE at the same moment make one session."""
    with step("The driver starts twice at the same moment"):
        call = ScenarioCall("POST", START_EVSE, {"evse": evse.id}, {"userId": driver.id})
        answers = charging.api.together([call, call])
        begun = {session.id for session in sessions_of(charging, evse, answers)}
    with step("One session runs"):
        answers[0].require(len(begun) <= 1, "one-session-per-evse", f"sessions {', '.join(sorted(begun))} were started")
        charging.clock.let_pass(charging.clock.a_while)
        running = running_sessions(charging, evse)
        answers[0].require(len(running) <= 1, "one-session-per-evse", f"{len(running)} sessions run at the EVSE")


def test_two_stops_end_a_session_once(charging: Charging, evse: Evse, driver: Driver) -> None:
    """Two concurrent stops end the session once."""
    session = charging.start(evse, driver)
    charging.wait_until_active(session)
    with step("Two stops arrive at the same moment"):
        call = ScenarioCall("POST", STOP, {"chargePoint": session.charge_point, "session": session.id}, {})
        answers = charging.api.together([call, call], expected=(202, 404, 406))
        accepted = [answer.status for answer in answers if answer.status == 202]
        answers[0].require(bool(accepted), "a-stop-is-accepted", "neither stop was accepted")
    finished = charging.wait_until_finished(session)
    with step("It is unchanged"):
        charging.clock.let_pass(charging.clock.a_while)
        again = charging.read(session)
        for name in ("status", "stoppedAt", "energy"):
            again.require_equal(again.get(name), finished.get(name), "stop-once", name)


def test_a_session_that_is_stopped_twice_is_billed_once(charging: Charging, paid_evse: Evse, driver: Driver) -> None:
    """Two concurrent stops lead to one payment."""
    session = charging.start(paid_evse, driver)
    charging.wait_until_active(session)
    charging.wait_for_cost(session, charging.wait_for_energy(session)[-1])
    with step("Two stops arrive at the same moment"):
        call = ScenarioCall("POST", STOP, {"chargePoint": session.charge_point, "session": session.id}, {})
        charging.api.together([call, call], expected=(202, 404, 406))
    paid = charging.wait_until_paid(session, charging.wait_until_finished(session))
    with step("It is paid once"):
        payments = payments_of(charging.api, paid)
        paid.require_equal(len(payments), 1, "billed-once", "the number of finalized payments of the session")


def test_a_reservation_and_a_start_do_not_both_get_the_evse(
    charging: Charging, evse_finder: EvseFinder, reservations: Reservations, drivers: Drivers
) -> None:
    """When one driver reserves while another starts, only one of them gets the EVSE."""
    evse = evse_finder.free_evse(allowing="allowsReservation")
    reserving, starting = drivers.with_balance(), drivers.with_balance()
    with step("One reserves, the other starts, at the same moment"):
        ids: dict[str, int | str] = {"chargePoint": evse.charge_point, "evse": evse.network_id}
        reserved, started = charging.api.together(
            [
                ScenarioCall("POST", RESERVE, ids, {"userId": reserving.id}),
                ScenarioCall("POST", START_EVSE, {"evse": evse.id}, {"userId": starting.id}),
            ],
            expected=RESERVED_OR_NOT,
        )
        begun = sessions_of(charging, evse, [started])
        is_reserved = reserved.status == 202 and bool(reserved["success"])
        if is_reserved:
            reservations.followed(int(reserved["reservationId"]))
        elif begun:
            charging.wait_until_active(begun[0])
    with step("Only one of them has the EVSE"):
        charging.clock.let_pass(charging.clock.a_while)
        running = running_sessions(charging, evse)
        active = is_reserved and reservations.is_active(int(reserved["reservationId"]))
        started.require(
            not (running and active), "reserved-or-used", "the EVSE is reserved for one driver and used by another"
        )
        started.require(bool(running or active), "somebody-wins", "neither driver got the EVSE")
