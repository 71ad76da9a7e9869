"""Starting and stopping at charge points: three ways to start, one to stop.

Facts: operations `start` and `stop`; in actions on a charge point the EVSE is named by its network id.
"""

from datetime import timedelta
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.domain.charging import bookings, evses, reservations, sessions
from ampeco_emulator.domain.charging.refusals import Refusal, StartAttempt, refusal_of

_ACTIONS = "/public-api/actions"


def start_by_evse(call: EndpointCall) -> EmulatorResponse:
    """Start at an EVSE by its system id."""
    evse = call.backend.named("evse", call.incoming.path_values["evse"])
    charge_point = evses.charge_point_of(call.backend, evse)
    if charge_point is None:
        raise RefusedError(404, "No query results for this id.")
    return start_at(call, charge_point, evse)


def start_by_network_id(call: EndpointCall) -> EmulatorResponse:
    """Start at an EVSE by its number at a charge point."""
    charge_point = call.backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    return start_at_number(
        call, charge_point, evses.by_network_id(call.backend, charge_point, call.incoming.path_values["evse"])
    )


def start_anywhere(call: EndpointCall) -> EmulatorResponse:
    """Authorize at a charge point: the session begins at the first EVSE that accepts it."""
    charge_point = call.backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    attempts = [attempt_of(call, charge_point, evse) for evse in evses.at_charge_point(call.backend, charge_point)]
    refusals = []
    for attempt in attempts:
        refusal = refusal_of(attempt)
        if refusal is None:
            return accept_start(call, attempt)
        refusals.append(refusal)
    return refuse_start(
        call, refusals[0] if refusals else Refusal("CHARGING_NOT_ALLOWED", "The charge point has no EVSE.")
    )


def stop(call: EndpointCall) -> EmulatorResponse:
    """Stop a session; with force even if the charge point rejects it."""
    backend = call.backend
    charge_point = backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    session = backend.named("session", call.incoming.path_values["session"])
    if not charges_at(call, session, charge_point):
        raise RefusedError(404, "No query results for this id.")
    force = call.body.get("force") in (True, "true")
    evse = backend.store.peek("evses", session.fields["evseId"])
    if session.fields["status"] not in sessions.RUNNING:
        if force:
            return accepted(call)
        raise RefusedError(406, "The session does not run.")
    if not force and evse is not None and not evses.takes_commands(backend, evse):
        refuse_stop(call, session)
    end_stopped(call, session, "force_stop" if force else "remote")
    return accepted(call)


@rule
def charges_at(_call: EndpointCall, session: Record, charge_point: Record) -> bool:
    """Whether a session is at a charge point."""
    return bool(session.fields["chargePointId"] == charge_point.id)


@rule
def refuse_stop(_call: EndpointCall, _session: Record) -> None:
    """Refuse a stop that the charge point rejected. Raises RefusedError."""
    raise RefusedError(406, "The charge point did not accept.")


@rule
def end_stopped(call: EndpointCall, session: Record, reason: str) -> None:
    """End a session whose stop was accepted."""
    backend, now = call.backend, call.backend.now()
    session.state["stopping"] = reason
    if seconds := sessions.stops_after(backend):
        backend.schedule.add(now + timedelta(seconds=seconds), "session.stop", "sessions", session.id)
    else:
        sessions.stop_accepted(backend, session, now)


@rule
def start_at_number(call: EndpointCall, charge_point: Record, evse: Record) -> EmulatorResponse:
    """Start at the EVSE with a number at a charge point: as by its system id."""
    return start_at(call, charge_point, evse)


@rule
def is_known(_call: EndpointCall, user: Record | None) -> bool:
    """Whether the user that a start names exists."""
    return user is not None


@rule
def start_at(call: EndpointCall, charge_point: Record, evse: Record) -> EmulatorResponse:
    """Start at an EVSE, or refuse."""
    attempt = attempt_of(call, charge_point, evse)
    refusal = refusal_of(attempt)
    return accept_start(call, attempt) if refusal is None else refuse_start(call, refusal)


def attempt_of(call: EndpointCall, charge_point: Record, evse: Record) -> StartAttempt:
    """The attempt that a request makes. Raises RefusedError when its body refers to what does not exist."""
    backend, body = call.backend, call.body
    user_id = body.get("userId")
    user = backend.store.find("users", str(user_id)) if user_id is not None else None
    errors: dict[str, list[str]] = {}
    if user_id is not None and not is_known(call, user):
        errors["userId"] = ["The selected userId is invalid."]
    if body.get("paymentMethodId") and user_id is None:
        errors["userId"] = ["The userId field is required when paymentMethodId is present."]
    if body.get("bookingId") is not None and not bookings.can_be_used(backend, body["bookingId"]):
        errors["bookingId"] = ["The selected bookingId is invalid."]
    if errors:
        raise RefusedError(422, next(iter(errors.values()))[0], errors)
    return StartAttempt(backend, charge_point, evse, user, body)


def accept_start(call: EndpointCall, attempt: StartAttempt) -> EmulatorResponse:
    """Begin a session, which uses up the reservation or booking of the user."""
    backend = call.backend
    session = sessions.begin(
        backend, attempt.evse, attempt.body, method="user_device" if attempt.user else "admin", user=attempt.user
    )
    reservations.use(backend, attempt.evse, attempt.user)
    bookings.use(backend, attempt.body.get("bookingId"), session)
    return accepted(call, success=True, sessionId=session.id, authorizationId=session.fields["authorizationId"])


@rule
def refuse_start(call: EndpointCall, refusal: Refusal) -> EmulatorResponse:
    """The response to a refused start: a success status with `success: false` and the reason."""
    reason: dict[str, Any] = {"message": refusal.message, "errorCode": refusal.code}
    return accepted(call, success=False, sessionId=None, authorizationId=None, **reason)


def cancel_session(backend: Backend, evse: Record, reason: str) -> None:
    """End the session at an EVSE whose charge point becomes unavailable."""
    for session in backend.store.running_sessions():
        if session.fields["evseId"] == evse.id:
            session.state["ended"] = backend.now().isoformat()
            sessions.finish(backend, session, backend.now(), reason=reason)


HANDLERS: dict[str, Handler] = {
    f"POST {_ACTIONS}/evse/v1.0/{{evse}}/start": start_by_evse,
    f"POST {_ACTIONS}/charge-point/v1.0/{{chargePoint}}/start/{{evse}}": start_by_network_id,
    f"POST {_ACTIONS}/charge-point/v1.0/{{chargePoint}}/start": start_anywhere,
    f"POST {_ACTIONS}/charge-point/v1.0/{{chargePoint}}/stop/{{session}}": stop,
}
