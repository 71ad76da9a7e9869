"""What subscribers hear of charging sessions: authorizations, starts and stops, meter values, changes."""

from datetime import datetime
from typing import Any

from ampeco_emulator.backend.backend import Backend
from ampeco_emulator.backend.rules import rule
from ampeco_emulator.backend.store import Record
from ampeco_emulator.clock import format_timestamp
from ampeco_emulator.domain.billing.energy import Charge


def announce_authorization(backend: Backend, authorization: Record) -> None:
    """Announce an authorization, with both of its events."""
    fields = authorization.fields
    id_tag = fields["idTagUid"]
    payload = {
        "authorizationId": authorization.id,
        "chargePointId": fields["chargePointId"],
        "lastUpdatedAt": fields["lastUpdatedAt"],
    }
    tag = {"idTag": id_tag} if id_tag else {}
    status = fields["status"]
    backend.announce("authorization.changed", {**payload, **tag, "action": "created", "status": status})
    old_status = "Accepted" if status == "accepted" else "Invalid"
    backend.announce("AuthorizationNotification", {**payload, "idTag": id_tag or "", "status": old_status})


@rule
def announce_session(backend: Backend, session: Record) -> None:
    """Announce the present state of a session."""
    shown = {"id": str(session.id)} | {name: value for name, value in session.fields.items() if name != "id"}
    backend.announce("SessionUpdateNotification", {"session": shown})


def announce_start_or_stop(backend: Backend, session: Record, action: str) -> None:
    """Announce the start or stop of a session, with both of its events."""
    fields = session.fields
    payload: dict[str, Any] = {
        "chargePointId": fields["chargePointId"],
        "evseId": fields["evseId"],
        "action": action,
        "sessionId": session.id,
        "idTag": fields["idTag"],
        "startedAtTimestamp": fields["startedAt"],
        "stoppedAtTimestamp": fields["stoppedAt"],
        "energyConsumed": fields["energy"],
        "userId": fields["userId"],
        "meterStart": 0,
        "meterStop": fields["energy"],
        "lastUpdatedAt": fields["lastUpdatedAt"],
    }
    if fields.get("reason"):
        payload["reason"] = fields["reason"]
    for event in ("SessionStartStopNotification", "session.start.stop.notification"):
        backend.announce(event, payload)


def announce_meter_values(backend: Backend, session: Record, charge: Charge, now: datetime) -> None:
    """Announce what the meter of a running session shows."""
    moment = format_timestamp(now)
    # Facts: the documented units include none for power.
    readings: tuple[dict[str, Any], ...] = (
        {"measurand": "Energy Consumed", "value": charge.energy, "unit": "Wh"},
        {"measurand": "Power Active Import", "value": round(session.fields["powerKw"] * 1000)},
        {"measurand": "State Of Charge", "value": charge.soc, "unit": "Percent"},
    )
    backend.announce(
        "SessionMeterValuesNotification",
        {
            "chargePointId": session.fields["chargePointId"],
            "evseId": session.fields["evseId"],
            "sessionId": session.id,
            "meterValues": [{"timestamp": moment, **reading} for reading in readings],
        },
    )
