"""Commands to charge points: 406 when the charge point is offline or rejects them.

Facts: change-availability 202, or 204 when it waits for a session to end; EVSEs are named by their network id.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ampeco_emulator.backend.backend import Backend, EmulatorResponse, RefusedError
from ampeco_emulator.backend.store import Record
from ampeco_emulator.crud.calls import EndpointCall, Handler, accepted
from ampeco_emulator.crud.resources import act, change, refuse_unknown_references
from ampeco_emulator.domain.charging import chargers, evses, security
from ampeco_emulator.domain.charging.charging import cancel_session
from ampeco_emulator.domain.charging.configurations import set_value
from ampeco_emulator.domain.network.charge_point_partner import store_partner, with_partner_fields
from ampeco_emulator.domain.network.connectors import connectors_of, write_connectors
from ampeco_emulator.domain.network.features import supported
from ampeco_emulator.openapi.validation import Incoming

_CHARGE_POINT = "/public-api/actions/charge-point"
# The fields for the access type of a charge point, in v2.0 and in v1.0.
_KINDS = ("type", "accessType")
_WITH_COMPONENTS = ("ocpp 2.0.1",)
_WITH_CERTIFICATES = ("delete-certificate", "install-certificate", "sync-certificates")


def ask(call: EndpointCall) -> EmulatorResponse:
    """Accept a command if the charge point is reachable."""
    reachable(call)
    return act(call)


def send_data(call: EndpointCall) -> EmulatorResponse:
    """Pass data on to a charge point, which accepts them."""
    reachable(call)
    return accepted(call, status="Accepted")


def reachable(call: EndpointCall) -> Record:
    """The charge point of a command. Raises RefusedError when it is offline or rejects commands."""
    charge_point = call.backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    if not evses.is_reachable(charge_point, call.backend):
        raise RefusedError(406, "The charge point did not accept.")
    return charge_point


def change_availability(call: EndpointCall) -> EmulatorResponse:
    """Make one or all EVSEs operative or inoperative; running sessions finish first."""
    charge_point = reachable(call)
    number = call.body.get("evseNetworkId")
    chosen = (
        evses.at_charge_point(call.backend, charge_point)
        if number in (None, 0)
        else [evses.numbered(call.backend, charge_point, str(int(number)))]
    )
    busy = {session.fields["evseId"] for session in call.backend.store.running_sessions()}
    for evse in chosen:
        evse.state["inoperative"] = call.body["type"] == "Inoperative"
        if evse.id not in busy and evse.fields.get("hardwareStatus") in ("available", "unavailable"):
            evses.show(call.backend, evse, evses.resting_status(evse))
    is_scheduled = any(evse.id in busy for evse in chosen)
    return EmulatorResponse(204 if is_scheduled and 204 in call.endpoint.statuses else 202)


def reset(call: EndpointCall) -> EmulatorResponse:
    """Restart the charge point: its sessions end, faults are cleared."""
    charge_point = call.backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    if not evses.is_reachable(charge_point, call.backend):
        return accepted(call, success=False)
    kind = call.incoming.path_values["type"]
    for evse in evses.at_charge_point(call.backend, charge_point):
        cancel_session(call.backend, evse, "hardreset" if kind == "hard" else "softreset")
        if evse.fields.get("hardwareStatus") in ("faulted", "finishing"):
            evses.show(call.backend, evse, evses.resting_status(evse))
    chargers.note_security_event(call.backend, charge_point, "ResetOrReboot", call.backend.now())
    chargers.expect(call.backend, charge_point, "boot", reason="RemoteReset")
    return accepted(call, success=True)


def get_diagnostics(call: EndpointCall) -> EmulatorResponse:
    """Request an upload of diagnostics."""
    request = chargers.expect(call.backend, reachable(call), "diagnostics")
    return accepted(call, success=True, requestId=request.id, fileName=f"diagnostics-{request.id}.log")


def get_security_log(call: EndpointCall) -> EmulatorResponse:
    """Request an upload of the security log."""
    charge_point = reachable(call)
    request = chargers.expect(call.backend, charge_point, "diagnostics")
    file = {"status": "accepted", "file_name": f"security-{request.id}.log"}
    return accepted(call, id=request.id, chargePointId=charge_point.id, **file)


def sync_configuration(call: EndpointCall) -> EmulatorResponse:
    """Request the configuration of the charge point: the given keys, or all."""
    request = chargers.expect(call.backend, reachable(call), "sync", keys=call.body.get("keys") or [])
    return accepted(call, success=True, requestId=request.id)


def update_firmware(call: EndpointCall) -> EmulatorResponse:
    """Request a firmware update, by URL or version of the operator; a signed one needs its signature."""
    body = call.body
    needed = ["signingCertificate", "signature"] if body.get("signed") in (True, "true") else []
    missing = [name for name in needed if not body.get(name)]
    if not body.get("url") and body.get("firmwareVersionId") is None:
        missing.append("url")
    if missing:
        errors = {name: [f"The {name} field is required."] for name in missing}
        raise RefusedError(422, errors[missing[0]][0], errors)
    refuse_unknown_references(call)
    chargers.expect(call.backend, reachable(call), "firmware", firmwareVersionId=body.get("firmwareVersionId"))
    return accepted(call)


def disconnect(call: EndpointCall) -> EmulatorResponse:
    """Close the connection to a charge point; it reconnects after some seconds."""
    charge_point = call.backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    if not evses.is_connected(charge_point):
        raise RefusedError(409, "The charge point is not connected.")
    chargers.connect(call.backend, charge_point, "temporarily_unavailable", call.backend.now())
    chargers.expect(call.backend, charge_point, "connect")
    return accepted(call, success=True)


def set_security_profile(call: EndpointCall) -> EmulatorResponse:
    """Change the security profile of a charge point."""
    charge_point = reachable(call)
    known = charge_point.fields.get("security") or {}
    call.backend.change(charge_point, {"security": {**known, "desiredProfile": call.body["setSecurityProfile"]}})
    security.connect(charge_point)
    if security.shown(charge_point)["desiredProfileStatus"] != "applied":
        raise RefusedError(406, "The charge point does not support the security profile.")
    chargers.note_security_event(call.backend, charge_point, "ReconfigurationOfSecurityParameters", call.backend.now())
    return accepted(call, success=True)


def reset_security_profile(call: EndpointCall) -> EmulatorResponse:
    """Forget the security profile of a charge point: its next connection decides."""
    security.forget(call.backend.named("chargePoint", call.incoming.path_values["chargePoint"]))
    return accepted(call)


def trigger_message(call: EndpointCall) -> EmulatorResponse:
    """Trigger a message of a charge point."""
    charge_point = reachable(call)
    _trigger(call, charge_point, evses.at_charge_point(call.backend, charge_point))
    return accepted(call)


def trigger_message_of_evse(call: EndpointCall) -> EmulatorResponse:
    """Trigger a message of a charge point about one EVSE."""
    evse = call.backend.named("evse", call.incoming.path_values["evse"])
    charge_point = evses.charge_point_of(call.backend, evse)
    if charge_point is None or not evses.takes_commands(call.backend, evse):
        raise RefusedError(406, "The charge point did not accept.")
    _trigger(call, charge_point, [evse])
    return accepted(call)


def _trigger(call: EndpointCall, charge_point: Record, about: list[Record]) -> None:
    backend, now = call.backend, call.backend.now()
    match call.body["type"]:
        case "BootNotification":
            chargers.boot(backend, charge_point, now, "Triggered")
        case "DiagnosticsStatusNotification":
            idle = backend.add(chargers.REQUESTS, {"kind": "diagnostics", "chargePointId": charge_point.id})
            chargers.announce_diagnostics(backend, idle, "idle", now)
        case "StatusNotification":
            for evse in about:
                evses.announce_status(backend, evse, now)


def read_latest_log(call: EndpointCall) -> EmulatorResponse:
    """The latest entry of a status log; before the first entry, the status of the record."""
    backend = call.backend
    parents = backend.parents(call.endpoint, call.incoming.path_values)
    resource_type = call.endpoint.path.rpartition("/latest-")[2] + "s"
    owner = next(iter(parents))
    entries = backend.store.all(resource_type, parents)
    if entries:
        fields = entries[-1].fields
    else:
        record = backend.named(call.endpoint.names[0], parents[owner])
        kind = "networkStatus" if resource_type.startswith("network") else "hardwareStatus"
        status = str(record.fields.get(kind) or "available").replace("_", " ")
        fields = {"status": status, "timestamp": record.fields["createdAt"], "errorCode": evses.NO_ERROR}
    schema = call.endpoint.item_schema
    return EmulatorResponse(200, {"data": backend.values.shape(schema, fields) if schema is not None else fields})


def unlock(call: EndpointCall) -> EmulatorResponse:
    """Unlock the connector of an EVSE; its session ends."""
    charge_point = reachable(call)
    evse = evses.by_network_id(call.backend, charge_point, call.incoming.path_values["evse"])
    cancel_session(call.backend, evse, "unlockcommand")
    return accepted(call, success=True)


def set_configuration(call: EndpointCall) -> EmulatorResponse:
    """Set one configuration key."""
    charge_point = reachable(call)
    protocol = (charge_point.fields.get("network") or {}).get("protocol")
    if protocol in _WITH_COMPONENTS and not call.body.get("componentName"):
        message = "The componentName field is required for variables of OCPP 2.0.1."
        raise RefusedError(422, message, {"componentName": [message]})
    set_value(call.backend, charge_point.id, str(call.body["name"]), call.body["value"])
    return accepted(call)


def change_configuration(call: EndpointCall) -> EmulatorResponse:
    """Send a value to the charge point, which must take it."""
    reachable(call)
    return change(call)


def change_owner(call: EndpointCall) -> EmulatorResponse:
    """Set or remove the owner of a personal charge point."""
    charge_point = call.backend.named("chargePoint", call.incoming.path_values["chargePoint"])
    owner = call.body.get("userId")
    if owner is not None and call.backend.store.find("users", str(owner)) is None:
        raise RefusedError(422, "The selected userId is invalid.", {"userId": ["The selected userId is invalid."]})
    call.backend.change(charge_point, {"user": {"id": owner}, "ownerUserId": owner})
    return accepted(call)


def change_sharing_code(call: EndpointCall) -> EmulatorResponse:
    """Set the sharing code, or remove it with an empty one."""
    charge_point = reachable(call)
    call.backend.change(charge_point, {"sharingCode": call.body.get("sharingCode") or ""})
    return accepted(call)


def complete_charge_point(backend: Backend, charge_point: Record) -> None:
    """Complete a new charge point, which connects at once."""
    kind = next((charge_point.fields[name] for name in _KINDS if name in charge_point.fields), "public")
    charge_point.fields = {
        "status": "enabled",
        "networkStatus": "available",
        "hardwareStatus": "available",
        "communicationMode": "direct_ocpp",
        **dict.fromkeys(_KINDS, kind),
    } | charge_point.fields
    store_partner(charge_point, charge_point.fields)
    security.write(charge_point, charge_point.fields)
    _announce(backend, charge_point, "created")


def change_both_forms(_backend: Backend, charge_point: Record, body: Mapping[str, Any]) -> None:
    """Keep what two versions name differently equal: the access type and the partner."""
    charge_point.fields |= {other: body[name] for name in _KINDS if name in body for other in _KINDS}
    security.write(charge_point, body)
    store_partner(charge_point, body)


def complete_evse(backend: Backend, evse: Record) -> None:
    """Complete a new EVSE: available, in no tariff group, at the charge point of the path."""
    parents = evse.parents.get("charge-points")
    if parents is not None:
        evse.fields["chargePointId"] = int(parents)
    evse.fields = {"status": "enabled", "hardwareStatus": "available", "tariffGroupId": None} | evse.fields
    change_evse(backend, evse, evse.fields)


def change_evse(backend: Backend, evse: Record, body: Mapping[str, Any]) -> None:
    """An EVSE that can be booked can be reserved; `type` in v2.0 is `currentType` in v2.1; connectors are records."""
    write_connectors(backend, evse, body)
    if "type" in body:
        evse.fields["currentType"] = body["type"]
    if body.get("bookingEnabled"):
        evse.fields["allowsReservation"] = True


def number_evse(backend: Backend, body: Mapping[str, Any]) -> None:
    """Network ids are unique at a charge point; numbers begin with 1 and have no gaps. Raises RefusedError."""
    charge_point, network_id = body.get("chargePointId"), str(body.get("networkId"))
    if charge_point is None:
        return
    known = backend.store.all("evses", {"charge-points": str(charge_point)})
    taken = {str(evse.fields.get("networkId")) for evse in known}
    message = ""
    if network_id in taken:
        message = "The networkId has already been taken."
    elif network_id.isdecimal() and network_id != "1" and str(int(network_id) - 1) not in taken:
        message = "The networkId must follow those of the charge point."
    if message:
        raise RefusedError(422, message, {"networkId": [message]})


def remove_parts(backend: Backend, charge_point: Record) -> None:
    """Remove the EVSEs of a removed charge point."""
    for evse in evses.at_charge_point(backend, charge_point):
        cancel_session(backend, evse, "reboot")
        backend.store.remove("evses", evse)
    _announce(backend, charge_point, "deleted")


def end_session_at(backend: Backend, evse: Record) -> None:
    """End the session at a removed EVSE."""
    cancel_session(backend, evse, "evse_inoperative")


def _announce(backend: Backend, charge_point: Record, action: str) -> None:
    moment: datetime | str = charge_point.fields["lastUpdatedAt"]
    payload = {"chargePointId": charge_point.id, "action": action, "lastUpdatedAt": moment}
    backend.announce("chargePoint.changed", payload)


def show_configuration(_backend: Backend, configuration: Record, _incoming: Incoming | None) -> dict[str, Any]:
    """The key is an object with name and value in v2.0, a name beside the value in v1.0."""
    fields = configuration.fields
    return {**fields, "key": {"name": fields.get("key"), "value": str(fields.get("value", ""))}}


def show_charge_point(backend: Backend, charge_point: Record, incoming: Incoming | None) -> dict[str, Any]:
    """The partner in the forms of both versions, and the EVSEs; the randomised delay is of personal charge points."""
    shown = with_partner_fields(charge_point) | security.both_forms(charge_point)
    shown["evses"] = [show_evse(backend, evse, incoming) for evse in evses.at_charge_point(backend, charge_point)]
    is_personal = shown.get("type") == "personal"
    return {name: value for name, value in shown.items() if is_personal or name != "enabledRandomisedDelay"}


def show_evse(backend: Backend, evse: Record, _incoming: Incoming | None) -> dict[str, Any]:
    """An EVSE with its connectors; the kind of current has another name in v2.0 than in v2.1."""
    connectors = [connector.fields for connector in connectors_of(backend, evse)]
    return {**evse.fields, "type": evse.fields.get("currentType"), "connectors": connectors}


SHOWING = {"charge-points": show_charge_point, "configurations": show_configuration, "evses": show_evse}
CREATING = {"evses": number_evse}
CHANGING = {"charge-points": change_both_forms, "evses": change_evse}
CREATED = {"charge-points": complete_charge_point, "evses": complete_evse}
REMOVED = {"charge-points": remove_parts, "evses": end_session_at}
HANDLERS: dict[str, Handler] = {
    "PATCH /public-api/resources/charge-points/v1.0/{chargePoint}/configurations/{key}": change_configuration,
    "PATCH /public-api/resources/charge-points/v2.0/{chargePoint}/configurations/{key}": change_configuration,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/send-data-transfer": send_data,
    **{
        f"POST {_CHARGE_POINT}/v2.0/{{chargePoint}}/{action}": supported("certificates", ask)
        for action in _WITH_CERTIFICATES
    },
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/get-diagnostics": get_diagnostics,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/get-security-log": get_security_log,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/sync-configuration": sync_configuration,
    f"POST {_CHARGE_POINT}/v2.0/{{chargePoint}}/update-firmware": update_firmware,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/disconnect": disconnect,
    f"POST {_CHARGE_POINT}/v2.0/{{chargePoint}}/set-security-profile": set_security_profile,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/reset-security-profile": reset_security_profile,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/trigger-message": trigger_message,
    "POST /public-api/actions/evse/v1.0/{evse}/trigger-message": trigger_message_of_evse,
    **{
        f"GET /public-api/resources/{path}": read_latest_log
        for path in (
            "charge-points/v2.0/{chargePoint}/latest-hardware-status-log",
            "charge-points/v2.0/{chargePoint}/latest-network-status-log",
            "evses/v2.0/{evse}/latest-hardware-status-log",
        )
    },
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/change-availability": change_availability,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/reset/{{type}}": reset,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/unlock/{{evse}}": unlock,
    f"POST {_CHARGE_POINT}/v2.0/{{chargePoint}}/set-configuration": set_configuration,
    f"POST {_CHARGE_POINT}/v1.0/{{chargePoint}}/change-owner": change_owner,
    f"POST {_CHARGE_POINT}/v2.0/{{chargePoint}}/change-sharing-code": change_sharing_code,
}
