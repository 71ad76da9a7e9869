"""What drivers do at a charge point: tap an id tag, plug a car in, unplug it.

Facts: only enabled tags of a user authorize; a rejected authorization has a reason.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import parse_timestamp
from ampeco_emulator.domain.charging import evses, reservations, sessions
from ampeco_emulator.domain.charging.meter import report_meter
from ampeco_emulator.domain.charging.refusals import StartAttempt, refusal_of


def tap(backend: Backend, evse: Record, uid: str) -> dict[str, Any]:
    """Tap an id tag at an EVSE: its session begins, or ends when it runs there.

    Gives whether the tag was accepted, the authorization, the session, and why the tag was rejected.
    """
    now = backend.now()
    known = (item for item in backend.store.all("id-tags") if item.fields.get("idTagUid") == uid)
    tag = next(known, None)
    own = next((item for item in _running_at(backend, evse) if item.fields["idTag"] == uid), None)
    if own is not None:
        own.state["stopping"] = "local"
        sessions.stop_accepted(backend, own, now)
        return _outcome(own.fields["authorizationId"], own)
    user = backend.store.peek("users", tag.fields.get("userId")) if tag is not None else None
    body = {"idTag": uid, "paymentMethodId": _payment_method(tag)}
    method = "mac_address" if tag is not None and tag.fields.get("type") == "mac_address" else "id_tag"
    rejection = _rejection(tag, user, now)
    charge_point = evses.charge_point_of(backend, evse)
    if rejection is None and charge_point is not None:
        refusal = refusal_of(StartAttempt(backend, charge_point, evse, user, body))
        rejection = refusal.message if refusal is not None else None
    if rejection is not None:
        charge_point_id = evse.fields["chargePointId"]
        authorization = sessions.authorize(
            backend, charge_point_id, evse.id, method=method, user=user, id_tag=uid, rejection=rejection
        )
        return _outcome(authorization.id, None, rejection)
    session = sessions.begin(backend, evse, body, method=method, user=user)
    reservations.use(backend, evse, user)
    return _outcome(session.fields["authorizationId"], session)


def plug(backend: Backend, evse: Record) -> dict[str, Any]:
    """Plug a car in: an available EVSE prepares for a session."""
    if evse.fields.get("hardwareStatus") in ("available", "finishing"):
        evses.show(backend, evse, "preparing")
    return _status(evse)


def unplug(backend: Backend, evse: Record) -> dict[str, Any]:
    """Unplug the car: the session at the EVSE ends, and the EVSE is free."""
    now = backend.now()
    for session in _running_at(backend, evse):
        session.state["stopping"] = "evdisconnected"
        sessions.stop_accepted(backend, session, now)
    if evse.fields.get("hardwareStatus") in ("preparing", "finishing"):
        evses.show(backend, evse, evses.resting_status(evse))
    return _status(evse)


def meter(backend: Backend, evse: Record) -> dict[str, Any]:
    """Let the meter of an EVSE report now, not at the next full minute; without a session it shows nothing."""
    energy = None
    for session in _running_at(backend, evse):
        report_meter(backend, session, backend.now())
        energy = session.fields["energy"]
    return {**_status(evse), "energy": energy}


def _running_at(backend: Backend, evse: Record) -> list[Record]:
    return [session for session in backend.store.running_sessions() if session.fields["evseId"] == evse.id]


def _rejection(tag: Record | None, user: Record | None, now: datetime) -> str | None:
    """Why a tag does not authorize; None when it does."""
    if tag is None:
        return "The id tag is unknown."
    fields: Mapping[str, Any] = tag.fields
    if fields.get("status") != "enabled":
        return f"The id tag is {fields.get('status')}."
    expiry = fields.get("expireAt")
    if isinstance(expiry, str) and _is_past(expiry, now):
        return "The id tag has expired."
    return "The id tag belongs to no user." if user is None else None


def _payment_method(tag: Record | None) -> str | None:
    """The payment method that a tag names; None when the platform chooses it."""
    named = tag.fields.get("paymentMethodId") if tag is not None else None
    return None if named in (None, "", "auto") else str(named)


def _is_past(text: str, now: datetime) -> bool:
    try:
        return parse_timestamp(text) <= now
    except ValueError:
        return False


def _outcome(authorization: int, session: Record | None, rejection: str | None = None) -> dict[str, Any]:
    number = session.id if session is not None else None
    return {
        "accepted": rejection is None,
        "authorizationId": authorization,
        "sessionId": number,
        "rejectionReason": rejection,
    }


def _status(evse: Record) -> dict[str, Any]:
    return {"hardwareStatus": evse.fields.get("hardwareStatus")}
